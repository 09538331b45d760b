//! What a caller gets.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer of the gateway, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A text of the JSON body.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap().to_owned()
    }

    /// The `error` of the JSON body.
    #[must_use]
    pub fn error(&self) -> String {
        self.text("error")
    }

    /// A header that is there once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The value that the answer sets a cookie to.
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
