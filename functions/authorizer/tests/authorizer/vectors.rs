//! Events and answers of API Gateway and SAM, collected by other projects.

use std::{fs, path::Path};

use doubles::vectors;
use serde_json::{Value, json};

use crate::harness::{NOW, ask, ask_with, http_1, rule, token};

const QUESTIONS: [&str; 9] = [
    "aws_lambda_events/example-apigw-custom-auth-request-type-request.json",
    "aws_lambda_events/example-apigw-custom-auth-request.json",
    "aws_lambda_events/example-apigw-v2-custom-authorizer-v1-request.json",
    "aws_lambda_events/example-apigw-v2-custom-authorizer-v2-request-null-maps.json",
    "aws_lambda_events/example-apigw-v2-custom-authorizer-v2-request-without-cookies.json",
    "aws_lambda_events/example-apigw-v2-custom-authorizer-v2-request-without-identity-source.json",
    "aws_lambda_events/example-apigw-v2-custom-authorizer-v2-request.json",
    "aws_lambda_events/example-apigw-v2-custom-authorizer-websocket-request.json",
    "aws_sam_cli_events/ApiGatewayAuthorizer.json",
];
const SAM_REQUEST: &str = "aws_sam_cli_events/ApiGatewayRestRequestAuthorizer.json";
const ANSWERS: [&str; 4] = [
    "aws_lambda_events/example-apigw-custom-auth-response.json",
    "aws_lambda_events/example-apigw-custom-auth-response-with-condition.json",
    "aws_lambda_events/example-apigw-custom-auth-response-with-single-value-action.json",
    "aws_lambda_events/example-apigw-custom-auth-response-with-single-value-resource.json",
];

#[test]
fn every_event_is_refused_unchanged_and_accepted_with_a_fresh_token() {
    let Some(folder) = vectors() else {
        return;
    };
    for name in QUESTIONS.into_iter().chain([SAM_REQUEST]) {
        let mut event = read(&folder, name);

        assert!(!accepts(&event), "{name}");
        insert(&mut event, &format!("Bearer {}", token(NOW)));
        assert!(accepts(&event), "{name}");
        insert(&mut event, &format!("Bearer {}x", token(NOW)));
        assert!(!accepts(&event), "{name}");
    }
}

/// Every collected event is refused when it is sent unchanged, even one for another kind of function. The only error is
/// `Unauthorized`.
#[test]
fn every_other_event_is_refused() {
    let Some(folder) = vectors() else {
        return;
    };
    let mut events = 0;
    for name in ["aws_lambda_events", "aws_sam_cli_events"] {
        for entry in fs::read_dir(folder.join(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                events += 1;
                assert!(!accepts_text(&fs::read_to_string(&path).unwrap()), "{}", path.display());
            }
        }
    }
    assert!(events > 37, "{events} events");
}

#[test]
fn our_policies_have_the_shape_of_the_collected_ones() {
    let Some(folder) = vectors() else {
        return;
    };
    let rules = [rule("GET /reports/{id}", Some("admin"), None)];
    let (answer, _) = ask_with(&[], &rules, &http_1(&format!("Bearer {}", token(NOW))).to_string());
    let ours = answer.unwrap();

    for name in ANSWERS {
        let theirs = read(&folder, name);

        for pointer in [
            "/principalId",
            "/policyDocument",
            "/policyDocument/Version",
            "/policyDocument/Statement",
            "/context",
        ] {
            let (ours, theirs) = (ours.pointer(pointer), theirs.pointer(pointer));
            assert_eq!(ours.map(kind), theirs.map(kind), "{name} {pointer}");
        }
        assert_eq!(ours["policyDocument"]["Version"], theirs["policyDocument"]["Version"]);
        assert!(
            ours.as_object()
                .unwrap()
                .keys()
                .all(|member| theirs.get(member).is_some()),
            "{name}"
        );
        for statement in ours["policyDocument"]["Statement"].as_array().unwrap() {
            let like = &theirs["policyDocument"]["Statement"][0];
            let members = statement.as_object().unwrap();
            assert!(members.keys().all(|member| like.get(member).is_some()), "{name}");
            assert!(["Allow", "Deny"].contains(&statement["Effect"].as_str().unwrap()));
        }
        assert!(theirs["context"].as_object().unwrap().values().all(Value::is_string));
    }
    assert!(ours["context"].as_object().unwrap().values().all(Value::is_string));
}

/// Puts a header's value where the gateway puts it, and leaves everything else unchanged.
fn insert(event: &mut Value, authorization: &str) {
    if event["type"] == "TOKEN" {
        event["authorizationToken"] = json!(authorization);
        return;
    }
    event["headers"]["Authorization"] = json!(authorization);
    if event["multiValueHeaders"].is_object() {
        event["multiValueHeaders"]["Authorization"] = json!([authorization]);
    }
    match &event["identitySource"] {
        Value::String(_) => {
            event["identitySource"] = json!(authorization);
            event["authorizationToken"] = json!(authorization);
        }
        Value::Array(_) => event["identitySource"] = json!([authorization]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

fn accepts(event: &Value) -> bool {
    accepts_text(&event.to_string())
}

fn accepts_text(event: &str) -> bool {
    match ask(event).0 {
        Ok(answer) => answer["isAuthorized"] == true || answer["policyDocument"]["Statement"][0]["Effect"] == "Allow",
        Err(message) => {
            assert_eq!(message, "Unauthorized");
            false
        }
    }
}

/// Returns the kind of a JSON value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}
