//! Successful answers. Each endpoint has a file with its answer and the failures that only it can have.

mod account;
mod address;
mod confirm;
mod factors;
mod login;
mod logout;
mod passkey;
mod password;
mod refresh;
mod register;
mod request_mail;
mod reset;
#[cfg(test)]
mod samples;
mod second_step;
mod sessions;

use std::fmt;

use auth::session::{IssuedDevice, IssuedTokens};
use claims::Delivery;
use lambda_http::http::StatusCode;
use runtime::AuditEvent;
use serde_json::{Map, Value, json};

use crate::{
    cookie,
    status::{NO_CONTENT, OK},
};

/// A successful answer: the response to the caller and the events for the log.
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    /// A body that is not JSON. It is sent instead of `body`, and its content type is one of the headers.
    pub(crate) document: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) events: Vec<AuditEvent>,
}

impl Answer {
    /// Returns an answer with JSON that no cache may store.
    #[must_use]
    pub const fn json(body: Value) -> Self {
        Self {
            status: OK,
            body: Some(body),
            document: None,
            headers: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Returns an answer with JSON that any cache may store for five minutes.
    #[must_use]
    pub fn public_json(body: Value) -> Self {
        Self {
            headers: vec![("cache-control", "public, max-age=300".to_owned())],
            ..Self::json(body)
        }
    }

    /// Returns an answer whose body is not JSON, such as a page. `headers` has its content type.
    #[must_use]
    pub fn document(text: &str, headers: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        Self {
            status: OK,
            body: None,
            document: Some(text.to_owned()),
            headers: headers.map(|(name, value)| (name, value.to_owned())).collect(),
            events: Vec::new(),
        }
    }

    /// Returns a successful answer without a body.
    fn no_content() -> Self {
        Self {
            status: NO_CONTENT,
            body: None,
            document: None,
            headers: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Returns an answer with an access token in the body, and with a refresh token in the body or in a cookie.
    fn tokens(tokens: &IssuedTokens, event: AuditEvent) -> Self {
        let mut body = Map::from_iter([
            ("access_token".to_owned(), json!(tokens.access.expose())),
            ("token_type".to_owned(), json!("Bearer")),
            ("expires_in".to_owned(), json!(tokens.expires_in)),
            ("refresh_expires_in".to_owned(), json!(tokens.refresh_expires_in)),
            ("scope".to_owned(), json!(tokens.scope)),
            ("sid".to_owned(), json!(tokens.sid)),
        ]);
        let headers = match tokens.delivery {
            Delivery::Body => {
                body.insert("refresh_token".to_owned(), json!(tokens.refresh.expose()));
                Vec::new()
            }
            Delivery::Cookie => vec![(
                "set-cookie",
                cookie::make(cookie::REFRESH, tokens.refresh.expose(), tokens.refresh_expires_in),
            )],
        };
        Self {
            headers,
            events: vec![event],
            ..Self::json(Value::Object(body))
        }
    }

    /// Adds the new device token, if there is one, in the body or in a cookie.
    fn with_device(mut self, device: Option<&IssuedDevice>, delivery: Delivery) -> Self {
        let Some(device) = device else {
            return self;
        };
        let token = device.token.expose();
        match (delivery, &mut self.body) {
            (Delivery::Body, Some(Value::Object(body))) => {
                body.insert("device_token".to_owned(), json!(token));
            }
            (Delivery::Body | Delivery::Cookie, _) => {
                self.headers
                    .push(("set-cookie", cookie::make(cookie::DEVICE, token, device.expires_in)));
            }
        }
        self
    }
}

/// Bodies and cookies carry tokens, so only the names of headers and members are shown.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        let members = self.body.as_ref().and_then(Value::as_object);
        let members: Vec<&String> = members.into_iter().flat_map(Map::keys).collect();
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &headers)
            .field("body", &members)
            .field("document", &self.document.as_ref().map(String::len))
            .field("events", &self.events)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{
        samples::{access_token, login, refresh_token},
        *,
    };

    #[test]
    fn only_public_documents_are_for_caches() {
        let headers = Answer::public_json(json!({})).headers;

        assert_eq!(headers, [("cache-control", "public, max-age=300".to_owned())]);
        assert!(Answer::json(json!({})).headers.is_empty());
    }

    #[rstest]
    #[case(Delivery::Body)]
    #[case(Delivery::Cookie)]
    fn tokens_are_not_shown(#[case] delivery: Delivery) {
        let shown = format!("{:?}", Answer::logged_in(&login(delivery)));

        assert!(shown.contains("access_token"), "{shown}");
        assert!(!shown.contains(access_token().expose()), "{shown}");
        assert!(!shown.contains(refresh_token(delivery).expose()), "{shown}");
    }
}
