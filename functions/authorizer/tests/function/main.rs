//! The authorizer as API Gateway sees it: a question's text in, an answer or an error out, and a line in the log for
//! every refusal.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests to no lint"
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
mod vectors;
