//! The fuzz targets: for each kind of input that is parsed, a function that takes arbitrary bytes.

pub mod event;
pub mod jwks;
pub mod key_set;
pub mod passkey;
pub mod request_body;
pub mod token;
