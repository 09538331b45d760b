//! Doubles for tests: stores in memory that obey the laws of the real ones, and tokens.

mod everyone;
mod memory;
mod secret;
mod tokens;

pub use everyone::{Everyone, everyone};
pub use memory::Memory;
pub use secret::MemorySecret;
pub use tokens::{access_claims, access_draft};
