//! Users who are moved in and out by the operator's command line, against a real engine.

#![cfg(test)]

mod export;
mod harness;
mod import;
mod resumption;
