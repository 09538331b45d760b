//! A function as Lambda sees it: an event goes in and a response comes out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests to no lint"
)]

mod answers;
mod corpus;
mod harness;
mod vectors;
