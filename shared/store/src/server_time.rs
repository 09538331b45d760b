//! The time by a service's clock: the `Date` of its answers (RFC 9110 s6.6.1), plus the time since then.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use auth::error::StoreError;
use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextRef},
    error::BoxError,
    primitives::{DateTime, DateTimeFormat},
};
use claims::{Moment, Timestamp};

use crate::{Accounts, fault::unavailable};

/// The maximum time from the date in an answer to the moment at which the answer was made, in milliseconds. A date has
/// only whole seconds.
const REST_OF_THE_SECOND: u64 = 999;

/// Remembers the `Date` of the last answer to the requests that it intercepts. Answers that refuse a request count as
/// well.
#[derive(Clone, Debug, Default)]
pub struct ServerTime(Arc<Mutex<Option<Heard>>>);

/// The date in an answer, and when the answer came.
#[derive(Clone, Copy, Debug)]
struct Heard {
    date: Timestamp,
    at: Instant,
}

impl ServerTime {
    /// Returns the second in which the last answer was made, or `None` if there was no answer or it had no date.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        self.last_heard().map(|heard| heard.date)
    }

    /// Returns the present time by the service's clock, or `None` if there was no answer or it had no date. The time is
    /// ahead of that clock by at most a second, and behind it by at most the time that the answer took to arrive.
    #[must_use]
    pub fn now(&self) -> Option<Moment> {
        self.last_heard()
            .map(|heard| time_after(heard.date, heard.at.elapsed()))
    }

    fn last_heard(&self) -> Option<Heard> {
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
        let date = context.response().headers().get("date").and_then(parse_date);
        let at = Instant::now();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| Heard { date, at });
        Ok(())
    }
}

impl Accounts {
    /// Returns the time by DynamoDB's clock, from the answer to a request for an item that does not exist.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn server_time(&self) -> Result<ServerTime, StoreError> {
        let time = ServerTime::default();
        let request = self.users.find_nobody().customize().interceptor(time.clone());
        let answer = request.send().await;
        answer.map_err(|error| unavailable("read the server's time", &error))?;
        Ok(time)
    }
}

/// Parses the second in a `Date` header.
fn parse_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(text, DateTimeFormat::HttpDate).ok()?;
    Some(Timestamp::new(date.secs().try_into().ok()?))
}

/// Returns the end of the second `date`, plus `elapsed`. `elapsed` is the time since the answer arrived.
fn time_after(date: Timestamp, elapsed: Duration) -> Moment {
    let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let began = date.get().saturating_mul(1000).saturating_add(REST_OF_THE_SECOND);
    Moment::new(began.saturating_add(elapsed))
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
            assert_eq!(parse_date(text), seconds.map(Timestamp::new), "{text}");
        }
    }

    #[test]
    fn the_time_is_never_behind_the_second_of_the_header() {
        let date = Timestamp::new(784_111_777);

        let times = [0, 1, 1_500].map(|millis| time_after(date, Duration::from_millis(millis)).get());

        assert_eq!(times, [784_111_777_999, 784_111_778_000, 784_111_779_499]);
    }
}
