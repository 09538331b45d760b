//! How a key set is followed: when it is read, how long a copy is used, and what happens if a read fails.

#![cfg(test)]

mod double;
mod edge;
mod reader;
