//! The time by the clock of a service: the `Date` of its answers (RFC 9110 s6.6.1), and what has passed since.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use auth::error::StoreError;
use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextRef},
    error::BoxError,
    primitives::{DateTime, DateTimeFormat},
    types::AttributeValue,
};
use claims::{Millis, Timestamp};

use crate::{Accounts, fault::unavailable, users::USER_ID};

/// A date has whole seconds: so much later than it says may the answer have been made.
const REST_OF_THE_SECOND: u64 = 999;
/// The id of no user, which are at least one character long in the table.
const NOBODY: &str = "-";

/// Listens to the answers of requests that are given it as an interceptor, and remembers when the last one was made.
/// Answers that refuse the request count too.
#[derive(Clone, Debug, Default)]
pub struct ServerTime(Arc<Mutex<Option<Heard>>>);

/// What an answer said, and when it came.
#[derive(Clone, Copy, Debug)]
struct Heard {
    date: Timestamp,
    at: Instant,
}

impl ServerTime {
    /// The second in which the last answer was made; nothing where none has come, or it did not say.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        self.heard().map(|heard| heard.date)
    }

    /// The time by the service's clock now: at most a second ahead of it, and behind by at most what the answer took.
    #[must_use]
    pub fn now(&self) -> Option<Millis> {
        self.heard().map(|heard| time_after(heard.date, heard.at.elapsed()))
    }

    fn heard(&self) -> Option<Heard> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ServerTime {
    fn name(&self) -> &'static str {
        "ServerTime"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(date);
        let at = Instant::now();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| Heard { date, at });
        Ok(())
    }
}

impl Accounts {
    /// Asks DynamoDB for nothing, to learn the time by its clock.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn server_time(&self) -> Result<ServerTime, StoreError> {
        let time = ServerTime::default();
        let request = self
            .users
            .client
            .get_item()
            .table_name(&self.users.name)
            .key(USER_ID, AttributeValue::S(NOBODY.to_owned()))
            .projection_expression(USER_ID)
            .customize()
            .interceptor(time.clone());
        let answer = request.send().await;
        answer.map_err(|error| unavailable("read the server's time", &error))?;
        Ok(time)
    }
}

/// The second that a `Date` header names.
fn date(text: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(text, DateTimeFormat::HttpDate).ok()?;
    Some(Timestamp::new(date.secs().try_into().ok()?))
}

/// The latest that it can be so long after an answer of this second came.
fn time_after(date: Timestamp, elapsed: Duration) -> Millis {
    let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let began = date.get().saturating_mul(1000).saturating_add(REST_OF_THE_SECOND);
    Millis::new(began.saturating_add(elapsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_http_writes_it() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Wed, 31 Dec 1969 23:59:59 GMT", None),
            ("1994-11-06T08:49:37Z", None),
            ("", None),
        ] {
            assert_eq!(date(text), seconds.map(Timestamp::new), "{text}");
        }
    }

    #[test]
    fn the_time_is_never_behind_the_second_that_was_said() {
        let date = Timestamp::new(784_111_777);

        let times = [0, 1, 1_500].map(|millis| time_after(date, Duration::from_millis(millis)).get());

        assert_eq!(times, [784_111_777_999, 784_111_778_000, 784_111_779_499]);
    }
}
