//! The conversion of column values from JSON and CSV. In CSV, every value is a string. `None` means that a value is
//! invalid.

use claims::{Timestamp, UserId};
use serde_json::{Map, Value};

/// The maximum length of a user id in bytes: the length of a generated id. Every token contains a user id, and the size
/// limit of tokens relies on this maximum.
const MAX_USER_ID: usize = 36;

/// Returns the value as an object. A string is parsed as JSON.
pub(super) fn object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Returns the value as a whole number. A string is parsed as one.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Returns the value as a user's id.
pub(super) fn user_id(value: &Value) -> Option<UserId> {
    let text = value.as_str().filter(|text| text.len() <= MAX_USER_ID)?;
    UserId::parse(text).ok()
}

/// Returns the value as a timestamp. The value is a number of seconds since 1970, or a date and time as in RFC 3339.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    let at = match number(value) {
        Some(seconds) => jiff::Timestamp::from_second(seconds.try_into().ok()?).ok()?,
        None => value.as_str()?.parse().ok()?,
    };
    at.as_second().try_into().ok().map(Timestamp::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_beyond_the_calendar_is_refused() {
        for wrong in [
            "1969-12-31T23:59:59Z",
            "253402300800",
            "18446744073709551616",
            "yesterday",
            "2026-11-25",
        ] {
            assert_eq!(timestamp(&json!(wrong)), None, "{wrong}");
        }
    }
}
