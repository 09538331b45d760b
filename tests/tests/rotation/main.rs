//! Key rotation: what every reader believes while it goes on, and what its steps do when they come twice or too late.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    reason = "a sum that overflows fails the test that makes it"
)]

mod faults;
mod readers;
mod steps;
mod traffic;
mod vault;
