//! The sources of an authorizer: which tokens a revocation affects, and how a reader follows the feed.

#![cfg(test)]

mod compaction;
mod double;
mod keys;
mod model;
mod reader;
mod revocations;
mod snapshots;
mod token;
