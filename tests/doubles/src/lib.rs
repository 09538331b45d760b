//! Test doubles: stores in memory that obey the laws of the real ones.

mod everyone;
mod memory;

pub use everyone::{Everyone, everyone};
pub use memory::Memory;
