//! How a key set is followed: when it is read, how long a copy serves, and what is made of no answer.

#![cfg(test)]

mod double;
mod edge;
mod reader;
