//! The headers of an event, including repeated ones.

use std::collections::BTreeMap;

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Returns all headers, including repeated ones. In `single`, a repeated header has only its last value, so `multiple`
/// is used instead if it has any headers. Returns `None` if there are more headers than fit into a map.
pub(super) fn headers(
    single: Option<BTreeMap<String, String>>,
    multiple: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
) -> Option<HeaderMap> {
    let multiple = multiple.filter(|headers| !headers.is_empty());
    let named: Vec<(String, Vec<String>)> = match multiple {
        Some(multiple) => multiple.into_iter().collect(),
        None => single
            .into_iter()
            .flatten()
            .map(|(name, value)| (name, vec![value]))
            .collect(),
    };
    let cookies = cookies.map(|cookies| (header::COOKIE.to_string(), cookies));
    let mut headers = HeaderMap::new();
    for (name, values) in named.into_iter().chain(cookies) {
        // No code reads a header with an invalid name.
        let Ok(name) = HeaderName::try_from(name) else {
            continue;
        };
        for value in values {
            headers.try_append(&name, header_value(&value)?).ok()?;
        }
    }
    Some(headers)
}

/// Returns the value of a header. Characters that HTTP does not allow are replaced. A value is never dropped, because a
/// missing `Origin` is trusted more than a malformed one.
fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&text.replace(char::is_control, "\u{fffd}")).ok()
}

#[cfg(test)]
mod tests {
    use lambda_http::http::header;
    use rstest::rstest;
    use serde_json::{Map, Value, json};

    use super::super::{
        read,
        tests::{v1, v2},
    };
    use crate::ErrorCode;

    #[test]
    fn every_value_of_a_header_is_kept_where_the_event_has_them() {
        let (_, request) = read(&v1(json!({
            "headers": {"origin": "https://second.example"},
            "multiValueHeaders": {"Origin": ["https://first.example", "https://second.example"]},
        })));

        let origins = ["https://first.example", "https://second.example"];
        assert_eq!(request.unwrap().values(&header::ORIGIN), origins);
    }

    #[rstest]
    #[case::control("a\u{1}b", "a\u{fffd}b")]
    #[case::line_break("a\r\nb", "a\u{fffd}\u{fffd}b")]
    #[case::not_ascii("caf\u{e9}", "caf\u{e9}")]
    #[case::empty("", "")]
    fn what_a_header_cannot_carry_is_replaced_and_not_dropped(#[case] sent: &str, #[case] read_as: &str) {
        let (_, request) = read(&v2(json!({"headers": {"origin": sent, "bad name": "x", "other": "1"}})));

        let request = request.unwrap();
        assert_eq!(request.http.headers()["origin"].as_bytes(), read_as.as_bytes());
        assert_eq!(request.http.headers()["other"], "1");
        assert_eq!(request.http.headers().len(), 2);
    }

    #[test]
    fn more_headers_than_fit_are_refused() {
        let headers: Map<String, Value> = (0..40_000).map(|n| (format!("x-{n}"), "1".into())).collect();

        let (_, request) = read(&v2(json!({"headers": headers})));

        assert_eq!(request.unwrap_err().code, ErrorCode::InvalidRequest);
    }
}
