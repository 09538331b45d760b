//! The use cases over stores in memory: what each returns, what it writes, and what it does not even read.

#![cfg(test)]

mod doubles;
mod import;
mod login;
mod logout;
mod meanwhile;
mod refresh;
mod session_cap;
mod sessions;
mod siege;
mod throttling;
mod users;
mod world;
