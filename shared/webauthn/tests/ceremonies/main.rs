//! Tests of registrations and assertions through the public API: what is accepted, and what is refused.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "an error in a helper fails the test that uses it"
)]

mod authenticator;
mod cases;
mod challenges;
mod corpus;
mod counters;
mod harness;
mod keychain;
mod mutations;
mod options;
mod passkeys;
mod refusals;
mod responses;
mod tolerance;
