//! What one invocation of a process that has just started asks of the store.

use std::time::Duration;

use crate::{
    measure::{Contender, Mode, run},
    proxy::{Proxy, Units, round_trips},
};

/// The time of a call to DynamoDB within a region.
pub(crate) const CALL: Duration = Duration::from_millis(4);

/// The store calls of one invocation, and what they cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) calls: usize,
    pub(crate) trips: usize,
    pub(crate) read: f64,
    pub(crate) write: f64,
}

/// Starts a new process and invokes it once. Returns its store calls. It uses the store through the proxy.
///
/// # Errors
/// If the process fails, or gives a wrong answer.
pub(crate) fn count(contender: &mut Contender, proxy: &Proxy) -> anyhow::Result<Counted> {
    proxy.set_duration(CALL);
    // If a user has to log in to make the event, that login does not use the proxy.
    proxy.take();
    run(contender, Mode::PagesWarm, 0)?;
    let calls = proxy.take();
    let mut counted = Counted {
        calls: calls.len(),
        trips: round_trips(&calls),
        ..Counted::default()
    };
    for call in calls {
        match call.units {
            Units::Read(units) => counted.read += units,
            Units::Write(units) => counted.write += units,
        }
    }
    Ok(counted)
}
