//! Refusals and faults as answers: the only file with status codes.

use auth::{
    attempts::PseudonymFault,
    change_password::PasswordChangeError,
    error::StoreError,
    following::Undecided,
    keys::{EdgeKeyFault, KeysUnavailable},
    login::LoginError,
    password::InvalidPassword,
    session::{RefreshError, SessionError, TooManyLists},
    user::InvalidEmail,
};
use claims::{Seconds, SignError};
use lambda_http::http::StatusCode;
use runtime::{AuditEvent, Level};

use crate::cookie;

/// How long a caller should wait before a retry, in seconds.
const RETRY_AFTER: u32 = 1;

/// The `error` of a refusal (RFC 6749 s5.2, RFC 6750 s3.1). A code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is not of the form that the contract gives.
    InvalidRequest,
    /// A new password is too short or too common.
    WeakPassword,
    /// The credentials or the refresh token are refused.
    InvalidGrant,
    /// There is no refresh token, so that there is nothing to refresh.
    LoginRequired,
    /// The access token is missing or refused, where a function sees it itself.
    InvalidToken,
    /// A cookie came with a request that another site could have made.
    CsrfFailed,
    /// The request did not come through the proxy that the service stands behind.
    Forbidden,
    /// There is nothing at this path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The body is longer than 8 KB.
    RequestTooLarge,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// There were too many attempts before this one.
    Throttled,
    /// What the service stands on does not answer; a retry succeeds.
    TemporarilyUnavailable,
    /// Anything else.
    ServerError,
}

impl ErrorCode {
    /// The code as it stands in the answer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::WeakPassword => "weak_password",
            Self::InvalidGrant => "invalid_grant",
            Self::LoginRequired => "login_required",
            Self::InvalidToken => "invalid_token",
            Self::CsrfFailed => "csrf_failed",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTooLarge => "request_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Throttled => "throttled",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// The status of an answer with this code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::WeakPassword => StatusCode::BAD_REQUEST,
            Self::InvalidGrant | Self::LoginRequired | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::CsrfFailed | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The statuses of success.
pub(crate) const OK: StatusCode = StatusCode::OK;
/// Success without a body.
pub(crate) const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;

/// A request that is refused or has failed: what the caller learns, and what the log does.
#[derive(Debug)]
pub struct Failure {
    pub(crate) code: ErrorCode,
    pub(crate) description: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) event: AuditEvent,
}

