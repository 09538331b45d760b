//! A signal that stops long work early: nothing more is started, and what is under way is finished.

use std::cell::Cell;

use tokio::sync::watch;

/// A stop signal, and the number of things that were started.
#[derive(Debug)]
pub(super) struct Stop {
    said: watch::Sender<bool>,
    begun: Cell<u64>,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self {
            said: watch::Sender::new(false),
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
    pub(super) fn say(&self) {
        self.said.send_replace(true);
    }

    /// Returns whether the signal was given.
    pub(super) fn is_said(&self) -> bool {
        *self.said.borrow()
    }

    /// Waits for the signal.
    pub(super) async fn said(&self) {
        let mut said = self.said.subscribe();
        // `wait_for` fails only if the sender is gone, and `self` is the sender.
        let _said = said.wait_for(|said| *said).await;
    }
}
