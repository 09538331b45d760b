//! The clock of a command: the time of the service that it writes to, or of this computer.

use std::time::{Duration, SystemTime};

use claims::{Clock, Moment};
use config::SystemClock;
use store::ServerTime;

use crate::output;

/// A clock that follows the time of the service that holds the data. With it, a command ends exactly the intended
/// sessions, even if this computer's clock is wrong.
#[derive(Debug)]
pub(crate) struct ServiceClock(ServerTime);

impl ServiceClock {
    /// Returns a clock that continues from this server time. If the service's answer had no date, prints a warning and
    /// uses this computer's clock.
    pub(crate) fn new(time: ServerTime) -> Self {
        if time.date().is_none() {
            output::print_note(
                "warning: the answer has no date, so this computer's clock is used: check that it is right",
            );
        }
        Self(time)
    }
}

/// Returns the time of this computer.
pub(crate) fn system_time() -> SystemTime {
    let since = Duration::from_millis(SystemClock.now().get());
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

impl Clock for ServiceClock {
    fn now(&self) -> Moment {
        self.0.now().unwrap_or_else(|| SystemClock.now())
    }
}
