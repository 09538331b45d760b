//! A whole Gatehouse in one process, for tests: the gateway emulator, the functions' own handlers, and a DynamoDB
//! engine behind a wire that can be cut.

#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an error in the harness fails the test that uses it"
)]

mod answer;
mod call;
mod clock;
mod engine;
mod functions;
mod keys;
mod log;
mod secrets;
mod settings;
mod stack;
mod wire;

pub use answer::Answer;
pub use call::Call;
pub use clock::{NOW, TestClock};
pub use engine::Engine;
pub use functions::{FUNCTIONS, InProcess, Parts, Process, make};
pub use keys::{EDGE_KEYS, Keys, access_keys, jwks, refresh_keys};
pub use log::Log;
pub use secrets::Secrets;
pub use settings::{Parameter, Variable, parameters, variables};
pub use stack::{EMAIL, PASSWORD, Stack, aws_variables, environment, template};
pub use wire::{Crossing, Fault, Wire};
