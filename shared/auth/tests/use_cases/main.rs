//! The use cases with stores in memory: what each returns, what it writes, and what it must not read.

#![cfg(test)]

mod doubles;
mod factors;
mod import;
mod login;
mod logout;
mod mail;
mod meanwhile;
mod refresh;
mod session_cap;
mod sessions;
mod siege;
mod throttling;
mod users;
mod world;
