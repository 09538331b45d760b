//! What authorizers know: which tokens a revocation concerns, and how a reader follows the feed.

#![cfg(test)]

mod double;
mod reader;
mod revocations;
mod token;
