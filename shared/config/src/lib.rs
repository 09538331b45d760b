//! What the environment says: typed, read once at start, with errors that name the variable.

mod authorizer;
mod environment;
mod keys;
mod origins;
mod passwords;
mod revocation;
mod runtime;
mod sessions;
mod system;
mod tables;
mod telemetry;
mod tokens;

pub use environment::{ConfigError, Environment};
pub use keys::{KeyLocation, KeyPlace};
pub use origins::Origins;
pub use system::{SystemClock, random};
pub use telemetry::Telemetry;
