//! The refresh rule: row by row, second by second, and what holds of it for all numbers.

mod laws;
mod rows;
mod samples;
