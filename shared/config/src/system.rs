//! The machine's clock and its source of random numbers: the two things that no variable says.

use std::time::{SystemTime, UNIX_EPOCH};

use claims::{Clock, Millis};
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
    fn now(&self) -> Millis {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::new(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's random numbers. Drawing panics if it has none, which Linux never does.
#[must_use]
pub fn random() -> impl CryptoRng {
    UnwrapErr(SysRng)
}
