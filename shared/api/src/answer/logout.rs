//! The answer to `POST /auth/logout`.

use auth::session::{Logout, LogoutScope};
use claims::Delivery;
use runtime::{AuditEvent, Event};

use crate::{Answer, cookie};

impl Answer {
    /// Returns the answer to a logout. It is the same for valid and invalid tokens (RFC 7009 s2.2). Only the log shows
    /// the difference.
    #[must_use]
    pub fn logged_out(logouts: &[Logout], scope: LogoutScope, delivery: Delivery) -> Self {
        let event = |logout: &Logout| match logout {
            Logout::Ended(claims) => AuditEvent::new(Event::Logout)
                .user(claims.sub())
                .session(claims.sid())
                .field("scope", scope_name(scope)),
            Logout::Refused(refusal) => AuditEvent::refused_token(Event::LogoutIgnored, refusal),
            Logout::Ignored(reason) => AuditEvent::new(Event::LogoutIgnored).reason(reason),
        };
        let events = match logouts {
            [] => vec![AuditEvent::counted(Event::LogoutIgnored, "no_token")],
            some => some.iter().map(event).collect(),
        };
        Self {
            headers: match scope {
                LogoutScope::Session | LogoutScope::All => cookie::deletion(delivery),
                LogoutScope::Others => Vec::new(),
            },
            events,
            ..Self::no_content()
        }
    }
}

const fn scope_name(scope: LogoutScope) -> &'static str {
    match scope {
        LogoutScope::Session => "session",
        LogoutScope::Others => "others",
        LogoutScope::All => "all",
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::StatusCode;
    use rstest::rstest;

    use super::{super::samples::claims, *};

    #[rstest]
    #[case::body(Delivery::Body)]
    #[case::cookie(Delivery::Cookie)]
    fn every_logout_has_the_same_answer(#[case] delivery: Delivery) {
        let answer = |logouts: &[Logout]| Answer::logged_out(logouts, LogoutScope::Session, delivery);

        let ended = answer(&[Logout::Ended(claims())]);
        let ignored = answer(&[Logout::Ignored("expired")]);
        let both = answer(&[Logout::Ended(claims()), Logout::Ignored("expired")]);
        let none = answer(&[]);

        for answer in [&ended, &ignored, &both, &none] {
            assert_eq!((answer.status, &answer.body), (StatusCode::NO_CONTENT, &None));
            assert_eq!(answer.headers, cookie::deletion(delivery));
        }
        let names = |answer: &Answer| -> Vec<_> { answer.events.iter().map(|event| event.name.as_str()).collect() };
        assert_eq!(names(&ended), ["logout"]);
        assert_eq!(names(&ignored), ["logout.ignored"]);
        assert_eq!(names(&both), ["logout", "logout.ignored"]);
        assert_eq!(names(&none), ["logout.ignored"]);
    }
}