impl Failure {
    /// A refusal of what was asked, which the log keeps under its code.
    pub(crate) fn refused(code: ErrorCode, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            headers: Vec::new(),
            event: AuditEvent::counted("request.refused", Level::Info, code.as_str()),
        }
    }

    /// A request that is not of the form that the contract gives.
    #[must_use]
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::refused(ErrorCode::InvalidRequest, description)
    }

    /// An event that is not one of an HTTP or REST API: whoever invoked the function did so past the gateway, or the
    /// gateway is of another kind.
    pub(crate) fn foreign_event() -> Self {
        Self {
            event: AuditEvent::new("event.foreign", Level::Warn).reason("not_an_api_event"),
            ..Self::invalid_request("the event is not one of an HTTP or REST API")
        }
    }

    /// A request that did not come through the proxy that the service stands behind; the reason is for the log alone.
    pub(crate) fn not_through_edge(reason: &'static str) -> Self {
        Self {
            event: AuditEvent::counted("request.forbidden", Level::Warn, reason),
            ..Self::refused(ErrorCode::Forbidden, "call the public address of this service")
        }
    }

    /// A path at which there is nothing.
    #[must_use]
    pub fn not_found() -> Self {
        Self::refused(ErrorCode::NotFound, "there is nothing at this path")
    }

    /// A request without the context that an authorizer passes on.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::refused(ErrorCode::InvalidToken, "no valid access token").with_header("www-authenticate", BEARER)
    }

    /// A refresh by a client that has no refresh token.
    pub(crate) fn login_required() -> Self {
        let description = "there is no refresh token in the body or the cookie";
        Self::refused(ErrorCode::LoginRequired, description).with_header("www-authenticate", BEARER)
    }

    /// A method that the path does not have.
    pub(crate) fn method_not_allowed(allowed: &'static str) -> Self {
        Self::refused(ErrorCode::MethodNotAllowed, format!("use {allowed}")).with_header("allow", allowed)
    }

    /// What the service stands on did not answer in time.
    pub(crate) fn unavailable(cause: &str) -> Self {
        Self {
            code: ErrorCode::TemporarilyUnavailable,
            description: "the service is temporarily unavailable, try again".to_owned(),
            headers: Vec::new(),
            event: AuditEvent::new("request.failed", Level::Error)
                .reason(ErrorCode::TemporarilyUnavailable.as_str())
                .field("cause", cause),
        }
        .with_header("retry-after", RETRY_AFTER.to_string())
    }

    /// The service itself is at fault; only the log learns how.
    pub(crate) fn internal(cause: &str) -> Self {
        Self {
            code: ErrorCode::ServerError,
            description: "the service failed".to_owned(),
            headers: Vec::new(),
            event: AuditEvent::new("request.failed", Level::Error)
                .reason(ErrorCode::ServerError.as_str())
                .field("cause", cause),
        }
    }

    /// A refused grant: the same bytes whatever the cause, which only the log learns.
    fn invalid_grant(event: AuditEvent) -> Self {
        Self {
            code: ErrorCode::InvalidGrant,
            description: "the credentials or the refresh token are not valid".to_owned(),
            headers: Vec::new(),
            event,
        }
        .with_header("www-authenticate", BEARER)
    }

    /// An attempt that came too soon after others; what became of it, only the log learns.
    fn throttled(retry_after: Seconds, event: AuditEvent) -> Self {
        Self {
            code: ErrorCode::Throttled,
            description: format!("there were too many attempts: try again in {} s", retry_after.get()),
            headers: Vec::new(),
            event,
        }
        .with_header("retry-after", retry_after.get().to_string())
    }

    fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The challenge of a 401 (RFC 6750 s3).
const BEARER: &str = r#"Bearer realm="gatehouse""#;

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

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let failed = |reason| AuditEvent::new("login.failed", Level::Warn).reason(reason);
        match error {
            LoginError::UnknownUser(address) => Self::invalid_grant(failed("unknown_user").identifier(&address)),
            LoginError::WrongPassword(user) => Self::invalid_grant(failed("wrong_password").user(&user)),
            LoginError::Disabled(user) => Self::invalid_grant(failed("disabled_user").user(&user)),
            LoginError::Throttled {
                address,
                lane,
                retry_after,
            } => {
                let event = AuditEvent::new("login.throttled", Level::Warn).reason(lane);
                Self::throttled(retry_after, event.identifier(&address))
            }
            LoginError::SourceClosed { retry_after } => Self::throttled(
                retry_after,
                AuditEvent::counted("login.throttled", Level::Warn, "source"),
            ),
            LoginError::Store(error) => error.into(),
            LoginError::Sign(error) => error.into(),
            LoginError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}

