//! A signal that stops long work early: nothing more is started, and what is under way is finished.

use std::cell::Cell;

use tokio::sync::watch;

/// A stop signal, and the number of things that were started.
#[derive(Debug)]
pub(super) struct Stop {
    requested: watch::Sender<bool>,
    begun: Cell<u64>,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self {
            requested: watch::Sender::new(false),
            begun: Cell::new(0),
        }
    }

    /// Counts one more that was started.
    pub(super) fn count_begun(&self) {
        self.begun.set(self.begun.get().saturating_add(1));
    }

    /// Returns how many were started.
    pub(super) fn begun(&self) -> u64 {
        self.begun.get()
    }

    /// Gives the signal.
    pub(super) fn request(&self) {
        self.requested.send_replace(true);
    }

    /// Returns whether the signal was given.
    pub(super) fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Waits for the signal.
    pub(super) async fn requested(&self) {
        let mut requested = self.requested.subscribe();
        // `wait_for` fails only if the sender is gone, and `self` is the sender.
        let _said = requested.wait_for(|requested| *requested).await;
    }
}
