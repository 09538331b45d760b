//! What the fuzzer tries: a function of bytes for each way in which a stranger's bytes come in.

pub mod event;
pub mod jwks;
pub mod key_set;
pub mod request_body;
pub mod token;
