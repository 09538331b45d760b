//! How often mail may be requested for one address: the rule, as pure functions.
//!
//! | mails requested so far | the next one is queued |
//! |---|---|
//! | 0 or 1 | at once |
//! | 2, 3, ... 7 | 1, 2, ... 32 minutes after the last one |
//! | 8 or more | an hour after the last one |
//!
//! A record is forgotten 24 hours after the last request. Every mail goes to the address itself, so its owner still
//! finds a fresh link in the mailbox while somebody else keeps asking.

use claims::{Moment, Span, TokenId};

/// The number of mails that are queued at once.
pub const FREE_MAILS: u64 = 2;
/// The first wait.
const FIRST_WAIT: Span = Span::seconds(60);
/// The longest wait.
pub const MAX_MAIL_WAIT: Span = Span::seconds(60 * 60);
/// How long after the last request a record is forgotten.
pub const MAIL_FORGOTTEN_AFTER: Span = Span::seconds(24 * 60 * 60);

/// What is recorded about the requests for mail to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRecord {
    /// How many mails were queued.
    pub asks: u64,
    /// When the last one was queued.
    pub asked_at: Moment,
    /// The id of the request that queued it.
    pub attempt: TokenId,
}

/// Whether a mail was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queueing {
    /// The mail is queued.
    Queued,
    /// The next mail to this address is queued after this wait. Nothing has changed.
    Wait(Span),
}

impl MailRecord {
    /// Returns whether the record is so old that nothing in it counts any more.
    #[must_use]
    pub fn is_forgotten(&self, now: Moment) -> bool {
        self.asked_at <= now.minus(MAIL_FORGOTTEN_AFTER)
    }

    /// Returns whether the mail of this request is queued at `now`. A request that was recorded already is repeated
    /// because its answer was lost.
    #[must_use]
    pub fn admit(&self, attempt: &TokenId, now: Moment) -> Queueing {
        if self.is_forgotten(now) || self.attempt == *attempt {
            return Queueing::Queued;
        }
        let wait = mail_wait_after(self.asks).get().saturating_mul(1000);
        let left = wait.saturating_sub(now.get().saturating_sub(self.asked_at.get()));
        if left == 0 {
            return Queueing::Queued;
        }
        Queueing::Wait(Span::seconds(left.div_ceil(1000)))
    }

    /// Returns the record after a request that is admitted and was not recorded before. `known` is the record before
    /// the request, or `None` if there is no record.
    #[must_use]
    pub fn asked(known: Option<&Self>, attempt: &TokenId, now: Moment) -> Self {
        let asks = known
            .filter(|known| !known.is_forgotten(now))
            .map_or(0, |known| known.asks);
        Self {
            asks: asks.saturating_add(1),
            asked_at: now,
            attempt: attempt.clone(),
        }
    }
}

/// Returns the wait after this many mails.
#[must_use]
pub fn mail_wait_after(asks: u64) -> Span {
    let Some(doublings) = asks.checked_sub(FREE_MAILS) else {
        return Span::seconds(0);
    };
    let factor = u32::try_from(doublings)
        .ok()
        .and_then(|doublings| 1_u64.checked_shl(doublings));
    Span::seconds(FIRST_WAIT.get().saturating_mul(factor.unwrap_or(u64::MAX))).min(MAX_MAIL_WAIT)
}

/// Returns the numbers of mails that cause a wait shorter than [`MAX_MAIL_WAIT`], in ascending order, each with its
/// wait.
pub fn growing_mail_waits() -> impl Iterator<Item = (u64, Span)> {
    (FREE_MAILS..)
        .map(|asks| (asks, mail_wait_after(asks)))
        .take_while(|(_, wait)| *wait < MAX_MAIL_WAIT)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

    #[test]
    fn waits_begin_after_two_mails_and_double_to_an_hour() {
        let waits: Vec<u64> = (0..11).map(|asks| mail_wait_after(asks).get() / 60).collect();

        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(mail_wait_after(u64::MAX), MAX_MAIL_WAIT);
    }

    #[test]
    fn under_siege_an_address_gets_at_most_thirty_mails_a_day() {
        let mut record: Option<MailRecord> = None;
        let mut mails = 0;
        for second in 0..24 * 60 * 60 {
            let now = Moment::new(NOW.get() + second * 1000);
            let attempt = TokenId::parse(format!("attempt-{second}")).unwrap();
            let admitted = record
                .as_ref()
                .map_or(Queueing::Queued, |record| record.admit(&attempt, now));
            if admitted == Queueing::Queued {
                mails += 1;
                record = Some(MailRecord::asked(record.as_ref(), &attempt, now));
            }
        }

        assert_eq!(mails, 30);
    }

    #[rstest]
    #[case::second(1, 0, Queueing::Queued)]
    #[case::third(2, 0, Queueing::Wait(Span::seconds(60)))]
    #[case::rounded_up(2, 59_001, Queueing::Wait(Span::seconds(1)))]
    #[case::over(2, 60_000, Queueing::Queued)]
    #[case::longest(40, 3_599_999, Queueing::Wait(Span::seconds(1)))]
    #[case::longest_over(40, 3_600_000, Queueing::Queued)]
    fn a_request_waits_since_the_last_one(#[case] asks: u64, #[case] past: u64, #[case] expected: Queueing) {
        let admitted = record(asks).admit(
            &TokenId::parse("other").unwrap(),
            Moment::new(NOW.get().saturating_add(past)),
        );

        assert_eq!(admitted, expected);
    }

    #[test]
    fn a_repeated_request_is_not_another_one_and_a_day_later_all_is_forgotten() {
        let attempt = TokenId::parse("attempt").unwrap();
        let day = MAIL_FORGOTTEN_AFTER.get() * 1000;

        assert_eq!(record(40).admit(&attempt, NOW), Queueing::Queued);
        let next = Moment::new(NOW.get() + day);
        assert_eq!(MailRecord::asked(Some(&record(40)), &attempt, next).asks, 1);
        let before = Moment::new(next.get() - 1);
        assert_eq!(MailRecord::asked(Some(&record(40)), &attempt, before).asks, 41);
    }

    fn record(asks: u64) -> MailRecord {
        MailRecord {
            asks,
            asked_at: NOW,
            attempt: TokenId::parse("attempt").unwrap(),
        }
    }
}
