//! The refresh rule, `Session::decide`: each of its cases, on both sides of each boundary, and laws for arbitrary
//! generations and times.

mod laws;
mod rows;
mod samples;
