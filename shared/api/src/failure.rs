//! The answers to requests that are refused or fail. The failures of a single endpoint are in `answer`, next to its
//! successful answer.

use auth::{
    attempts::PseudonymError, error::StoreError, following::FollowError, mail::ProofKeysError,
    password::InvalidPassword, user::InvalidEmail,
};
use claims::{SignError, Span};
use runtime::{AuditEvent, Event};
use serde_json::{Map, Value};

use crate::ErrorCode;

/// How long a caller should wait after a temporary failure before it retries, in seconds.
const RETRY_AFTER: u32 = 1;

/// A request that was refused or that failed: the response to the caller and the event for the log.
#[derive(Debug)]
pub struct Failure {
    pub(crate) code: ErrorCode,
    pub(crate) description: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The members of the body in addition to those of every failure. Few failures have any, so they are boxed.
    pub(crate) members: Option<Box<Map<String, Value>>>,
    pub(crate) event: AuditEvent,
}

impl Failure {
    /// Returns a refusal that is logged as `request.refused`, with its code as the reason.
    pub(crate) fn refused(code: ErrorCode, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            headers: Vec::new(),
            members: None,
            event: AuditEvent::counted(Event::RequestRefused, code.as_str()),
        }
    }

    /// Returns the refusal of a malformed request.
    #[must_use]
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::refused(ErrorCode::InvalidRequest, description)
    }

    /// Returns the refusal of an event that is not from an HTTP or REST API: the function was invoked directly, or by
    /// another kind of API.
    pub(crate) fn foreign_event() -> Self {
        Self {
            event: AuditEvent::new(Event::EventForeign).reason("not_an_api_event"),
            ..Self::invalid_request("the event is not from an HTTP or REST API")
        }
    }

    /// Returns the refusal of a request that did not come through the proxy. Only the log has the reason.
    pub(crate) fn not_through_edge(reason: &'static str) -> Self {
        Self {
            event: AuditEvent::counted(Event::RequestForbidden, reason),
            ..Self::refused(ErrorCode::Forbidden, "call the public address of this service")
        }
    }

    /// Returns the refusal of an unknown path.
    #[must_use]
    pub fn not_found() -> Self {
        Self::refused(ErrorCode::NotFound, "there is nothing at this path")
    }

    /// Returns the answer to a request that has no access token verified by the authorizer.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::refused(ErrorCode::InvalidToken, "no valid access token").with_header("www-authenticate", BEARER)
    }

    /// Returns the refusal of a refresh request that has no refresh token.
    pub(crate) fn login_required() -> Self {
        let description = "there is no refresh token in the body or the cookie";
        Self::refused(ErrorCode::LoginRequired, description).with_header("www-authenticate", BEARER)
    }

    /// Returns the refusal of a method that the path does not support. `allowed` is the method that it supports.
    pub(crate) fn method_not_allowed(allowed: &'static str) -> Self {
        Self::refused(ErrorCode::MethodNotAllowed, format!("use {allowed}")).with_header("allow", allowed)
    }

    /// Returns a temporary failure, for example because the database did not answer in time. Only the log has the
    /// cause.
    pub(crate) fn unavailable(cause: &str) -> Self {
        Self {
            code: ErrorCode::TemporarilyUnavailable,
            description: "the service is temporarily unavailable, try again".to_owned(),
            headers: Vec::new(),
            members: None,
            event: AuditEvent::new(Event::RequestFailed)
                .reason(ErrorCode::TemporarilyUnavailable.as_str())
                .field("cause", cause),
        }
        .with_header("retry-after", RETRY_AFTER.to_string())
    }

    /// Returns an internal failure. Only the log has the cause.
    pub(crate) fn internal(cause: &str) -> Self {
        Self {
            code: ErrorCode::ServerError,
            description: "the service failed".to_owned(),
            headers: Vec::new(),
            members: None,
            event: AuditEvent::new(Event::RequestFailed)
                .reason(ErrorCode::ServerError.as_str())
                .field("cause", cause),
        }
    }

    /// Returns the refusal of credentials or of a refresh token. The code and the description are the same for every
    /// cause; only the log has the cause. If a token in a cookie was stolen, a header that deletes the cookie is added.
    pub(crate) fn invalid_grant(event: AuditEvent) -> Self {
        Self {
            code: ErrorCode::InvalidGrant,
            description: "the credentials, the token or the code are not valid".to_owned(),
            headers: Vec::new(),
            members: None,
            event,
        }
        .with_header("www-authenticate", BEARER)
    }

    /// Returns the refusal of an attempt that came too soon after others. The next attempt may succeed after
    /// `retry_after`.
    pub(crate) fn throttled(retry_after: Span, event: AuditEvent) -> Self {
        Self {
            code: ErrorCode::Throttled,
            description: format!("there were too many attempts: try again in {} s", retry_after.get()),
            headers: Vec::new(),
            members: None,
            event,
        }
        .with_header("retry-after", retry_after.get().to_string())
    }

    /// Adds a member to the body.
    pub(crate) fn with_member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        let members = self.members.get_or_insert_default();
        members.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The value of `WWW-Authenticate` in a 401 (RFC 6750 s3).
pub(crate) const BEARER: &str = r#"Bearer realm="gatehouse""#;

impl From<InvalidEmail> for Failure {
    fn from(error: InvalidEmail) -> Self {
        Self::invalid_request(error.to_string())
    }
}

