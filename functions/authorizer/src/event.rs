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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::rest_token(
        json!({"type": "TOKEN", "authorizationToken": "Bearer a", "methodArn": "arn"}),
        Question::RestToken { authorization: Some("Bearer a".into()), method_arn: "arn".into() }
    )]
    #[case::rest_token_of_odd_types(
        json!({"type": "TOKEN", "authorizationToken": 1, "methodArn": null}),
        Question::RestToken { authorization: None, method_arn: String::new() }
    )]
    #[case::http(
        json!({"version": "2.0", "type": "REQUEST", "headers": {"Authorization": "Bearer a", "host": "x"}}),
        Question::Http { authorization: vec!["Bearer a".into()] }
    )]
    #[case::http_with_two_headers(
        json!({"version": "2.0", "type": "REQUEST", "headers": {"Authorization": "a", "authorization": "b"}}),
        Question::Http { authorization: vec!["a".into(), "b".into()] }
    )]
    #[case::http_without_headers(
        json!({"version": "2.0", "type": "REQUEST", "headers": null}),
        Question::Http { authorization: Vec::new() }
    )]
    #[case::http_1(json!({"version": "1.0", "type": "REQUEST", "headers": {}}), Question::Unknown)]
    #[case::rest_request(json!({"type": "REQUEST", "methodArn": "arn", "headers": {}}), Question::Unknown)]
    #[case::no_type(json!({"authorizationToken": "Bearer a", "methodArn": "arn"}), Question::Unknown)]
    #[case::array(json!([]), Question::Unknown)]
    #[case::null(json!(null), Question::Unknown)]
    fn a_question_is_known_by_its_shape(#[case] event: Value, #[case] expected: Question) {
        assert_eq!(Question::read(&event.to_string()), expected);
    }

    #[rstest]
    #[case("")]
    #[case("{")]
    #[case(&"[".repeat(10_000))]
    fn what_is_not_json_is_no_question(#[case] payload: &str) {
        assert_eq!(Question::read(payload), Question::Unknown);
    }
}
