//! Key rotation: what every reader believes while it goes on, and what its steps do when they come twice or too late.

#![cfg(test)]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper that goes wrong fails the test that uses it"
)]

mod faults;
mod readers;
mod steps;
mod traffic;
mod vault;
