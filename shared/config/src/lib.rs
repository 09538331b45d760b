//! Settings from the environment, and the system's clock and random numbers. Settings are typed and read once at the
//! start, and errors name the variable.
//!
//! ```
//! use config::Environment;
//!
//! let environment = Environment::from_iter([("MAX_SESSIONS", "0")]);
//! let error = environment.max_sessions().unwrap_err();
//! assert_eq!(error.to_string(), "MAX_SESSIONS: must be a number from 1 to 200");
//! ```

mod authorizer;
mod deletion;
mod delivery;
mod environment;
mod keys;
mod log_addresses;
mod mail;
mod origins;
mod pages;
mod passkeys;
mod passwords;
mod revocation;
mod runtime;
mod secret_names;
mod sessions;
mod system;
mod tables;
mod telemetry;
mod tokens;

pub use authorizer::AuthorizerResponse;
pub use environment::{ConfigError, Environment};
pub use keys::{KeyLocation, KeyPlace};
pub use log_addresses::{InvalidLogAddresses, LogAddresses};
pub use mail::{MailFrom, Registration};
pub use origins::Origins;
pub use pages::{Colour, InvalidColour};
pub use system::{SystemClock, random};
pub use telemetry::Telemetry;
