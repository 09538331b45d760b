//! The authorizer's answers: simple for HTTP APIs, policies for REST APIs.

use api::FunctionError;
use claims::{Access, Claims};
use serde_json::{Map, Value, json};

use crate::event::Question;

/// The one message of which a REST API makes a 401.
const UNAUTHORIZED: &str = "Unauthorized";

/// The answer for a good token, or the reason why there is none that could be given.
pub(crate) fn allow(question: &Question, claims: &Claims<Access>) -> Result<Value, &'static str> {
    match question {
        Question::Http { .. } => Ok(json!({"isAuthorized": true, "context": context(claims)})),
        Question::RestToken { method_arn, .. } => {
            let resource = every_route(method_arn).ok_or("malformed_arn")?;
            Ok(policy(&resource, claims))
        }
        Question::Unknown => Err("unknown_event"),
    }
}

/// The answer for anything else.
pub(crate) fn deny(question: &Question, reason: &'static str) -> Result<Value, FunctionError> {
    match question {
        Question::Http { .. } => Ok(json!({
            "isAuthorized": false,
            "context": {"error": "invalid_token", "reason": reason},
        })),
        Question::RestToken { .. } | Question::Unknown => Err(FunctionError::new(UNAUTHORIZED)),
    }
}

fn policy(resource: &str, claims: &Claims<Access>) -> Value {
    json!({
        "principalId": claims.sub(),
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": [resource]}],
        },
        "context": context(claims),
    })
}

/// The ARN of every route of the stage that `method_arn` is in. The gateway caches a policy for all routes, and the
/// path in the ARN is the caller's text (`/users/*` would be a wildcard), so nothing after the stage is kept.
fn every_route(method_arn: &str) -> Option<String> {
    let mut parts = method_arn.split('/');
    let (api, stage) = (parts.next()?, parts.next()?);
    let plain = |part: &str| !part.is_empty() && !part.contains(['*', '?']);
    let fields: Vec<&str> = api.split(':').collect();
    let sound = matches!(fields.as_slice(), ["arn", _, "execute-api", _, _, id] if !id.is_empty());
    (sound && plain(api) && plain(stage)).then(|| format!("{api}/{stage}/*"))
}

/// What the API learns of the caller: flat strings, as every kind of API can pass them on.
fn context(claims: &Claims<Access>) -> Map<String, Value> {
    let own = claims.own();
    let text = |name: &str, value: String| (name.to_owned(), Value::String(value));
    let custom = own.custom.iter().map(|(name, value)| text(name, value.to_string()));
    let registered = [
        text("sub", claims.sub().to_string()),
        text("sid", claims.sid().to_string()),
        text("jti", claims.jti().to_string()),
        text("role", own.role.to_string()),
        text("scope", own.scope.to_string()),
        text("email", own.email.clone()),
        text("client_id", own.client_id.to_string()),
        text("exp", claims.exp().get().to_string()),
        text("auth_time", own.auth_time.get().to_string()),
    ];
    custom.chain(registered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_covers_the_stage_and_echoes_no_path() {
        for (method_arn, expected) in [
            (
                "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/users/*",
                Some("arn:aws:execute-api:eu-west-1:123456789012:abc/prod/*"),
            ),
            (
                "arn:aws-cn:execute-api:cn-north-1:1:abc/prod/GET/",
                Some("arn:aws-cn:execute-api:cn-north-1:1:abc/prod/*"),
            ),
            ("arn:aws:execute-api:eu-west-1:1:*/prod/GET/", None),
            ("arn:aws:execute-api:eu-west-1:1:abc/*/GET/", None),
            ("arn:aws:s3:eu-west-1:1:abc/prod/GET/", None),
            ("arn:aws:execute-api:eu-west-1:1:abc", None),
            ("", None),
        ] {
            assert_eq!(every_route(method_arn).as_deref(), expected, "{method_arn}");
        }
    }
}
