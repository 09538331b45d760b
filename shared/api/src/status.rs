//! The status codes of all answers, successful or not.

use lambda_http::http::StatusCode;

/// The status of a success with a body.
pub(crate) const OK: StatusCode = StatusCode::OK;
/// The status of a request that another function will finish.
pub(crate) const ACCEPTED: StatusCode = StatusCode::ACCEPTED;
/// The status of a success without a body.
pub(crate) const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;

/// Declares the error codes, each with its name in answers and its status.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $status:ident;)+) => {
        /// The member `error` of an answer to a request that is refused or fails (RFC 6749 s5.2, RFC 6750 s3.1). A code
        /// never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$doc])* $code,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// Returns the code as it appears in the answer.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                }
            }

            /// Returns the status of an answer with this code.
            pub(crate) const fn status(self) -> StatusCode {
                match self {
                    $(Self::$code => StatusCode::$status,)+
                }
            }
        }
    };
}

error_codes! {
    /// The request does not have the form that the contract describes.
    InvalidRequest = "invalid_request", BAD_REQUEST;
    /// A new password is too short or too easy to guess.
    WeakPassword = "weak_password", BAD_REQUEST;
    /// The credentials or the refresh token are refused.
    InvalidGrant = "invalid_grant", UNAUTHORIZED;
    /// A second factor is required. Everything else in the request was right.
    MfaRequired = "mfa_required", UNAUTHORIZED;
    /// The user has to authenticate again in this session (RFC 9470 s3).
    InsufficientUserAuthentication = "insufficient_user_authentication", UNAUTHORIZED;
    /// There is no refresh token, so there is nothing to refresh.
    LoginRequired = "login_required", UNAUTHORIZED;
    /// The request has no valid access token, or the session of its token has ended.
    InvalidToken = "invalid_token", UNAUTHORIZED;
    /// Another site could have made the request (CSRF).
    CsrfFailed = "csrf_failed", FORBIDDEN;
    /// The request did not come through the proxy that the service stands behind.
    Forbidden = "forbidden", FORBIDDEN;
    /// There is nothing at this path, or the caller has no session with this id.
    NotFound = "not_found", NOT_FOUND;
    /// The caller already has what the request would add.
    Conflict = "conflict", CONFLICT;
    /// The path does not support the method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// The body is longer than 8 KiB.
    RequestTooLarge = "request_too_large", PAYLOAD_TOO_LARGE;
    /// The body is not declared as JSON, or it is compressed.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// There were too many attempts before this one.
    Throttled = "throttled", TOO_MANY_REQUESTS;
    /// The service cannot answer now, for example because a service that it depends on does not respond. A retry may
    /// succeed.
    TemporarilyUnavailable = "temporarily_unavailable", SERVICE_UNAVAILABLE;
    /// Any other failure of the service.
    ServerError = "server_error", INTERNAL_SERVER_ERROR;
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(ErrorCode::InvalidRequest, "invalid_request", 400)]
    #[case(ErrorCode::WeakPassword, "weak_password", 400)]
    #[case(ErrorCode::InvalidGrant, "invalid_grant", 401)]
    #[case(ErrorCode::MfaRequired, "mfa_required", 401)]
    #[case(ErrorCode::InsufficientUserAuthentication, "insufficient_user_authentication", 401)]
    #[case(ErrorCode::Conflict, "conflict", 409)]
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
}
