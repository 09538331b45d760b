//! `GET /auth/sessions` and `DELETE /auth/sessions/{sid}`.

use auth::session::{SessionError, SessionPage, TooManyLists};
use claims::{SessionId, UserId};
use runtime::{AuditEvent, Event};
use serde_json::{Map, Value, json};

use crate::{Answer, ErrorCode, Failure, cursor};

impl Answer {
    /// Returns a page of the caller's sessions. `current` is the session of this request.
    #[must_use]
    pub fn sessions(page: &SessionPage, current: &SessionId) -> Self {
        let shown = page.sessions.iter().map(|session| {
            json!({
                "sid": session.sid,
                "current": session.sid == *current,
                "created_at": session.created_at,
                "last_used_at": session.last_used_at,
                "ip": session.client.ip,
                "user_agent": session.client.user_agent,
                "label": session.client.label,
            })
        });
        let mut body = Map::from_iter([("sessions".to_owned(), shown.collect())]);
        let next = page.next.as_ref().map(cursor::encode);
        body.extend(next.map(|cursor| ("next_cursor".to_owned(), cursor.into())));
        Self::json(Value::Object(body))
    }

    /// Returns the answer to a session that its user ended.
    #[must_use]
    pub fn session_revoked(user_id: &UserId, sid: &SessionId) -> Self {
        Self {
            events: vec![AuditEvent::new(Event::SessionRevoked).user(user_id).session(sid)],
            ..Self::no_content()
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown => Self::refused(ErrorCode::NotFound, "you have no such session"),
            SessionError::Store(error) => error.into(),
        }
    }
}

impl From<TooManyLists> for Failure {
    fn from(error: TooManyLists) -> Self {
        let event = AuditEvent::new(Event::SessionsThrottled).user(&error.user_id);
        let description = format!("there were too many lists: try again in {} s", error.retry_after.get());
        Self {
            description,
            ..Self::throttled(error.retry_after, event)
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::session::{ClientDetails, ListedSession};
    use claims::Span;

    use super::{
        super::samples::{IAT, user},
        *,
    };

    #[test]
    fn a_list_has_a_cursor_if_there_is_a_next_page() {
        let session = ListedSession {
            sid: "session-1".parse().unwrap(),
            created_at: IAT,
            last_used_at: IAT.plus(Span::seconds(1)),
            client: ClientDetails::default(),
        };
        let next = Some(session.sid.clone());
        let [last, other] = [None, next].map(|next| {
            let sessions = vec![session.clone()];
            Answer::sessions(&SessionPage { sessions, next }, &"session-1".parse().unwrap()).body
        });

        let sessions = json!([{
            "sid": "session-1", "current": true, "created_at": IAT, "last_used_at": IAT.get() + 1, "ip": null,
            "user_agent": null, "label": null,
        }]);
        assert_eq!(last.unwrap(), json!({"sessions": sessions}));
        let cursor = cursor::encode(&"session-1".parse().unwrap());
        assert_eq!(other.unwrap(), json!({"sessions": sessions, "next_cursor": cursor}));
    }

    #[test]
    fn too_many_lists_are_answered_with_the_time_to_wait() {
        let failure = Failure::from(TooManyLists {
            user_id: user(),
            retry_after: Span::seconds(9),
        });

        assert_eq!(failure.shown(), (ErrorCode::Throttled, vec![("retry-after", "9")]));
    }
}
