//! What happens to a batch of records: they are delivered, retried, halved or given up.

use std::time::Duration;

use claims::{Span, Timestamp};

use super::{outcome::Outcome, record::Record};

/// The wait before the first retry. Each further retry waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait before a retry.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What happens to records that a function could not process. By default, they are retried for ever, all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Whether a batch that failed is halved, so that a record that always fails is isolated.
    pub bisects: bool,
    /// The maximum age of a record that is sent to the function.
    pub max_age: Option<Span>,
    /// The maximum number of retries after the first attempt. Halving a batch does not count.
    pub max_retries: Option<u64>,
}

/// Records that are sent together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    /// The number of attempts that counted as failures.
    pub(super) failures: u64,
}

/// The next steps after an attempt to deliver a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// The records that the function has processed, which come before all others.
    pub(super) delivered: Vec<Record>,
    /// The records that are given up because they were retried often enough.
    pub(super) given_up: Batch,
    /// The batches that are sent next, in order.
    pub(super) next: Vec<Batch>,
    /// The time after which they are sent.
    pub(super) wait: Duration,
}

impl Batch {
    /// Returns a batch that was never sent.
    pub(super) const fn new(records: Vec<Record>) -> Self {
        Self { records, failures: 0 }
    }

    /// Removes the records that are too old to be sent, and returns them. The records of a batch are in the order of
    /// their age.
    pub(super) fn take_expired(&mut self, limits: &Limits, now: Timestamp) -> Self {
        let is_expired = |record: &&Record| {
            limits
                .max_age
                .is_some_and(|max_age| now.since(record.created) > max_age)
        };
        let expired = self.records.iter().take_while(is_expired).count();
        let rest = self.records.split_off(expired);
        Self {
            records: std::mem::replace(&mut self.records, rest),
            failures: self.failures,
        }
    }
}

/// Returns what happens to a batch after an attempt to deliver it.
pub(super) fn decide(batch: Batch, outcome: Outcome, limits: &Limits) -> Decision {
    let Batch { mut records, failures } = batch;
    match outcome {
        Outcome::Delivered => Decision::new(records, Vec::new(), Duration::ZERO),
        Outcome::Unreached => Decision::new(Vec::new(), vec![Batch { records, failures }], FIRST_WAIT),
        Outcome::FailedFrom(first) => {
            let mut rest = records.split_off(first.min(records.len()));
            if limits.bisects && rest.len() > 1 {
                // The part before the failed record is delivered, so the batch is already split there.
                let middle = if records.is_empty() {
                    rest.len().div_ceil(2)
                } else {
                    rest.len()
                };
                let second = rest.split_off(middle);
                let parts = [rest, second].into_iter().filter(|part| !part.is_empty());
                let parts = parts.map(|records| Batch { records, failures }).collect();
                return Decision::new(records, parts, Duration::ZERO);
            }
            // A batch that begins with another record has not been retried yet.
            let failures = if records.is_empty() {
                failures.saturating_add(1)
            } else {
                1
            };
            let failed = Batch {
                records: rest,
                failures,
            };
            if limits.max_retries.is_some_and(|most| failures > most) {
                return Decision {
                    given_up: failed,
                    ..Decision::new(records, Vec::new(), Duration::ZERO)
                };
            }
            Decision::new(records, vec![failed], wait_after(failures))
        }
    }
}

impl Decision {
    const fn new(delivered: Vec<Record>, next: Vec<Batch>, wait: Duration) -> Self {
        Self {
            delivered,
            given_up: Batch::new(Vec::new()),
            next,
            wait,
        }
    }
}

