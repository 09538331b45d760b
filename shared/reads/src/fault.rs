//! The errors of a call. Their messages contain nothing from an answer except its error code, since an answer can
//! contain anything.

use auth::error::StoreError;
use serde::Deserialize;

use connections::Failure;

/// Why one attempt of a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There was no complete answer.
    Failed(Failure),
    /// The service refused the request with this status and code.
    Refused { status: u16, code: Option<String> },
}

/// The body of a refusal: `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}`.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    kind: Option<String>,
}

/// The error codes after which the SDK tries again, from "Retry behavior" in the AWS SDKs reference.
const TRANSIENT: [&str; 15] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];
/// The HTTP status codes after which the SDK tries again.
const TRANSIENT_STATUSES: [u16; 4] = [500, 502, 503, 504];
/// The maximum length of an error code in characters.
const MAX_CODE: usize = 64;

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Fault {
    /// Returns the fault for a refusal with this status and body. The error code in the body is left out if it is empty
    /// or too long, or if it has characters other than letters and digits.
    pub(crate) fn from_refusal(status: u16, body: &[u8]) -> Self {
        let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
        let kind = refusal.and_then(|refusal| refusal.kind);
        let code = kind.map(|kind| kind.rsplit('#').next().unwrap_or_default().to_owned());
        let is_word = |code: &String| {
            (1..=MAX_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        Self::Refused {
            status,
            code: code.filter(is_word),
        }
    }

    /// Returns whether another attempt may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Refused { status, code } => {
                TRANSIENT_STATUSES.contains(status) || code.as_deref().is_some_and(|code| TRANSIENT.contains(&code))
            }
        }
    }

    /// Returns the error of an operation that failed with this fault.
    pub(crate) fn into_error(self, operation: &'static str) -> StoreError {
        let cause = match self {
            Self::Failed(failure) => failure.to_string(),
            Self::Refused { code: Some(code), .. } => code,
            Self::Refused { code: None, .. } => "an error without a code".to_owned(),
        };
        StoreError::Unavailable { operation, cause }
    }
}

/// Returns the error for an answer or an item that does not have the expected form.
pub(crate) const fn malformed(operation: &'static str) -> StoreError {
    StoreError::Malformed { operation }
}

#[cfg(test)]
mod tests {
    use connections::NetworkFault;

    use super::*;

    #[test]
    fn a_refusal_is_reported_by_its_code_alone() {
        let throttled = br#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"canary"}"#;
        for (body, words) in [
            (&throttled[..], "ThrottlingException"),
            (br#"{"__type":"AccessDeniedException"}"#, "AccessDeniedException"),
            (br#"{"__type":"canary, with words"}"#, "an error without a code"),
            (br#"{"__type":""}"#, "an error without a code"),
            (b"<html>canary</html>", "an error without a code"),
            (b"", "an error without a code"),
        ] {
            let error = Fault::from_refusal(400, body).into_error("read feed");

            let expected = format!("read feed: the store is unavailable: {words}");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let refused =
            |status, code: &str| Fault::from_refusal(status, format!(r#"{{"__type":"x#{code}"}}"#).as_bytes());

        for fault in [
            Fault::Failed(NetworkFault::NoAnswer.into()),
            Fault::Failed(Failure::Unreadable),
            refused(400, "ThrottlingException"),
            refused(400, "ProvisionedThroughputExceededException"),
            refused(500, "InternalServerError"),
            refused(503, ""),
        ] {
            assert!(fault.is_transient(), "{fault:?}");
        }
        for fault in [
            refused(400, "AccessDeniedException"),
            refused(400, "ResourceNotFoundException"),
            refused(301, ""),
            refused(501, ""),
        ] {
            assert!(!fault.is_transient(), "{fault:?}");
        }
    }
}
