//! The authorizer as API Gateway sees it: an event goes in, an answer or an error comes out, and every refusal is
//! logged.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "lints do not recognise test helpers as tests"
)]

mod agreement;
mod answers;
mod corpus;
mod formats;
mod harness;
mod iam;
mod kept;
mod limits;
mod routes;
mod spellings;
mod step_up;
mod vectors;
