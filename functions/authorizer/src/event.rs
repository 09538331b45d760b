//! The question that API Gateway asks, in each of its shapes, read leniently: what is missing, unknown or odd is no
//! error here, it only leaves less to believe.

use serde_json::{Map, Value};

/// A question, as far as it is understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A REST API's `TOKEN` authorizer: the header's value, and the ARN of the method that was called.
    RestToken {
        /// The whole value of the `Authorization` header.
        authorization: Option<String>,
        /// `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`.
        method_arn: String,
    },
    /// An HTTP API with payload format 2.0: every value of the `Authorization` header, in one or several.
    Http {
        /// The values, under whatever case the name came.
        authorization: Vec<String>,
    },
    /// Anything else.
    Unknown,
}

impl Question {
    /// Reads an event of any shape.
    pub(crate) fn read(payload: &str) -> Self {
        let Ok(Value::Object(event)) = serde_json::from_str(payload) else {
            return Self::Unknown;
        };
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        match (text("version"), text("type")) {
            (Some("2.0"), _) => Self::Http {
                authorization: header_values(&event, "authorization"),
            },
            (None, Some("TOKEN")) => Self::RestToken {
                authorization: text("authorizationToken").map(str::to_owned),
                method_arn: text("methodArn").unwrap_or_default().to_owned(),
            },
            _ => Self::Unknown,
        }
    }

    /// The one value of the `Authorization` header, or the reason why there is none to look at.
    pub(crate) fn authorization(&self) -> Result<&str, &'static str> {
        match self {
            Self::RestToken { authorization, .. } => authorization.as_deref().ok_or("no_token"),
            Self::Http { authorization } => match authorization.as_slice() {
                [] => Err("no_token"),
                [one] => Ok(one),
                _ => Err("several_tokens"),
            },
            Self::Unknown => Err("unknown_event"),
        }
    }
}

fn header_values(event: &Map<String, Value>, wanted: &str) -> Vec<String> {
    let headers = event.get("headers").and_then(Value::as_object);
    headers
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .filter_map(|(_, value)| value.as_str())
        .map(str::to_owned)
        .collect()
}
