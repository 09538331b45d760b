//! Timeouts and retries of AWS calls. A function has to answer quickly, while an operator may have a slow connection.

use std::time::Duration;

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};

/// Timeouts and retries of AWS calls. The SDK itself would wait for an answer without a limit.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The maximum time to connect.
    connect: Duration,
    /// The maximum time of one try, including the answer.
    attempt: Duration,
    /// The maximum time of all tries of one call together.
    operation: Duration,
    /// The maximum time of all tries of one call to Secrets Manager together.
    secret: Duration,
    /// The maximum number of tries of one call.
    attempts: u32,
    /// The maximum wait before the second try. The maximum doubles for each further try.
    backoff: Duration,
}

impl Patience {
    /// Returns the limits for a function, which has to answer within three seconds. Calls to Secrets Manager have a
    /// shorter limit than others.
    #[must_use]
    pub const fn for_function() -> Self {
        let tables = reads::Patience::TABLES;
        Self {
            connect: tables.connect,
            attempt: tables.attempt,
            operation: tables.operation,
            secret: reads::Patience::SECRETS.operation,
            attempts: tables.attempts,
            backoff: tables.backoff,
        }
    }

    /// Returns the limits for an operator, who may be far away and on a shared connection. One call still ends within
    /// 50 seconds, because the retention of announcements has a margin of only a minute for late writes.
    #[must_use]
    pub const fn for_operator() -> Self {
        Self {
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(30),
            operation: Duration::from_secs(50),
            secret: Duration::from_secs(50),
            attempts: 5,
            backoff: Duration::from_millis(200),
        }
    }

    /// Returns the limits for sending a mail. No person waits for it, but a mail that is sent again after a timeout can
    /// arrive twice, so a try takes longer than that of a table. A second try is for connections and throttling.
    #[must_use]
    pub const fn for_mail() -> Self {
        Self {
            connect: Duration::from_secs(2),
            attempt: Duration::from_secs(4),
            operation: Duration::from_secs(8),
            attempts: 2,
            backoff: Duration::from_millis(200),
            ..Self::for_function()
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
