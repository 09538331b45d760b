//! What grows with users, sessions, devices, rules, keys and announcements, and what does not.
//!
//! What the store does is counted in calls, round trips and request units, because the time of the embedded engine is
//! not that of DynamoDB.

mod feed;
mod filler;
mod keys;
mod operations;
mod rules;
mod time;

use anyhow::bail;

pub(crate) use time::time_in_turn;

use crate::{contenders::Programs, store::Store};

/// Prints what each quantity costs at several sizes.
///
/// # Errors
/// If a bound is exceeded, or a process fails.
pub(crate) fn measure(programs: &Programs, store: &Store) -> anyhow::Result<()> {
    let exceeded = [
        rules::measure()?,
        keys::measure()?,
        operations::measure(programs, store)?,
        feed::measure(programs)?,
    ]
    .concat();
    if !exceeded.is_empty() {
        bail!("bounds are exceeded: {}", exceeded.join("; "));
    }
    Ok(())
}
