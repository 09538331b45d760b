//! The refresh rule: each row of the table in docs/sessions.md, on both sides of each boundary, and laws for arbitrary
//! generations and times.

mod laws;
mod rows;
mod samples;
