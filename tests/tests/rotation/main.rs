//! Key rotation: which keys every reader trusts during it, and what its steps do when they are repeated or late.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test that makes it")]

mod faults;
mod readers;
mod steps;
mod traffic;
mod vault;
