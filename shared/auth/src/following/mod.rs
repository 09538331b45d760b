//! Following a source: a copy that is read again when it is due.

mod freshness;
mod on_failure;

pub(crate) use freshness::{ForKey, Freshness};
pub use on_failure::{Following, InvalidOnFailure, OnFailure, Undecided};
