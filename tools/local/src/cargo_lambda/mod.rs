//! The use of `cargo lambda`: install it, start it, invoke functions, stop it.

mod client;
mod crashes;
mod install;
mod watch;

pub(crate) use client::Client;
pub(crate) use install::ensure;
pub(crate) use watch::Watch;