/// Returns the wait before the next retry after this number of failures.
fn wait_after(failures: u64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 2_u32.saturating_pow(doublings);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use rstest::rstest;

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);
    const BISECTS: Limits = Limits {
        bisects: true,
        max_age: None,
        max_retries: Some(2),
    };
    const WHOLE: Limits = Limits {
        bisects: false,
        ..BISECTS
    };

    #[test]
    fn a_delivered_batch_is_done() {
        let decision = decide(batch("abc", 1), Outcome::Delivered, &BISECTS);

        assert_eq!(shown(&decision), ("abc".to_owned(), String::new(), vec![]));
        assert_eq!(decision.wait, Duration::ZERO);
    }

    #[test]
    fn an_attempt_that_did_not_reach_the_function_does_not_count() {
        let decision = decide(batch("abc", 2), Outcome::Unreached, &BISECTS);

        assert_eq!(
            shown(&decision),
            (String::new(), String::new(), vec![("abc".to_owned(), 2)])
        );
        assert_eq!(decision.wait, FIRST_WAIT);
    }

    #[rstest]
    #[case::first("abc", 0, 0, WHOLE, "", "", &[("abc", 1)])]
    #[case::again("abc", 1, 0, WHOLE, "", "", &[("abc", 2)])]
    #[case::too_often("abc", 2, 0, WHOLE, "", "abc", &[])]
    #[case::for_ever("abc", 99, 0, Limits { bisects: false, max_age: None, max_retries: None }, "", "", &[("abc", 100)])]
    #[case::from_the_middle("abc", 2, 1, WHOLE, "a", "", &[("bc", 1)])]
    #[case::from_the_middle_without_retries("abc", 0, 1, Limits { max_retries: Some(0), ..WHOLE }, "a", "bc", &[])]
    #[case::halved("abcd", 0, 0, BISECTS, "", "", &[("ab", 0), ("cd", 0)])]
    #[case::halved_unevenly("abc", 1, 0, BISECTS, "", "", &[("ab", 1), ("c", 1)])]
    #[case::split_at_the_failed_record("abcd", 1, 1, BISECTS, "a", "", &[("bcd", 1)])]
    #[case::alone("a", 1, 0, BISECTS, "", "", &[("a", 2)])]
    #[case::alone_too_often("a", 2, 0, BISECTS, "", "a", &[])]
    #[case::last_one("ab", 2, 1, BISECTS, "a", "", &[("b", 1)])]
    fn a_failed_batch_is_retried_or_given_up(
        #[case] records: &str,
        #[case] failures: u64,
        #[case] first: usize,
        #[case] limits: Limits,
        #[case] delivered: &str,
        #[case] given_up: &str,
        #[case] next: &[(&str, u64)],
    ) {
        let decision = decide(batch(records, failures), Outcome::FailedFrom(first), &limits);

        let next: Vec<_> = next
            .iter()
            .map(|(records, count)| ((*records).to_owned(), *count))
            .collect();
        assert_eq!(shown(&decision), (delivered.to_owned(), given_up.to_owned(), next));
    }

    #[test]
    fn a_record_that_always_fails_is_given_up_alone() {
        let mut pending = VecDeque::from([batch("abcdefgh", 0)]);
        let (mut delivered, mut given_up, mut attempts) = (String::new(), String::new(), 0);

        while let Some(batch) = pending.pop_front() {
            attempts += 1;
            let has_poison = batch.records.iter().any(|record| record.sequence_number == "c");
            let outcome = if has_poison {
                Outcome::FailedFrom(0)
            } else {
                Outcome::Delivered
            };
            let decision = decide(batch, outcome, &BISECTS);
            let (done, lost, _) = shown(&decision);
            delivered.push_str(&done);
            given_up.push_str(&lost);
            for batch in decision.next.into_iter().rev() {
                pending.push_front(batch);
            }
        }

        assert_eq!((delivered.as_str(), given_up.as_str()), ("abdefgh", "c"));
        assert_eq!(attempts, 9);
    }

    #[rstest]
    #[case(1, 1)]
    #[case(2, 2)]
    #[case(3, 4)]
    #[case(5, 16)]
    #[case(6, 30)]
    #[case(u64::MAX, 30)]
    fn each_retry_waits_longer(#[case] failures: u64, #[case] seconds: u64) {
        assert_eq!(wait_after(failures), Duration::from_secs(seconds));
    }

    #[rstest]
    #[case::no_limit(None, 0)]
    #[case::none_is_older(Some(3), 0)]
    #[case::one_is_older(Some(2), 1)]
    #[case::all_are_older(Some(0), 3)]
    fn records_above_the_maximum_age_are_taken_out(#[case] max_age: Option<u64>, #[case] expected: usize) {
        let mut batch = batch("abc", 1);
        for (age, record) in (1..=3).rev().zip(&mut batch.records) {
            record.created = Timestamp::new(NOW.get().saturating_sub(age));
        }
        let limits = Limits {
            max_age: max_age.map(Span::seconds),
            ..Limits::default()
        };

        let expired = batch.take_expired(&limits, NOW);

        assert_eq!((expired.records.len(), expired.failures), (expected, 1));
        assert_eq!(names(&expired.records) + &names(&batch.records), "abc");
    }

    type Shown = (String, String, Vec<(String, u64)>);

    fn shown(decision: &Decision) -> Shown {
        let next = decision.next.iter();
        (
            names(&decision.delivered),
            names(&decision.given_up.records),
            next.map(|batch| (names(&batch.records), batch.failures)).collect(),
        )
    }

    fn names(records: &[Record]) -> String {
        records.iter().map(|record| record.sequence_number.as_str()).collect()
    }

    fn batch(names: &str, failures: u64) -> Batch {
        let record = |name: char| Record {
            sequence_number: name.to_string(),
            created: NOW,
            event: serde_json::Value::Null,
        };
        Batch {
            records: names.chars().map(record).collect(),
            failures,
        }
    }
}
