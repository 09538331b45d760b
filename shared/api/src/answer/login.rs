//! The answer to `POST /auth/login`, and its failures.

use std::fmt;

use auth::{
    login::{HashUpgrade, LoggedIn, LoginError},
    session::EndedSessions,
};
use claims::SessionId;
use runtime::{AuditEvent, Event};

use crate::{Answer, Failure};

/// The length of a day in seconds.
const DAY: u64 = 24 * 60 * 60;

impl Answer {
    /// Returns the answer with a login's tokens (RFC 6749 s5.1).
    #[must_use]
    pub fn logged_in(login: &LoggedIn) -> Self {
        let event = AuditEvent::new(Event::LoginSucceeded);
        let event = match &login.hash_upgrade {
            HashUpgrade::NotDue => event,
            HashUpgrade::Done => event.field("hash_upgrade", "done"),
            HashUpgrade::Overtaken => event.field("hash_upgrade", "overtaken"),
            HashUpgrade::NotHashed(error) => failed_upgrade(error),
            HashUpgrade::NotStored(error) => failed_upgrade(error),
        };
        let event = event.user(&login.user_id).session(&login.tokens.sid);
        let event = add_ended(event.field("lane", login.lane), &login.ended);
        let answer = Self::tokens(&login.tokens, event);
        answer.with_device(login.device.as_ref(), login.tokens.delivery)
    }
}

/// Returns the event of a successful login whose hash upgrade failed.
fn failed_upgrade(cause: &impl fmt::Display) -> AuditEvent {
    AuditEvent::new(Event::LoginSucceeded)
        .as_error()
        .field("hash_upgrade", "failed")
        .field("cause", &cause.to_string())
}

