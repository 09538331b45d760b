//! A function as Lambda sees it: an event goes in and a response comes out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "lints do not recognise test helpers as tests"
)]

mod answers;
mod corpus;
mod harness;
mod step_up;
mod vectors;
