//! Doubles for tests: clocks, a log, stores in memory that obey the laws of the real ones, a service of AWS, tokens, and
//! the data that tests read.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "an error in a double fails the test that uses it"
)]

mod authenticator;
mod clock;
mod corpus;
mod everyone;
mod log;
mod memory;
mod secret;
mod service;
mod still;
mod tokens;
mod vectors;

pub use authenticator::Authenticator;
pub use clock::{NOW, TestClock};
pub use corpus::replay;
pub use everyone::{Everyone, everyone};
pub use log::Log;
pub use memory::Memory;
pub use secret::MemorySecret;
pub use service::{Reply, Request, Service};
pub use still::Still;
pub use tokens::{access_claims, access_draft};
pub use vectors::vectors;
