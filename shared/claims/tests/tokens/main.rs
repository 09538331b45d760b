//! Tokens as their issuer and their verifiers see them: what is accepted, and all that is not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "an error in a helper fails the test that uses it"
)]

mod attacks;
mod corpus;
mod debug;
mod harness;
mod jwks;
mod length;
mod properties;
mod rfc8725;
mod second_opinion;
mod strategies;
mod verification;
