//! A DynamoDB engine for tests, with the tables of the template, behind a connection that tests can break.

#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "an error in the harness fails the test that uses it"
)]

mod engine;
mod template;
mod wire;

pub use engine::Engine;
pub use hyper::StatusCode;
pub use template::template;
pub use wire::{Crossing, Fault, Wire};
