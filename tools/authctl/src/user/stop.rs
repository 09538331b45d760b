//! The end of a long piece of work before its time: nothing more is begun, and what is under way is waited for.

use std::cell::Cell;

use tokio::sync::watch;

/// Whether nothing more is to be begun, and how much was.
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

    /// Takes note of one more that is begun.
    pub(super) fn count_begun(&self) {
        self.begun.set(self.begun.get().saturating_add(1));
    }

    /// How many were begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun.get()
    }

    /// Has nothing more begun.
    pub(super) fn say(&self) {
        self.said.send_replace(true);
    }

    /// Whether it was said.
    pub(super) fn is_said(&self) -> bool {
        *self.said.borrow()
    }

    /// Returns when it was said.
    pub(super) async fn said(&self) {
        let mut said = self.said.subscribe();
        // It ends with an error where nobody can say it any more, and this one can.
        let _said = said.wait_for(|said| *said).await;
    }
}