/// Adds the ended sessions to the event. They were ended because the user had too many. If some could not be ended, the
/// log line has the cause, and the next login tries again.
pub(super) fn add_ended(event: AuditEvent, ended: &EndedSessions) -> AuditEvent {
    let sids: Vec<&str> = ended.ended.iter().map(SessionId::as_str).collect();
    let event = match &sids[..] {
        [] => event,
        sids => event.field("evicted", &sids.join(" ")),
    };
    match &ended.failed {
        None => event,
        Some(error) => event.as_error().field("eviction_failed", &error.to_string()),
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let failed = |reason| AuditEvent::new(Event::LoginFailed).reason(reason);
        match error {
            LoginError::UnknownUser(address) => Self::invalid_grant(failed("unknown_user").identifier(&address)),
            LoginError::WrongPassword(user) => Self::invalid_grant(failed("wrong_password").user(&user)),
            LoginError::Disabled(user) => Self::invalid_grant(failed("disabled_user").user(&user)),
            LoginError::SecondRequired(required) => {
                let event = AuditEvent::new(Event::LoginSecondRequired).user(&required.user_id);
                let failure = Self::second_required(required.factors, event.field("lane", required.lane))
                    .with_member("mfa_token", required.token.expose())
                    .with_member("expires_in", required.expires_in.get());
                match required.remembered_for.get().checked_div(DAY) {
                    None | Some(0) => failure,
                    Some(days) => failure.with_member("remember_days", days),
                }
            }
            LoginError::Throttled {
                address,
                lane,
                retry_after,
            } => {
                let event = AuditEvent::new(Event::LoginThrottled).reason(lane);
                Self::throttled(retry_after, event.identifier(&address))
            }
            LoginError::SourceClosed { retry_after } => {
                Self::throttled(retry_after, AuditEvent::counted(Event::LoginThrottled, "source"))
            }
            LoginError::Store(error) => error.into(),
            LoginError::Sign(error) => error.into(),
            LoginError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::{
        attempts::{Pseudonym, PseudonymKey},
        error::StoreError,
        password::HashError,
        user::Email,
    };
    use claims::{Delivery, Span};
    use lambda_http::http::StatusCode;
    use rstest::rstest;
    use runtime::Level;
    use serde_json::{Value, json};

    use super::{
        super::samples::{access_token, device_token, login, refresh_token, user},
        *,
    };
    use crate::{ErrorCode, cookie, failure::BEARER};

    #[test]
    fn a_token_answer_by_body_has_exactly_the_members_of_the_contract() {
        let answer = Answer::logged_in(&login(Delivery::Body));

        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.body.unwrap(),
            json!({
                "access_token": access_token().expose(),
                "token_type": "Bearer",
                "expires_in": 900,
                "refresh_token": refresh_token(Delivery::Body).expose(),
                "refresh_expires_in": 604_800,
                "scope": "reports:read",
                "sid": "session-1",
                "device_token": device_token().expose(),
            })
        );
        assert!(answer.headers.is_empty());
    }

    #[test]
    fn a_refresh_token_by_cookie_is_never_in_the_body() {
        let answer = Answer::logged_in(&login(Delivery::Cookie));

        let token = refresh_token(Delivery::Cookie);
        let body = answer.body.unwrap();
        for secret in [token.expose(), device_token().expose()] {
            assert!(!body.to_string().contains(secret));
        }
        let mut names: Vec<&String> = body.as_object().unwrap().keys().collect();
        names.sort_unstable();
        let expected = [
            "access_token",
            "expires_in",
            "refresh_expires_in",
            "scope",
            "sid",
            "token_type",
        ];
        assert_eq!(names, expected);
        let refresh = cookie::make(cookie::REFRESH, token.expose(), Span::seconds(604_800));
        let device = cookie::make(cookie::DEVICE, device_token().expose(), Span::seconds(15_552_000));
        assert_eq!(answer.headers, [("set-cookie", refresh), ("set-cookie", device)]);
    }

    #[rstest]
    #[case::not_due(HashUpgrade::NotDue, Level::Info, None)]
    #[case::done(HashUpgrade::Done, Level::Info, Some("done"))]
    #[case::overtaken(HashUpgrade::Overtaken, Level::Info, Some("overtaken"))]
    #[case::failed(HashUpgrade::NotHashed(HashError::Cancelled), Level::Error, Some("failed"))]
    fn only_the_log_has_the_outcome_of_a_hash_upgrade(
        #[case] hash_upgrade: HashUpgrade,
        #[case] level: Level,
        #[case] logged: Option<&str>,
    ) {
        let expected = Answer::logged_in(&login(Delivery::Body)).body;

        let answer = Answer::logged_in(&LoggedIn {
            hash_upgrade,
            ..login(Delivery::Body)
        });

        assert_eq!((answer.status, answer.body), (StatusCode::OK, expected));
        let event = answer.events[0].clone();
        assert_eq!((event.name.as_str(), event.level), ("login.succeeded", level));
        assert_eq!(event.fields.get("hash_upgrade").and_then(Value::as_str), logged);
    }

    #[test]
    fn only_the_log_has_the_sessions_that_a_login_ended() {
        let expected = Answer::logged_in(&login(Delivery::Body)).body;
        let ended = EndedSessions {
            ended: vec!["session-8".parse().unwrap(), "session-9".parse().unwrap()],
            failed: None,
        };
        let failed = EndedSessions {
            ended: Vec::new(),
            failed: Some(StoreError::Malformed { operation: "announce" }),
        };

        let [ended, failed] = [ended, failed].map(|ended| {
            Answer::logged_in(&LoggedIn {
                ended,
                ..login(Delivery::Body)
            })
        });

        assert_eq!((&ended.body, &failed.body), (&expected, &expected));
        let event = ended.events[0].clone();
        assert_eq!(
            (event.level, &event.fields["evicted"]),
            (Level::Info, &json!("session-8 session-9"))
        );
        assert!(!event.fields.contains_key("eviction_failed"));
        let event = failed.events[0].clone();
        assert_eq!(event.level, Level::Error);
        assert_eq!(
            event.fields["eviction_failed"],
            json!("announce: the stored item is malformed")
        );
        assert!(!event.fields.contains_key("evicted"));
    }

    #[rstest]
    #[case::closed_source(
        Failure::from(LoginError::SourceClosed { retry_after: Span::seconds(64) }),
        ErrorCode::Throttled,
        &[("retry-after", "64")]
    )]
    #[case::throttled(Failure::from(throttled()), ErrorCode::Throttled, &[("retry-after", "64")])]
    #[case::cancelled(Failure::from(LoginError::Hash(HashError::Cancelled)), ErrorCode::ServerError, &[])]
    #[case::outage(
        Failure::from(LoginError::Store(StoreError::Unavailable { operation: "x", cause: "x".into() })),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    fn a_failed_login_has_the_status_and_headers_for_its_cause(
        #[case] failure: Failure,
        #[case] code: ErrorCode,
        #[case] headers: &[(&str, &str)],
    ) {
        assert_eq!(failure.shown(), (code, headers.to_vec()));
    }

    #[rstest]
    #[case::unknown_user(LoginError::UnknownUser(pseudonym()).into(), "login.failed", Some("unknown_user"))]
    #[case::wrong_password(LoginError::WrongPassword(user()).into(), "login.failed", Some("wrong_password"))]
    #[case::disabled(LoginError::Disabled(user()).into(), "login.failed", Some("disabled_user"))]
    fn every_refused_login_has_the_same_answer_and_its_own_log_line(
        #[case] failure: Failure,
        #[case] event: &str,
        #[case] reason: Option<&str>,
    ) {
        assert_eq!(failure.code, ErrorCode::InvalidGrant);
        assert_eq!(
            failure.description,
            "the credentials, the token or the code are not valid"
        );
        assert_eq!(failure.headers, [("www-authenticate", BEARER.to_owned())]);
        assert_eq!(failure.event.name.as_str(), event);
        assert_eq!(
            failure.event.fields.get("reason").and_then(|reason| reason.as_str()),
            reason
        );
    }

    #[test]
    fn a_throttled_login_is_logged_with_the_pseudonym_of_its_address() {
        let event = Failure::from(throttled()).event;

        assert_eq!((event.name.as_str(), event.level), ("login.throttled", Level::Warn));
        let fields: Vec<(&str, &str)> = event
            .fields
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_str()?)))
            .collect();
        assert_eq!(fields, [("identifier", pseudonym().as_str()), ("reason", "address")]);
    }

    fn throttled() -> LoginError {
        LoginError::Throttled {
            address: pseudonym(),
            lane: "address",
            retry_after: Span::seconds(64),
        }
    }

    fn pseudonym() -> Pseudonym {
        let key = PseudonymKey::parse(&"key".repeat(11)).unwrap();
        key.hash_address(&Email::parse("ada@example.com").unwrap())
    }
}
