//! What time a command takes it to be: what the service says that it writes to.

use claims::{Clock, Millis};
use config::SystemClock;
use store::ServerTime;

use crate::output;

/// The clock of a service, so that a computer whose own is wrong ends no more and no less than was asked.
#[derive(Debug)]
pub(crate) struct ServiceClock(ServerTime);

impl ServiceClock {
    /// The clock that told this time. One that did not tell any is replaced by this computer's.
    pub(crate) fn new(time: ServerTime) -> Self {
        if time.date().is_none() {
            output::note("warning: the answer says no time, so the clock of this computer counts: is it right?");
        }
        Self(time)
    }
}

impl Clock for ServiceClock {
    fn now(&self) -> Millis {
        self.0.now().unwrap_or_else(|| SystemClock.now())
    }
}
