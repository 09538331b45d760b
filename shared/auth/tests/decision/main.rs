//! The refresh rule: each of its rows, on both sides of each boundary, and its laws for all numbers.

mod laws;
mod rows;
mod samples;
