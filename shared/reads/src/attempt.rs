//! The attempts of a call, and the time that they may take.

use std::{future::Future, time::Duration};

use tokio::time::{sleep, timeout};

use connections::{DEAF, Limits, NetworkFault};

use crate::fault::Fault;

/// The maximum length of an answer in bytes. A query returns up to 1 MB of items, which are longer as JSON.
const MAX_ANSWER: usize = 2 * 1024 * 1024;

// An attempt that reaches its time limit has waited for longer than `DEAF`, so its cancellation closes idle
// connections.
const _: () = assert!(DEAF.as_millis() < Patience::TABLES.attempt.as_millis());

/// The limits of a function's calls, which are short because a caller is waiting. In a function, the SDK's clients from
/// `store` have the same limits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The maximum time to connect.
    pub connect: Duration,
    /// The maximum time of one attempt, including the answer.
    pub attempt: Duration,
    /// The maximum time of all attempts of one call together.
    pub operation: Duration,
    /// The maximum number of attempts of one call.
    pub attempts: u32,
    /// The maximum wait before the second attempt. The maximum doubles for each further attempt.
    pub backoff: Duration,
}

impl Patience {
    /// The limits of calls to DynamoDB.
    pub const TABLES: Self = Self {
        connect: Duration::from_millis(500),
        attempt: Duration::from_millis(700),
        operation: Duration::from_secs(2),
        attempts: 3,
        backoff: Duration::from_millis(50),
    };
    /// The limits of calls to Secrets Manager. They differ from [`Self::TABLES`] only in the time of all attempts
    /// together. A request waits for such a call only if the process has no copy of the secret or its copy is old.
    pub const SECRETS: Self = Self {
        operation: Duration::from_secs(1),
        ..Self::TABLES
    };

    /// Returns the limits of one request.
    pub(crate) const fn limits(self) -> Limits {
        Limits {
            connect: self.connect,
            answer: MAX_ANSWER,
        }
    }

    /// Makes attempts until one succeeds or fails permanently, or until all attempts or all the time is used up.
    /// Returns the answer or the last failure. If the time is used up, the failure is [`NetworkFault::NoAnswer`].
    /// `jitter` returns a random byte, which determines the wait before the next attempt. Processes that fail at the
    /// same time therefore do not try again at the same time.
    pub(crate) async fn call<T, F: Future<Output = Result<T, Fault>>>(
        self,
        attempt: impl Fn() -> F,
        jitter: impl Fn() -> u8,
    ) -> Result<T, Fault> {
        let no_answer = || Err(Fault::Failed(NetworkFault::NoAnswer.into()));
        let attempts = async {
            let mut backoff = self.backoff;
            let mut left = self.attempts;
            loop {
                left = left.saturating_sub(1);
                let outcome = timeout(self.attempt, attempt()).await.unwrap_or_else(|_| no_answer());
                match outcome {
                    Err(fault) if fault.is_transient() && left > 0 => {}
                    settled => return settled,
                }
                sleep(backoff.mul_f64(f64::from(jitter()) / f64::from(u8::MAX))).await;
                backoff = backoff.saturating_mul(2);
            }
        };
        timeout(self.operation, attempts).await.unwrap_or_else(|_| no_answer())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use connections::Failure;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_transient_failure_is_tried_three_times() {
        let (count, broken) = (AtomicU32::new(0), Fault::Failed(NetworkFault::Broken.into()));

        let outcome = Patience::TABLES
            .call(
                || async {
                    count.fetch_add(1, Ordering::SeqCst);
                    Err::<(), _>(broken.clone())
                },
                || 255,
            )
            .await;

        assert_eq!((outcome, count.into_inner()), (Err(broken), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_for_good_is_not_tried_again() {
        let (count, denied) = (AtomicU32::new(0), Fault::from_refusal(400, b"{}"));

        let outcome = Patience::TABLES
            .call(
                || async {
                    count.fetch_add(1, Ordering::SeqCst);
                    Err::<(), _>(denied.clone())
                },
                || 0,
            )
            .await;

        assert_eq!((outcome, count.into_inner()), (Err(denied), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_that_hang_end_with_the_operation() {
        let begun = tokio::time::Instant::now();

        let outcome = Patience::SECRETS
            .call(|| async { std::future::pending::<Result<(), Fault>>().await }, || 255)
            .await;

        assert_eq!(outcome, Err(Fault::Failed(NetworkFault::NoAnswer.into())));
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_second_attempt_may_succeed() {
        let count = AtomicU32::new(0);
        let attempt = || async {
            let number = count.fetch_add(1, Ordering::SeqCst);
            (number > 0).then_some(number).ok_or(Fault::Failed(Failure::Unreadable))
        };

        assert_eq!(Patience::TABLES.call(attempt, || 1).await, Ok(1));
    }
}
