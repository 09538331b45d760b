//! A clock that a test moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use claims::{Clock, Moment};

/// The time at the start of every test, in milliseconds: 2023-11-14T22:13:20Z.
pub const NOW: Moment = Moment::new(1_700_000_000_000);

/// A clock that a test moves. All its clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock {
    moved: Arc<AtomicU64>,
    runs_since: Option<Instant>,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            moved: Arc::new(AtomicU64::new(NOW.get())),
            runs_since: None,
        }
    }
}

impl TestClock {
    /// Returns a clock that also advances in real time, for tests that measure durations.
    #[must_use]
    pub fn running() -> Self {
        Self {
            runs_since: Some(Instant::now()),
            ..Self::default()
        }
    }

    /// Moves the clock by whole seconds, forwards or backwards.
    pub fn advance(&self, seconds: i64) {
        let milliseconds = seconds.saturating_mul(1000);
        self.moved
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                now.checked_add_signed(milliseconds)
            })
            .unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let ran = self.runs_since.map_or(0, |since| since.elapsed().as_millis());
        let moved = self.moved.load(Ordering::SeqCst);
        Moment::new(moved.saturating_add(u64::try_from(ran).unwrap()))
    }
}
