//! Doubles for tests: stores in memory that obey the laws of the real ones.

mod everyone;
mod memory;
mod secret;

pub use everyone::{Everyone, everyone};
pub use memory::Memory;
pub use secret::MemorySecret;
