//! Doubles for tests: a clock that a test moves, and stores in memory that obey the laws of the real ones.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "an error in a double fails the test that uses it"
)]

mod clock;
mod everyone;
mod memory;
mod secret;

pub use clock::{NOW, TestClock};
pub use everyone::{Everyone, everyone};
pub use memory::Memory;
pub use secret::MemorySecret;
