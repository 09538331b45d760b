//! The answer to `POST /auth/refresh`, and its failures.

use auth::{
    keys::TokenError,
    session::{RefreshError, Refreshed, RefreshedBy},
};
use claims::Refusal;
use runtime::{AuditEvent, Event};

use crate::{Answer, Failure, cookie};

impl Answer {
    /// Returns the answer with the tokens of a refresh (RFC 6749 s6).
    #[must_use]
    pub fn refreshed(refreshed: &Refreshed) -> Self {
        let event = match refreshed.by {
            RefreshedBy::Rotation => AuditEvent::new(Event::RefreshRotated),
            RefreshedBy::Repetition => AuditEvent::new(Event::RefreshRepeated),
            RefreshedBy::Recovery => AuditEvent::new(Event::RefreshRecovered),
        };
        let event = event.user(&refreshed.user_id).session(&refreshed.tokens.sid);
        Self::tokens(&refreshed.tokens, event)
    }
}

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Self {
        let refused = |reason| AuditEvent::new(Event::RefreshRefused).reason(reason);
        match error {
            RefreshError::WrongDelivery => Self::invalid_grant(refused("wrong_delivery")),
            RefreshError::Disabled(user) => Self::invalid_grant(refused("disabled_user").user(&user)),
            RefreshError::Over(user, sid) => Self::invalid_grant(refused("session_over").user(&user).session(&sid)),
            RefreshError::Theft(user, sid, delivery) => {
                let theft = AuditEvent::new(Event::RefreshTheft).user(&user).session(&sid);
                let mut failure = Self::invalid_grant(theft);
                failure.headers.extend(cookie::deletion(delivery));
                failure
            }
            RefreshError::Contention => Self::unavailable("too many requests changed the session at the same time"),
            RefreshError::Store(error) => error.into(),
            RefreshError::Sign(error) => error.into(),
        }
    }
}

/// Returns the failure for a refresh token that is not valid.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::invalid_grant(AuditEvent::refused_token(Event::RefreshRefused, &refusal))
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(refusal) => refusal.into(),
            TokenError::Keys(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::error::StoreError;
    use claims::Delivery;
    use rstest::rstest;
    use runtime::Level;
    use serde_json::Value;

    use super::{
        super::samples::{login, sid, tokens, user},
        *,
    };
    use crate::{ErrorCode, failure::BEARER};

    #[rstest]
    #[case(RefreshedBy::Rotation, "refresh.rotated", Level::Info)]
    #[case(RefreshedBy::Repetition, "refresh.repeated", Level::Info)]
    #[case(RefreshedBy::Recovery, "refresh.recovered", Level::Warn)]
    fn a_refresh_is_answered_like_a_login_and_logged_as_what_it_did(
        #[case] by: RefreshedBy,
        #[case] event: &str,
        #[case] level: Level,
    ) {
        let refreshed = Refreshed {
            user_id: user(),
            by,
            tokens: tokens(Delivery::Body),
        };

        let answer = Answer::refreshed(&refreshed);

        let mut login = Answer::logged_in(&login(Delivery::Body));
        let of_login = login.body.as_mut().and_then(Value::as_object_mut).unwrap();
        assert!(of_login.remove("device_token").is_some());
        assert_eq!((answer.status, answer.body), (login.status, login.body));
        let logged = answer.events[0].clone();
        assert_eq!((logged.name.as_str(), logged.level), (event, level));
    }

    #[rstest]
    #[case::contention(
        Failure::from(RefreshError::Contention),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::outage(
        Failure::from(RefreshError::Store(StoreError::Unavailable { operation: "x", cause: "x".into() })),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    fn a_failed_refresh_has_the_status_and_headers_for_its_cause(
        #[case] failure: Failure,
        #[case] code: ErrorCode,
        #[case] headers: &[(&str, &str)],
    ) {
        assert_eq!(failure.shown(), (code, headers.to_vec()));
    }

    #[rstest]
    #[case::bad_token(Refusal::Expired.into(), "refresh.refused", Some("expired"))]
    #[case::other_delivery(RefreshError::WrongDelivery.into(), "refresh.refused", Some("wrong_delivery"))]
    #[case::user_gone(RefreshError::Disabled(user()).into(), "refresh.refused", Some("disabled_user"))]
    #[case::over(RefreshError::Over(user(), sid()).into(), "refresh.refused", Some("session_over"))]
    #[case::theft(RefreshError::Theft(user(), sid(), Delivery::Body).into(), "refresh.theft", None)]
    fn every_refused_refresh_has_the_same_answer_and_its_own_log_line(
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
    fn a_theft_by_cookie_deletes_the_cookie_and_looks_like_any_refusal() {
        let theft = Failure::from(RefreshError::Theft(user(), sid(), Delivery::Cookie));
        let refusal = Failure::from(RefreshError::WrongDelivery);

        assert_eq!((theft.code, theft.description), (refusal.code, refusal.description));
        let expected = [refusal.headers, cookie::deletion(Delivery::Cookie)].concat();
        assert_eq!(theft.headers, expected);
    }
}
