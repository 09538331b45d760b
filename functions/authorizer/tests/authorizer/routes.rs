//! The routes that a rule applies to, as the gateway names them and as callers write them.

use rstest::rstest;
use rules::Rule;
use serde_json::{Value, json};

use crate::{
    harness::{NOW, STAGE, ask_with, http_1, http_2, rest_request, rule, token, web_socket},
    iam::allows,
};

#[rstest]
#[case("GET", "/reports/{id}", false)]
#[case("ANY", "/reports/{id}", false)]
#[case("ANY", "/{proxy+}", false)]
#[case("POST", "/{proxy+}", false)]
#[case("GET", "/report", true)]
fn the_route_name_forbids_every_spelling_of_the_path(#[case] method: &str, #[case] path: &str, #[case] allowed: bool) {
    let rules = [rule("GET /reports/{number}", Some("admin"), None)];
    let mut simple = http_2(&bearer());
    simple["routeKey"] = json!(format!("{method} {path}"));
    simple["requestContext"] = json!({"http": {"method": "GET"}});
    simple["routeArn"] = json!(format!("{STAGE}/GET/%72eports/7"));
    let mut rest = rest_request(&bearer());
    rest["httpMethod"] = json!("GET");
    rest["resource"] = json!(path);
    rest["methodArn"] = simple["routeArn"].clone();

    let simple = ask_with(&[], &rules, &simple.to_string()).0.unwrap();
    let policy = ask_with(&[], &rules, &rest.to_string()).0.unwrap();

    assert_eq!(simple["isAuthorized"], json!(allowed));
    let arn = format!("{STAGE}/GET/%72eports/7");
    assert_eq!(allows(&policy["policyDocument"], &arn), allowed);
    assert_eq!(policy["context"]["error"] == "insufficient_scope", !allowed);
}

/// If the event does not name the called route, the call may be to any route.
#[test]
fn a_call_of_an_unknown_route_must_satisfy_every_rule() {
    let rules = [rule("GET /admin", Some("admin"), None)];
    let mut event = http_2(&bearer());
    event["routeArn"] = json!(null);

    let (answer, log) = ask_with(&[], &rules, &event.to_string());

    assert_eq!(answer.unwrap()["isAuthorized"], json!(false));
    assert_eq!(log, ["insufficient_scope"]);
}

#[test]
fn a_rule_of_another_api_demands_nothing() {
    let of = |api: &str| Rule {
        api: Some(api.to_owned()),
        ..rule("GET /reports/{id}", Some("admin"), None)
    };
    for (api, allowed) in [("abc123", false), ("other", true)] {
        let simple = ask_with(&[], &[of(api)], &http_2(&bearer()).to_string()).0.unwrap();
        let policy = ask_with(&[], &[of(api)], &http_1(&bearer()).to_string()).0.unwrap();

        assert_eq!(simple["isAuthorized"], json!(allowed), "{api}");
        assert_eq!(statements(&policy), if allowed { 1 } else { 2 }, "{api}");
    }
}

#[test]
fn a_slash_at_the_end_does_not_get_around_a_rule() {
    let rules = [rule("GET /admin", Some("admin"), None)];
    for (path, allowed) in [("admin", false), ("admin/", false), ("admins", true), ("admin/x", true)] {
        let mut event = http_2(&bearer());
        event["routeArn"] = json!(format!("{STAGE}/GET/{path}"));

        let answer = ask_with(&[], &rules, &event.to_string()).0.unwrap();

        assert_eq!(answer["isAuthorized"], json!(allowed), "{path}");
    }
}

#[test]
fn a_web_socket_has_no_path_and_no_rules() {
    let rules = [rule("ANY /{proxy+}", Some("admin"), None)];

    let (answer, log) = ask_with(&[], &rules, &web_socket(&bearer()).to_string());

    assert!(allows(&answer.unwrap()["policyDocument"], &format!("{STAGE}/$connect")));
    assert!(log.is_empty());
}

/// The console tests an authorizer with an event whose stage is `*`.
#[test]
fn every_stage_is_meant_by_a_star() {
    let mut event = http_1(&bearer());
    event["methodArn"] = json!("arn:aws:execute-api:us-west-2:123456789012:ymy8tbxw7b/*/GET/");

    let answer = ask_with(&[], &[], &event.to_string()).0.unwrap();

    let resources = &answer["policyDocument"]["Statement"][0]["Resource"];
    assert_eq!(
        resources,
        &json!(["arn:aws:execute-api:us-west-2:123456789012:ymy8tbxw7b/*/*"])
    );
}

fn statements(policy: &Value) -> usize {
    policy["policyDocument"]["Statement"].as_array().unwrap().len()
}

fn bearer() -> String {
    format!("Bearer {}", token(NOW))
}
