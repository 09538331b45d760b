//! The machine's clock and its random number generator. Neither depends on an environment variable.

use std::time::{SystemTime, UNIX_EPOCH};

use claims::{Clock, Moment};
#[expect(
    clippy::disallowed_types,
    reason = "the one place that asks the system for random numbers"
)]
use rand::rngs::SysRng;
use rand::{CryptoRng, rand_core::UnwrapErr};

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Moment {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::new(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Returns the operating system's random number generator. Drawing a number panics if the system has no generator,
/// which never happens on Linux.
#[must_use]
pub fn random() -> impl CryptoRng {
    UnwrapErr(SysRng)
}
