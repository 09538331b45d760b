//! Answers of success.

use auth::{IssuedTokens, Logout, Refreshed, RefreshedBy};
use claims::{Delivery, UserId};
use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{
    AuditEvent, Level, cookie,
    failure::{NO_CONTENT, OK},
};

/// An answer of success: what the caller gets, and what the log learns.
#[derive(Debug)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) event: Option<AuditEvent>,
}

impl Answer {
    /// JSON that no cache may keep.
    #[must_use]
    pub const fn json(body: Value) -> Self {
        Self {
            status: OK,
            body: Some(body),
            headers: Vec::new(),
            event: None,
        }
    }

    /// JSON that every cache may keep for five minutes.
    #[must_use]
    pub fn public_json(body: Value) -> Self {
        Self {
            headers: vec![("cache-control", "public, max-age=300".to_owned())],
            ..Self::json(body)
        }
    }

    /// The tokens of a login (RFC 6749 s5.1).
    #[must_use]
    pub fn logged_in(user_id: &UserId, tokens: &IssuedTokens) -> Self {
        let event = AuditEvent::new("login.succeeded", Level::Info)
            .user(user_id)
            .session(&tokens.sid);
        Self::tokens(tokens, event)
    }

    /// The tokens of a refresh (RFC 6749 s6).
    #[must_use]
    pub fn refreshed(refreshed: &Refreshed) -> Self {
        let event = match refreshed.by {
            RefreshedBy::Rotation => AuditEvent::new("refresh.rotated", Level::Info),
            RefreshedBy::Repetition => AuditEvent::new("refresh.repeated", Level::Info),
            RefreshedBy::Recovery => AuditEvent::new("refresh.recovered", Level::Warn),
        };
        let event = event.user(&refreshed.user_id).session(&refreshed.tokens.sid);
        Self::tokens(&refreshed.tokens, event)
    }

    /// A logout, whatever it found to end: the same answer (RFC 7009 s2.2).
    #[must_use]
    pub fn logged_out(logout: &Logout, delivery: Delivery) -> Self {
        let event = match logout {
            Logout::Ended(claims) => AuditEvent::new("logout", Level::Info)
                .user(claims.sub())
                .session(claims.sid()),
            Logout::Ignored(reason) => AuditEvent::new("logout.ignored", Level::Info).reason(reason),
        };
        Self {
            status: NO_CONTENT,
            body: None,
            headers: cookie::deletion(delivery),
            event: Some(event),
        }
    }

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
                cookie::carrying(tokens.refresh.expose(), tokens.refresh_expires_in),
            )],
        };
        Self {
            headers,
            event: Some(event),
            ..Self::json(Value::Object(body))
        }
    }
}
