//! The authorizer for REST APIs, invoked with events as API Gateway sends them.

use authorizer::Authorizer;
use config::Environment;
use runtime::{Audit, Invoke as _};
use serde_json::{Value, json};
use tests::{Keys, Log, Stack, environment, template};

const METHOD_ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/reports/7";

#[tokio::test]
async fn a_good_token_gets_a_policy_for_the_whole_stage() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");

    let policy = ask(&stack, &rest_token(&format!("Bearer {token}"), METHOD_ARN))
        .await
        .unwrap();

    assert_eq!(policy["principalId"], stack.user.id.as_str());
    assert_eq!(
        policy["policyDocument"],
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Action": "execute-api:Invoke",
                "Effect": "Allow",
                "Resource": ["arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/*"],
            }],
        })
    );
    let context = policy["context"].as_object().unwrap();
    assert!(context.values().all(Value::is_string));
    assert!(local::allows(&policy["policyDocument"], METHOD_ARN));
    assert!(!local::allows(
        &policy["policyDocument"],
        &METHOD_ARN.replace("/prod/", "/dev/")
    ));
}

#[tokio::test]
async fn everything_else_is_exactly_unauthorized() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let (access, refresh) = (login.text("access_token"), login.text("refresh_token"));

    for event in [
        rest_token(&format!("Bearer {refresh}"), METHOD_ARN),
        rest_token(&access, METHOD_ARN),
        rest_token("", METHOD_ARN),
        rest_token(
            &format!("Bearer {access}"),
            "arn:aws:execute-api:eu-west-1:1:*/prod/GET/",
        ),
        rest_token(&format!("Bearer {access}"), ""),
        json!({"type": "TOKEN"}),
        json!({}),
        json!([]),
        json!(null),
    ] {
        let refusal = ask(&stack, &event).await.unwrap_err();

        assert_eq!(refusal, "Unauthorized", "{event}");
    }
}

async fn ask(stack: &Stack, event: &Value) -> Result<Value, String> {
    let environment: Environment = environment(&template(&[]), "authorizer", stack.suffix(), &Keys::Given)
        .into_iter()
        .chain(stack.aws_variables())
        .collect();
    let audit = Audit::new(environment.telemetry().unwrap(), Log::default());
    let authorizer = Authorizer::new(&environment, stack.clock.clone(), audit).await.unwrap();
    let answer = authorizer.invoke(&event.to_string(), "id".to_owned(), None).await;
    answer.map_err(|error| error.to_string())
}

fn rest_token(authorization: &str, method_arn: &str) -> Value {
    json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": method_arn})
}
