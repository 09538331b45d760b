//! The fuzz targets: one function of bytes for each way in which untrusted bytes arrive.

pub mod event;
pub mod jwks;
pub mod key_set;
pub mod request_body;
pub mod token;
