//! The answers that callers get.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

/// A complete answer of the gateway.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Returns the body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns the string with this name in the JSON body.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap().to_owned()
    }

    /// Returns the `error` of the JSON body.
    #[must_use]
    pub fn error(&self) -> String {
        self.text("error")
    }

    /// Returns all that a stranger can compare: the status, the headers and the body. The ids of the request and the
    /// `request` of a code are different in each answer, so only their lengths are in it.
    #[must_use]
    pub fn form(&self) -> String {
        let mut body = self.json();
        for name in ["request", "request_id"] {
            if let Some(length) = body[name].as_str().map(str::len) {
                body[name] = length.into();
            }
        }
        let header = |(name, value): (&HeaderName, &HeaderValue)| match name.as_str() {
            "apigw-requestid" => format!("{name}: {}", value.len()),
            _ => format!("{name}: {value:?}"),
        };
        let mut headers: Vec<String> = self.headers.iter().map(header).collect();
        headers.sort();
        format!("{} {headers:?} {body}", self.status)
    }

    /// Returns the first value of a header, or `None` if the answer does not have the header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the value that the answer sets for a cookie, or `None` if it does not set the cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let prefix = format!("{name}=");
        let cookies = self.headers.get_all("set-cookie").iter();
        cookies
            .filter_map(|cookie| cookie.to_str().unwrap().strip_prefix(&prefix))
            .map(|rest| rest.split(';').next().unwrap().to_owned())
            .next()
    }
}
