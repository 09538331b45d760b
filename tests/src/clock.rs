//! A clock that moves when a test says so.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use claims::{Clock, Millis};

/// When every test begins, in milliseconds: 2023-11-14T22:13:20Z.
pub const NOW: Millis = Millis::new(1_700_000_000_000);

/// A clock that all functions of a stack share.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(NOW.get())))
    }
}

impl TestClock {
    /// Moves it on by whole seconds, or back.
    pub fn advance(&self, seconds: i64) {
        let milliseconds = seconds.saturating_mul(1000);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                now.checked_add_signed(milliseconds)
            })
            .unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis::new(self.0.load(Ordering::SeqCst))
    }
}
