//! What a process remembers of failed reads of users. Normally, a refresh reads the user while it rotates the session.
//! If the read fails, the session has rotated, but the client does not get its new tokens. For a while after such a
//! failure, each refresh reads its user first. If this read fails, the session is not rotated. An outage of the users'
//! table therefore leaves few sessions rotated without new tokens.

use std::sync::atomic::{AtomicU64, Ordering};

use claims::{Span, Timestamp};

/// The time after a failed read of a user during which each refresh reads its user before it rotates the session.
const CAUTIOUS: Span = Span::seconds(60);

/// When a read of a user last failed in this process. It is 0 if none has failed.
#[derive(Debug, Default)]
pub struct Caution(AtomicU64);

impl Caution {
    /// Remembers that a user could not be read.
    pub(crate) fn note(&self, now: Timestamp) {
        self.0.store(now.get(), Ordering::Relaxed);
    }

    /// Returns whether a read of a user failed within the last minute. If so, a refresh reads its user before it
    /// rotates the session.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now < Timestamp::new(self.0.load(Ordering::Relaxed)).plus(CAUTIOUS)
    }
}
