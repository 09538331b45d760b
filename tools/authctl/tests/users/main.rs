//! Users who are moved in, out and about by the operator's command line, against a real engine.

#![cfg(test)]

mod address;
mod clocks;
mod deletion;
mod export;
mod far_away;
mod harness;
mod import;
mod resumption;
