//! What a process remembers of users that could not be read. A refresh reads the user while it rotates the session. If
//! that read fails, the client gets no tokens, and its next token comes late. During an outage of the users' table, this
//! must not happen to session after session.

use std::sync::atomic::{AtomicU64, Ordering};

use claims::{Span, Timestamp};

/// How long after a failed read of a user a process reads the user first.
const CAUTIOUS: Span = Span::seconds(60);

/// When a user could last not be read in this process.
#[derive(Debug, Default)]
pub struct Caution(AtomicU64);

impl Caution {
    /// Remembers that a user could not be read.
    pub(crate) fn note(&self, now: Timestamp) {
        self.0.store(now.get(), Ordering::Relaxed);
    }

    /// Returns whether a user could not be read a moment ago, so that the next refresh reads the user before it rotates.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now < Timestamp::new(self.0.load(Ordering::Relaxed)).plus(CAUTIOUS)
    }
}
