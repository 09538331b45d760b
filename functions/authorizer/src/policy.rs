//! IAM policies, as API Gateway takes them.

use serde_json::{Value, json};

use crate::arn::Stage;

/// What a statement does. It has no default on purpose: where nothing is said, nothing is allowed.
#[derive(Clone, Copy, Debug)]
enum Effect {
    Allow,
    Deny,
}

/// Everything that a caller may call: the stage, but for these patterns. The gateway keeps a policy and asks it about
/// other routes, and a path is its caller's text (`/users/*` would be a wildcard), so none is ever in it. It is the same
/// whatever was called.
pub(crate) fn of_caller(stage: Option<&Stage>, denied: &[&str]) -> Value {
    let Some(stage) = stage else {
        return of_nobody(None);
    };
    let mut statements = vec![statement(Effect::Allow, &[stage.resource("*")])];
    let resources: Vec<String> = denied.iter().map(|pattern| stage.resource(pattern)).collect();
    if !resources.is_empty() {
        statements.push(statement(Effect::Deny, &resources));
    }
    document(&statements)
}

/// Nothing, said aloud: where an authorizer is silent, another policy may allow.
pub(crate) fn of_nobody(stage: Option<&Stage>) -> Value {
    let everything = stage.map_or_else(|| "*".to_owned(), |stage| stage.resource("*"));
    document(&[statement(Effect::Deny, &[everything])])
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The one place that says Allow or Deny.
fn statement(effect: Effect, resources: &[String]) -> Value {
    let effect = match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": resources})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arn;

    #[test]
    fn a_refusal_is_written_as_deny_and_an_allowance_as_allow() {
        let effects = |document: Value| -> Vec<String> {
            let statements = document["Statement"].as_array().unwrap().clone();
            let effect = |statement: &Value| statement["Effect"].as_str().unwrap().to_owned();
            statements.iter().map(effect).collect()
        };
        let (stage, _) = arn::parse("arn:aws:execute-api:eu-west-1:1:abc/prod/GET/").unwrap();

        assert_eq!(effects(of_nobody(None)), ["Deny"]);
        assert_eq!(effects(of_caller(None, &[])), ["Deny"]);
        assert_eq!(effects(of_nobody(Some(&stage))), ["Deny"]);
        assert_eq!(effects(of_caller(Some(&stage), &[])), ["Allow"]);
        assert_eq!(effects(of_caller(Some(&stage), &["GET/admin"])), ["Allow", "Deny"]);
    }

    #[test]
    fn a_policy_without_a_stage_denies_everything() {
        let expected = json!([{"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ["*"]}]);

        assert_eq!(of_nobody(None)["Statement"], expected);
    }
}
