//! How keys are made and scheduled: for the rotation function and the tools, never in a request path.

mod generation;
mod rotation;

pub use generation::{KeyGenerationError, access_key_set, key, pseudonym_key, refresh_key_set};
pub use rotation::{LEAD, NoSuchKey, RotationError, Withdrawn, continues, rotated, withdrawn};
