//! Users who are moved in by the operator's command line, against a real engine.

#![cfg(test)]

mod harness;
mod import;
mod resumption;
