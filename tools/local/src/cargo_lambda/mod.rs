//! `cargo lambda`: found or installed, started, invoked, stopped.

mod client;
mod crashes;
mod install;
mod watch;

pub(crate) use client::Client;
pub(crate) use install::ensure;
pub(crate) use watch::Watch;