impl From<PasswordChangeError> for Failure {
    fn from(error: PasswordChangeError) -> Self {
        let refused = |reason| AuditEvent::new("password.refused", Level::Warn).reason(reason);
        match error {
            PasswordChangeError::Over(user) => Self {
                event: refused("session_over").user(&user),
                ..Self::unauthorized()
            },
            PasswordChangeError::WrongPassword(user) => Self::invalid_grant(refused("wrong_password").user(&user)),
            PasswordChangeError::Throttled { user_id, retry_after } => {
                let event = AuditEvent::new("password.throttled", Level::Warn).user(&user_id);
                Self::throttled(retry_after, event)
            }
            PasswordChangeError::Overtaken => Self::unavailable("the user changed meanwhile"),
            PasswordChangeError::Store(error) => error.into(),
            PasswordChangeError::Sign(error) => error.into(),
            PasswordChangeError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}

impl From<Undecided> for Failure {
    fn from(error: Undecided) -> Self {
        Self::unavailable(&error.to_string())
    }
}

impl From<KeysUnavailable> for Failure {
    fn from(error: KeysUnavailable) -> Self {
        Self::unavailable(&error.to_string())
    }
}

impl From<PseudonymFault> for Failure {
    fn from(error: PseudonymFault) -> Self {
        Self::unavailable(&error.to_string())
    }
}

impl From<EdgeKeyFault> for Failure {
    fn from(error: EdgeKeyFault) -> Self {
        Self::unavailable(&error.to_string())
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
        let event = AuditEvent::new("sessions.throttled", Level::Warn).user(&error.user_id);
        let description = format!("there were too many lists: try again in {} s", error.retry_after.get());
        Self {
            description,
            ..Self::throttled(error.retry_after, event)
        }
    }
}

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Self {
        let refused = |reason| AuditEvent::new("refresh.refused", Level::Warn).reason(reason);
        match error {
            RefreshError::Refused(refusal) => {
                Self::invalid_grant(AuditEvent::refused_token("refresh.refused", Level::Warn, &refusal))
            }
            RefreshError::WrongDelivery => Self::invalid_grant(refused("wrong_delivery")),
            RefreshError::Disabled(user) => Self::invalid_grant(refused("disabled_user").user(&user)),
            RefreshError::Over(user, sid) => Self::invalid_grant(refused("session_over").user(&user).session(&sid)),
            RefreshError::Theft(user, sid, delivery) => {
                let theft = AuditEvent::new("refresh.theft", Level::Warn).user(&user).session(&sid);
                let mut failure = Self::invalid_grant(theft);
                failure.headers.extend(cookie::deletion(delivery));
                failure
            }
            RefreshError::Contention => Self::unavailable("the session moves too fast"),
            RefreshError::Store(error) => error.into(),
            RefreshError::Sign(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::password::HashError;
    use claims::{Delivery, Refusal, SessionId, UserId};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(ErrorCode::InvalidRequest, "invalid_request", 400)]
    #[case(ErrorCode::WeakPassword, "weak_password", 400)]
    #[case(ErrorCode::InvalidGrant, "invalid_grant", 401)]
    #[case(ErrorCode::LoginRequired, "login_required", 401)]
    #[case(ErrorCode::InvalidToken, "invalid_token", 401)]
    #[case(ErrorCode::CsrfFailed, "csrf_failed", 403)]
    #[case(ErrorCode::Forbidden, "forbidden", 403)]
    #[case(ErrorCode::NotFound, "not_found", 404)]
    #[case(ErrorCode::MethodNotAllowed, "method_not_allowed", 405)]
    #[case(ErrorCode::RequestTooLarge, "request_too_large", 413)]
    #[case(ErrorCode::UnsupportedMediaType, "unsupported_media_type", 415)]
    #[case(ErrorCode::Throttled, "throttled", 429)]
    #[case(ErrorCode::TemporarilyUnavailable, "temporarily_unavailable", 503)]
    #[case(ErrorCode::ServerError, "server_error", 500)]
    fn a_code_has_its_name_and_its_status(#[case] code: ErrorCode, #[case] name: &str, #[case] status: u16) {
        assert_eq!((code.as_str(), code.status().as_u16()), (name, status));
    }

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
    #[case::contention(
        Failure::from(RefreshError::Contention),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_key_yet(
        Failure::from(SignError::NoActiveKey),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_key_made_yet(
        Failure::from(KeysUnavailable::NoKeys),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_pseudonyms(
        Failure::from(PseudonymFault::from(auth::attempts::InvalidPseudonymKey)),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::no_edge_keys(
        Failure::from(EdgeKeyFault::Unread),
        ErrorCode::TemporarilyUnavailable,
        &[("retry-after", "1")]
    )]
    #[case::closed_source(
        Failure::from(LoginError::SourceClosed { retry_after: Seconds::new(64) }),
        ErrorCode::Throttled,
        &[("retry-after", "64")]
    )]
    #[case::throttled(Failure::from(throttled()), ErrorCode::Throttled, &[("retry-after", "64")])]
    #[case::too_many_lists(
        Failure::from(TooManyLists { user_id: user(), retry_after: Seconds::new(9) }),
        ErrorCode::Throttled,
        &[("retry-after", "9")]
    )]
    #[case::token_too_long(Failure::from(SignError::TooLong { limit: 1 }), ErrorCode::ServerError, &[])]
    #[case::cancelled(Failure::from(LoginError::Hash(HashError::Cancelled)), ErrorCode::ServerError, &[])]
    fn a_failure_says_what_to_do_next(
        #[case] failure: Failure,
        #[case] code: ErrorCode,
        #[case] headers: &[(&str, &str)],
    ) {
        let found: Vec<(&str, &str)> = failure
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();

        assert_eq!((failure.code, found.as_slice()), (code, headers));
    }

    #[rstest]
    #[case::unknown_user(LoginError::UnknownUser(pseudonym()).into(), "login.failed", Some("unknown_user"))]
    #[case::wrong_password(LoginError::WrongPassword(user()).into(), "login.failed", Some("wrong_password"))]
    #[case::disabled(LoginError::Disabled(user()).into(), "login.failed", Some("disabled_user"))]
    #[case::bad_token(RefreshError::Refused(Refusal::Expired).into(), "refresh.refused", Some("expired"))]
    #[case::other_delivery(RefreshError::WrongDelivery.into(), "refresh.refused", Some("wrong_delivery"))]
    #[case::user_gone(RefreshError::Disabled(user()).into(), "refresh.refused", Some("disabled_user"))]
    #[case::over(RefreshError::Over(user(), sid()).into(), "refresh.refused", Some("session_over"))]
    #[case::theft(RefreshError::Theft(user(), sid(), Delivery::Body).into(), "refresh.theft", None)]
    fn every_refused_grant_is_told_the_same_and_logged_as_what_it_was(
        #[case] failure: Failure,
        #[case] event: &str,
        #[case] reason: Option<&str>,
    ) {
        assert_eq!(failure.code, ErrorCode::InvalidGrant);
        assert_eq!(
            failure.description,
            "the credentials or the refresh token are not valid"
        );
        assert_eq!(failure.headers, [("www-authenticate", BEARER.to_owned())]);
        assert_eq!(failure.event.name, event);
        assert_eq!(
            failure.event.fields.get("reason").and_then(|reason| reason.as_str()),
            reason
        );
    }

    #[test]
    fn a_theft_by_cookie_takes_the_cookie_away_and_is_else_like_any_refusal() {
        let theft = Failure::from(RefreshError::Theft(user(), sid(), Delivery::Cookie));
        let refusal = Failure::from(RefreshError::WrongDelivery);

        assert_eq!((theft.code, theft.description), (refusal.code, refusal.description));
        let expected = [refusal.headers, cookie::deletion(Delivery::Cookie)].concat();
        assert_eq!(theft.headers, expected);
    }

    #[rstest]
    #[case::outage(outage().into(), ErrorCode::TemporarilyUnavailable)]
    #[case::outage_at_login(LoginError::Store(outage()).into(), ErrorCode::TemporarilyUnavailable)]
    #[case::outage_at_refresh(RefreshError::Store(outage()).into(), ErrorCode::TemporarilyUnavailable)]
    #[case::malformed(StoreError::Malformed { operation: "canary" }.into(), ErrorCode::ServerError)]
    #[case::fault(Failure::internal("canary"), ErrorCode::ServerError)]
    fn a_cause_is_for_the_log_alone(#[case] failure: Failure, #[case] code: ErrorCode) {
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

    #[test]
    fn a_throttled_login_is_logged_by_what_stands_for_its_address() {
        let event = Failure::from(throttled()).event;

        assert_eq!((event.name, event.level), ("login.throttled", Level::Warn));
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
            retry_after: Seconds::new(64),
        }
    }

    fn pseudonym() -> auth::attempts::Pseudonym {
        let key = auth::attempts::PseudonymKey::parse(&"key".repeat(11)).unwrap();
        key.of_address(&auth::user::Email::parse("ada@example.com").unwrap())
    }

    fn user() -> UserId {
        UserId::parse("user-1").unwrap()
    }

    fn sid() -> SessionId {
        SessionId::parse("session-1").unwrap()
    }
}
