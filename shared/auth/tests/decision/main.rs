//! The refresh rule: row by row, second by second, and its laws for all numbers.

mod laws;
mod rows;
mod samples;
