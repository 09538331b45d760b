//! Tests of tokens through the public API: what is accepted, and what is refused.

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
mod links;
mod properties;
mod remembered;
mod rfc8725;
mod second_opinion;
mod strategies;
mod verification;
