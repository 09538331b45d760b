//! The feed and the public keys that an authorizer follows: which tokens a revocation affects, and when the sources are
//! read.

#![cfg(test)]

mod compaction;
mod double;
mod keys;
mod model;
mod reader;
mod revocations;
mod snapshots;
mod token;
