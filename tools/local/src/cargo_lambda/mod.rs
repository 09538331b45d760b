//! `cargo lambda`: found or installed, started, invoked, stopped.

mod client;
mod crashes;
mod install;
mod watch;

pub use client::Client;
pub use install::ensure;
pub use watch::Watch;
