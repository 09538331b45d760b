//! The last mail to an address, as operators see it.

use claims::{Moment, Span, TokenId};

use crate::mail::{MailRecord, Purpose, Queueing};

/// The last mail that was requested for an address, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestMail {
    /// Why it was requested.
    pub purpose: Purpose,
    /// The count of requests, and when the last one was made.
    pub record: MailRecord,
    /// When the mailer was done with it, or `None` if it waits. Only for a test letter does this mean that a letter was
    /// due.
    pub done_at: Option<Moment>,
    /// Why a test letter was not sent, if it was not.
    pub refused: Option<String>,
}

impl LatestMail {
    /// Returns how many requests count now.
    #[must_use]
    pub fn counted(&self, now: Moment) -> u64 {
        if self.record.is_forgotten(now) {
            0
        } else {
            self.record.asks
        }
    }

    /// Returns how long a request with this new id has to wait now.
    #[must_use]
    pub fn wait(&self, next: &TokenId, now: Moment) -> Span {
        match self.record.admit(next, now) {
            Queueing::Queued => Span::seconds(0),
            Queueing::Wait(wait) => wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_request_waits_and_after_a_day_nothing_counts() {
        let at = Moment::new(1_700_000_000_000);
        let id = |text: &str| TokenId::parse(text).unwrap();
        let latest = LatestMail {
            purpose: Purpose::Reset,
            record: MailRecord {
                asks: 2,
                asked_at: at,
                attempt: id("second"),
            },
            done_at: None,
            refused: None,
        };
        let (soon, next_day) = (Moment::new(at.get() + 20_000), Moment::new(at.get() + 86_400_000));

        assert_eq!((latest.counted(soon), latest.wait(&id("third"), soon).get()), (2, 40));
        assert_eq!(
            (latest.counted(next_day), latest.wait(&id("third"), next_day).get()),
            (0, 0)
        );
    }
}
