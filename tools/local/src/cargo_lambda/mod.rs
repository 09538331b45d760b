//! All uses of `cargo lambda`: installing, starting and stopping it, and invoking functions.

mod client;
mod crashes;
mod install;
mod watch;

pub(crate) use client::Client;
pub(crate) use install::ensure;
pub(crate) use watch::Watch;
