//! How long an answer of AWS is waited for: a function's caller waits too, an operator's line may be slow.

use std::time::Duration;

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};

/// How long calls of AWS are waited for, and how often they are tried. The SDK by itself waits for ever.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until there is a connection.
    connect: Duration,
    /// One try, answer included.
    attempt: Duration,
    /// All tries of one call.
    operation: Duration,
    /// All tries of one call for a secret.
    secret: Duration,
    /// Tries of one call.
    attempts: u32,
    /// The longest wait before the second try; it doubles for each one after that.
    backoff: Duration,
}

impl Patience {
    /// A function's: its caller is to have a 503 within three seconds. A request waits for a secret only where the copy is
    /// old.
    #[must_use]
    pub const fn of_function() -> Self {
        Self {
            connect: Duration::from_millis(500),
            attempt: Duration::from_millis(700),
            operation: Duration::from_secs(2),
            secret: Duration::from_secs(1),
            attempts: 3,
            backoff: Duration::from_millis(50),
        }
    }

    /// An operator's, who may be far away, on a line that others use too. One call ends within 50 seconds nevertheless:
    /// authorizers look for what is announced as long as a minute late.
    #[must_use]
    pub const fn of_operator() -> Self {
        Self {
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(30),
            operation: Duration::from_secs(50),
            secret: Duration::from_secs(50),
            attempts: 5,
            backoff: Duration::from_millis(200),
        }
    }

    pub(crate) fn timeouts(self) -> TimeoutConfig {
        self.with_operation(self.operation)
    }

    pub(crate) fn secret_timeouts(self) -> TimeoutConfig {
        self.with_operation(self.secret)
    }

    pub(crate) fn retries(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(self.backoff)
    }

    fn with_operation(self, operation: Duration) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(operation)
            .build()
    }
}
