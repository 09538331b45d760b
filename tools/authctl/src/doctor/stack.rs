//! What CloudFormation and Lambda say about the stack.

use serde_json::Value;

use super::finding::Finding;
use crate::{
    arguments::Target,
    aws::{Call, Service},
    stack::Deployment,
};

/// The alias of the authorizer that APIs call.
const ALIAS: &str = "live";

/// Examines what is known from the stack's description.
pub(super) fn examine(deployment: &Deployment) -> Vec<Finding> {
    vec![
        of_status(&deployment.status),
        of_version(deployment),
        of_alarms(deployment),
    ]
}

fn of_status(status: &str) -> Finding {
    const CHECK: &str = "stack";
    match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Finding::ok(CHECK, status),
        "UPDATE_ROLLBACK_COMPLETE" => Finding::warning(
            CHECK,
            format!("{status}: the last update failed, and the version before it runs"),
            "look for the cause: aws cloudformation describe-stack-events",
        ),
        "UPDATE_IN_PROGRESS" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" | "CREATE_IN_PROGRESS" => Finding::warning(
            CHECK,
            format!("{status}: a deployment runs"),
            "examine the stack again after it",
        ),
        status => Finding::problem(
            CHECK,
            status,
            "look for the cause: aws cloudformation describe-stack-events",
        ),
    }
}

fn of_version(deployment: &Deployment) -> Finding {
    const CHECK: &str = "version";
    let own = env!("CARGO_PKG_VERSION");
    match deployment.version.as_deref() {
        Some(version) if version.trim_start_matches('v') == own => Finding::ok(CHECK, version),
        Some(version) => Finding::warning(
            CHECK,
            format!("the stack has {version}, and this authctl is {own}"),
            "use the authctl of the stack's release",
        ),
        None => Finding::ok(CHECK, "not from a release"),
    }
}

fn of_alarms(deployment: &Deployment) -> Finding {
    const CHECK: &str = "alarms";
    match deployment.parameter("AlarmTopic") {
        Some(topic) => Finding::ok(CHECK, topic),
        None => Finding::warning(
            CHECK,
            "nobody is told when something fails",
            "deploy the stack with AlarmTopic: docs/alarms.md",
        ),
    }
}

/// Examines which version of the authorizer decides.
pub(super) async fn examine_authorizer(deployment: &Deployment, target: &Target) -> anyhow::Result<Vec<Finding>> {
    const CHECK: &str = "authorizer";
    let Some(function) = deployment.resources.get("AuthorizerFunction") else {
        return Ok(vec![Finding::problem(
            CHECK,
            "the stack has none",
            "deploy the stack again",
        )]);
    };
    let path = format!("/2015-03-31/functions/{function}/aliases/{ALIAS}");
    let call = Call::get("get alias", Service::LAMBDA, path);
    Ok(vec![of_alias(&target.session().await?.call(&call).await?)])
}

fn of_alias(alias: &Value) -> Finding {
    const CHECK: &str = "authorizer";
    let version = alias.get("FunctionVersion").and_then(Value::as_str).unwrap_or("?");
    let weights = alias
        .get("RoutingConfig")
        .and_then(|routing| routing.get("AdditionalVersionWeights"));
    let weights = weights.and_then(Value::as_object).filter(|weights| !weights.is_empty());
    match weights {
        None => Finding::ok(CHECK, format!("version {version} decides")),
        Some(weights) => {
            let new: Vec<_> = weights.keys().map(String::as_str).collect();
            Finding::warning(
                CHECK,
                format!(
                    "an update is on trial: version {version} decides, and a part goes to {}",
                    new.join(", ")
                ),
                "wait for its end, or stop it in CodeDeploy",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::{super::finding::State, *};

    #[rstest]
    #[case("CREATE_COMPLETE", State::Ok)]
    #[case("UPDATE_ROLLBACK_COMPLETE", State::Warning)]
    #[case("UPDATE_IN_PROGRESS", State::Warning)]
    #[case("DELETE_IN_PROGRESS", State::Problem)]
    #[case("ROLLBACK_COMPLETE", State::Problem)]
    #[case("UPDATE_ROLLBACK_FAILED", State::Problem)]
    fn a_stack_is_well_when_its_last_change_is_done(#[case] status: &str, #[case] expected: State) {
        assert_eq!(of_status(status).state, expected);
    }

    #[test]
    fn an_update_on_trial_is_shown() {
        assert_eq!(
            of_alias(&json!({"FunctionVersion": "3", "RoutingConfig": null})).state,
            State::Ok
        );

        let trial = json!({"FunctionVersion": "3", "RoutingConfig": {"AdditionalVersionWeights": {"4": 0.1}}});

        assert!(of_alias(&trial).fact.contains("goes to 4"));
    }
}
