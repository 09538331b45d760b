//! A whole Gatehouse in one process, for tests: the gateway emulator, the functions' own handlers, and a DynamoDB
//! engine behind a connection that tests can break.

#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an error in the harness fails the test that uses it"
)]

mod answer;
mod call;
mod contract;
mod environment;
mod functions;
mod keys;
mod links;
mod passkeys;
mod rank;
mod second_factor;
mod secrets;
mod settings;
mod stack;

pub use answer::Answer;
pub use call::Call;
pub use contract::{check_value, contract, resolve_component};
pub use doubles::{Log, NOW, TestClock};
pub use engine::{Crossing, Engine, Fault, Wire, template};
pub use environment::{aws_variables, environment, template_of};
pub use functions::{FUNCTIONS, InProcess, Parts, Process, make};
pub use keys::{EDGE_KEYS, FACTOR_KEY, Keys, MAIL_KEY, PSEUDONYM_KEY, access_keys, jwks, refresh_keys};
pub use links::{address_link, keep_link, register_link, reset_link};
pub use local::Message;
pub use passkeys::{authenticator, confirmation_response, login_response, registration_response, second_step_response};
pub use rank::rank_test;
pub use second_factor::{RECOVERY_CODE, enrolment, factor_code, second_token, second_token_after};
pub use secrets::Secrets;
pub use settings::{Parameter, Variable, parameters, variables};
pub use stack::{EMAIL, PASSWORD, Stack};
