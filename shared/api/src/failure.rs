//! Refusals and faults as answers: the only file with status codes.

use auth::{InvalidEmail, InvalidPassword, LoginError, RefreshError, StoreError};
use claims::SignError;
use lambda_http::http::StatusCode;

use crate::{AuditEvent, Level, cookie};

/// How long a caller should wait before a retry, in seconds.
const RETRY_AFTER: u32 = 1;

/// The `error` of a refusal (RFC 6749 s5.2, RFC 6750 s3.1). A code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is not of the form that the contract gives.
    InvalidRequest,
    /// The credentials or the refresh token are refused.
    InvalidGrant,
    /// The access token is missing or refused, where a function sees it itself.
    InvalidToken,
    /// A cookie came with a request that another site could have made.
    CsrfFailed,
    /// There is nothing at this path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The body is longer than 8 KB.
    RequestTooLarge,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
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
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidToken => "invalid_token",
            Self::CsrfFailed => "csrf_failed",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTooLarge => "request_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// The status of an answer with this code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::InvalidGrant | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::CsrfFailed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
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
            event: AuditEvent::new("request.refused", Level::Info).reason(code.as_str()),
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
        Self::invalid_request(error.to_string())
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
            LoginError::UnknownUser => Self::invalid_grant(failed("unknown_user")),
            LoginError::WrongPassword(user) => Self::invalid_grant(failed("wrong_password").user(&user)),
            LoginError::Disabled(user) => Self::invalid_grant(failed("disabled_user").user(&user)),
            LoginError::Store(error) => error.into(),
            LoginError::Sign(error) => error.into(),
            LoginError::Cancelled => Self::internal("the password check was cancelled"),
        }
    }
}

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Self {
        let refused = |reason| AuditEvent::new("refresh.refused", Level::Warn).reason(reason);
        match error {
            RefreshError::Refused(refusal) => Self::invalid_grant(refused(refusal.reason())),
            RefreshError::WrongDelivery => Self::invalid_grant(refused("wrong_delivery")),
            RefreshError::Disabled(user) => Self::invalid_grant(refused("disabled_user").user(&user)),
            RefreshError::Over(user, sid) => Self::invalid_grant(refused("session_over").user(&user).session(&sid)),
            RefreshError::Theft(user, sid, delivery) => Self {
                headers: cookie::deletion(delivery),
                ..Self::invalid_grant(AuditEvent::new("refresh.theft", Level::Warn).user(&user).session(&sid))
            },
            RefreshError::Contention => Self::unavailable("the session moves too fast"),
            RefreshError::Store(error) => error.into(),
            RefreshError::Sign(error) => error.into(),
        }
    }
}
