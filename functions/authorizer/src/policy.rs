//! IAM policies, in the form that API Gateway expects.

use serde_json::Value;

use crate::{arn::Stage, value::object};

/// The effect of a statement. It has no default, so nothing can be allowed by omission.
#[derive(Clone, Copy, Debug)]
enum Effect {
    Allow,
    Deny,
}

/// Returns a policy that allows everything at the stage except these patterns. Without a stage, it denies everything.
/// The gateway caches a policy and applies it to other routes, so the policy does not depend on the request. The path
/// of the request never appears in the policy, because the caller chooses it (`/users/*` would be a wildcard).
pub(crate) fn allow_except(stage: Option<&Stage>, denied: &[&str]) -> Value {
    let Some(stage) = stage else {
        return deny_everything(None);
    };
    let mut statements = vec![statement(Effect::Allow, vec![stage.resource("*")])];
    let resources: Vec<String> = denied.iter().map(|pattern| stage.resource(pattern)).collect();
    if !resources.is_empty() {
        statements.push(statement(Effect::Deny, resources));
    }
    document(statements)
}

/// Returns a policy that denies everything. An explicit Deny is needed, because another policy may allow what this one
/// leaves out.
pub(crate) fn deny_everything(stage: Option<&Stage>) -> Value {
    let everything = stage.map_or_else(|| "*".to_owned(), |stage| stage.resource("*"));
    document(vec![statement(Effect::Deny, vec![everything])])
}

fn document(statements: Vec<Value>) -> Value {
    object([("Version", "2012-10-17".into()), ("Statement", statements.into())])
}

/// Returns a statement. This is the only place that writes Allow or Deny.
fn statement(effect: Effect, resources: Vec<String>) -> Value {
    let effect = match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    object([
        ("Action", "execute-api:Invoke".into()),
        ("Effect", effect.into()),
        ("Resource", resources.into()),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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

        assert_eq!(effects(deny_everything(None)), ["Deny"]);
        assert_eq!(effects(allow_except(None, &[])), ["Deny"]);
        assert_eq!(effects(deny_everything(Some(&stage))), ["Deny"]);
        assert_eq!(effects(allow_except(Some(&stage), &[])), ["Allow"]);
        assert_eq!(effects(allow_except(Some(&stage), &["GET/admin"])), ["Allow", "Deny"]);
    }

    #[test]
    fn a_policy_without_a_stage_denies_everything() {
        let expected = json!([{"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ["*"]}]);

        assert_eq!(deny_everything(None)["Statement"], expected);
    }
}