impl From<InvalidPassword> for Failure {
    fn from(error: InvalidPassword) -> Self {
        let code = match error {
            InvalidPassword::Empty | InvalidPassword::TooLong => ErrorCode::InvalidRequest,
            InvalidPassword::TooShort { .. }
            | InvalidPassword::Common
            | InvalidPassword::OwnAddress
            | InvalidPassword::ServiceName
            | InvalidPassword::Repeated
            | InvalidPassword::Keyboard => ErrorCode::WeakPassword,
        };
        Self::refused(code, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable { .. } => Self::unavailable(&error.to_string()),
            StoreError::Malformed { .. } => Self::internal(&error.to_string()),
        }
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        match error {
            SignError::NoActiveKey | SignError::Refused => Self::unavailable(&error.to_string()),
            SignError::Malformed | SignError::TooLong { .. } => Self::internal(&error.to_string()),
        }
    }
}

impl From<FollowError> for Failure {
    fn from(error: FollowError) -> Self {
        Self::unavailable(&error.to_string())
    }
}

impl From<PseudonymError> for Failure {
    fn from(error: PseudonymError) -> Self {
        Self::unavailable(&error.to_string())
    }
}

impl From<ProofKeysError> for Failure {
    fn from(error: ProofKeysError) -> Self {
        match error {
            ProofKeysError::Follow(error) => error.into(),
            ProofKeysError::Pseudonym(error) => error.into(),
        }
    }
}

#[cfg(test)]
impl Failure {
    /// Returns what the caller sees of the failure, without the description: the code and the headers.
    pub(crate) fn shown(&self) -> (ErrorCode, Vec<(&str, &str)>) {
        let headers = self.headers.iter();
        (
            self.code,
            headers.map(|(name, value)| (*name, value.as_str())).collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use runtime::Level;

    use super::*;

    #[rstest]
    #[case::bad_request(Failure::invalid_request("x"), ErrorCode::InvalidRequest, &[])]
    #[case::foreign(Failure::foreign_event(), ErrorCode::InvalidRequest, &[])]
    #[case::nothing_there(Failure::not_found(), ErrorCode::NotFound, &[])]
    #[case::no_token(Failure::unauthorized(), ErrorCode::InvalidToken, &[("www-authenticate", BEARER)])]
    #[case::no_refresh_token(Failure::login_required(), ErrorCode::LoginRequired, &[("www-authenticate", BEARER)])]
    #[case::method(Failure::method_not_allowed("GET"), ErrorCode::MethodNotAllowed, &[("allow", "GET")])]
    #[case::outage(Failure::unavailable("x"), ErrorCode::TemporarilyUnavailable, &[("retry-after", "1")])]
    #[case::fault(Failure::internal("x"), ErrorCode::ServerError, &[])]
    #[case::email(Failure::from(auth::user::Email::parse("x").unwrap_err()), ErrorCode::InvalidRequest, &[])]
    #[case::password(Failure::from(InvalidPassword::Empty), ErrorCode::InvalidRequest, &[])]
    #[case::short_password(Failure::from(InvalidPassword::TooShort { least: 15 }), ErrorCode::WeakPassword, &[])]
    #[case::own_address(Failure::from(InvalidPassword::OwnAddress), ErrorCode::WeakPassword, &[])]
    #[case::service_name(Failure::from(InvalidPassword::ServiceName), ErrorCode::WeakPassword, &[])]
    #[case::repeated_word(Failure::from(InvalidPassword::Repeated), ErrorCode::WeakPassword, &[])]
    #[case::keyboard_row(Failure::from(InvalidPassword::Keyboard), ErrorCode::WeakPassword, &[])]
    #[case::common_password(Failure::from(InvalidPassword::Common), ErrorCode::WeakPassword, &[])]
    #[case::no_key_yet(
        Failure::from(SignError::NoActiveKey),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_key_made_yet(
        Failure::from(FollowError::Empty),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_pseudonyms(
        Failure::from(PseudonymError::from(auth::attempts::InvalidPseudonymKey)),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_edge_keys(
        Failure::from(FollowError::Paused),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::token_too_long(Failure::from(SignError::TooLong { limit: 1 }), ErrorCode::ServerError, &[])]
    fn a_failure_has_the_status_and_headers_for_its_cause(
        #[case] failure: Failure,
        #[case] code: ErrorCode,
        #[case] headers: &[(&str, &str)],
    ) {
        assert_eq!(failure.shown(), (code, headers.to_vec()));
    }

    #[rstest]
    #[case::outage(outage().into(), ErrorCode::TemporarilyUnavailable)]
    #[case::malformed(StoreError::Malformed { operation: "canary" }.into(), ErrorCode::ServerError)]
    #[case::fault(Failure::internal("canary"), ErrorCode::ServerError)]
    fn only_the_log_has_the_cause(#[case] failure: Failure, #[case] code: ErrorCode) {
        assert_eq!(failure.code, code);
        assert!(!failure.description.contains("canary"));
        assert!(failure.event.fields["cause"].as_str().unwrap().contains("canary"));
        assert_eq!(failure.event.level, Level::Error);
    }

    fn outage() -> StoreError {
        StoreError::Unavailable {
            operation: "GetItem",
            cause: "canary".into(),
        }
    }
}
