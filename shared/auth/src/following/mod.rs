//! Following a source: keeping a copy that is read again when due.

mod freshness;
mod on_failure;

pub(crate) use freshness::{ForKey, Freshness};
pub use on_failure::{Following, InvalidOnFailure, OnFailure, Undecided};
