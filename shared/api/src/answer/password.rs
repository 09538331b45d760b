//! The answer to `POST /auth/password`, and its failures.

use auth::{change_password::PasswordChangeError, session::IssuedDevice};
use claims::{Delivery, SessionId, UserId};
use runtime::{AuditEvent, Event};
use serde_json::json;

use crate::{Answer, Failure};

impl Answer {
    /// Returns the answer to a change of password, with the new device token.
    #[must_use]
    pub fn password_changed(user_id: &UserId, sid: &SessionId, device: &IssuedDevice, delivery: Delivery) -> Self {
        let event = AuditEvent::new(Event::PasswordChanged);
        let answer = Self {
            events: vec![event.user(user_id).session(sid)],
            ..match delivery {
                Delivery::Body => Self::json(json!({})),
                Delivery::Cookie => Self::no_content(),
            }
        };
        answer.with_device(Some(device), delivery)
    }
}

impl From<PasswordChangeError> for Failure {
    fn from(error: PasswordChangeError) -> Self {
        let refused = |reason| AuditEvent::new(Event::PasswordRefused).reason(reason);
        match error {
            PasswordChangeError::Over(user) => Self {
                event: refused("session_over").user(&user),
                ..Self::unauthorized()
            },
            PasswordChangeError::Demanded { user_id, demand } => Self::demanded(demand, &user_id),
            PasswordChangeError::WrongPassword(user) => Self::invalid_grant(refused("wrong_password").user(&user)),
            PasswordChangeError::Throttled { user_id, retry_after } => {
                let event = AuditEvent::new(Event::PasswordThrottled).user(&user_id);
                Self::throttled(retry_after, event)
            }
            PasswordChangeError::Overtaken => Self::unavailable("the user was changed at the same time"),
            PasswordChangeError::Store(error) => error.into(),
            PasswordChangeError::Sign(error) => error.into(),
            PasswordChangeError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::StatusCode;
    use rstest::rstest;

    use super::{
        super::samples::{login, sid, user},
        *,
    };
    use crate::{ErrorCode, cookie, failure::BEARER};

    #[rstest]
    #[case::body(Delivery::Body)]
    #[case::cookie(Delivery::Cookie)]
    fn a_password_change_delivers_a_device_token_as_the_request_did(#[case] delivery: Delivery) {
        let device = login(delivery).device.unwrap();
        let [token, cookie] = [
            device.token.expose().to_owned(),
            cookie::make(cookie::DEVICE, device.token.expose(), device.expires_in),
        ];

        let answer = Answer::password_changed(&user(), &sid(), &device, delivery);

        let (status, body, headers) = match delivery {
            Delivery::Body => (StatusCode::OK, Some(json!({"device_token": token})), vec![]),
            Delivery::Cookie => (StatusCode::NO_CONTENT, None, vec![("set-cookie", cookie)]),
        };
        assert_eq!((answer.status, answer.body, answer.headers), (status, body, headers));
        assert_eq!(answer.events[0].name.as_str(), "password.changed");
    }

    #[rstest]
    #[case::overtaken(
        Failure::from(PasswordChangeError::Overtaken),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::session_over(
        Failure::from(PasswordChangeError::Over(user())),
        ErrorCode::InvalidToken,
        &[("www-authenticate", BEARER)]
    )]
    fn a_failed_change_has_the_status_and_headers_for_its_cause(
        #[case] failure: Failure,
        #[case] code: ErrorCode,
        #[case] headers: &[(&str, &str)],
    ) {
        assert_eq!(failure.shown(), (code, headers.to_vec()));
    }
}
