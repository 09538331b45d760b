//! The answers to each kind of API, row by row of the table in `docs/authorizer.md`.

use claims::Timestamp;
use doubles::Log;
use rstest::rstest;
use rules::Rules;
use serde_json::{Value, json};

use crate::harness::{
    Asked, NOW, STAGE, ask, ask_with, authorizer, context, draft, fields, http_1, http_2, invoke, parameter_route,
    rest_request, rest_token, rule, sign, statement, token, token_of, web_socket,
};

const POLICY: (&str, &str) = ("AUTHORIZER_RESPONSE", "policy");

#[test]
fn an_http_api_gets_a_simple_answer_with_the_user_of_a_good_token() {
    let (answer, log) = ask(&http_2(&bearer()).to_string());

    assert_eq!(answer, Ok(json!({"isAuthorized": true, "context": context()})));
    assert!(log.is_empty());
}

#[rstest]
#[case::rest_token(&[], rest_token(&bearer()))]
#[case::rest_request(&[], rest_request(&bearer()))]
#[case::web_socket(&[], web_socket(&bearer()))]
#[case::http_1(&[], http_1(&bearer()))]
#[case::http_2(&[POLICY], http_2(&bearer()))]
fn every_other_api_gets_a_policy_for_the_whole_stage(#[case] settings: &[(&str, &str)], #[case] event: Value) {
    let (answer, log) = ask_with(settings, &[], &event.to_string());

    let everything = format!("{STAGE}/*");
    assert_eq!(
        answer,
        Ok(json!({
            "principalId": "user-1",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement("Allow", &[&everything])]},
            "context": context(),
        }))
    );
    assert!(log.is_empty());
}

#[rstest]
#[case::nothing("", "no_token")]
#[case::no_scheme(&token(NOW), "no_token")]
#[case::other_scheme(&format!("Basic {}", token(NOW)), "other_scheme")]
#[case::two(&format!("Bearer {0},Bearer {0}", token(NOW)), "several_tokens")]
#[case::no_token("Bearer abc", "not_compact")]
#[case::changed(&format!("Bearer {}x", token(NOW)), "not_compact")]
#[case::control_bytes(&format!("Bearer {}\u{1}\r\n", token(NOW)), "not_compact")]
#[case::expired(&format!("Bearer {}", token(Timestamp::new(1_600_000_000))), "expired")]
fn a_token_that_is_not_good_is_refused_in_the_words_of_each_api(#[case] authorization: &str, #[case] reason: &str) {
    let context = json!({"error": "invalid_token", "reason": reason});
    let everything = format!("{STAGE}/*");
    let deny = json!({
        "principalId": "nobody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement("Deny", &[&everything])]},
        "context": context,
    });
    let logged = vec![reason.to_owned()];
    let unauthorized: Asked = (Err("Unauthorized".to_owned()), logged.clone());

    let simple = json!({"isAuthorized": false, "context": context});
    assert_eq!(ask(&http_2(authorization).to_string()), (Ok(simple), logged.clone()));
    let with_policy = ask_with(&[POLICY], &[], &http_2(authorization).to_string());
    assert_eq!(with_policy, (Ok(deny.clone()), logged.clone()));
    assert_eq!(ask(&http_1(authorization).to_string()), (Ok(deny), logged));
    for event in [
        rest_token(authorization),
        rest_request(authorization),
        web_socket(authorization),
    ] {
        assert_eq!(ask(&event.to_string()), unauthorized, "{event}");
    }
}

#[test]
fn a_good_token_that_the_route_forbids_is_denied_with_the_reason() {
    let rules = [rule("GET /reports/{id}", Some("admin"), None)];
    let denied = format!("{STAGE}/GET/reports/*");
    let statements = [
        statement("Allow", &[&format!("{STAGE}/*")]),
        statement("Deny", &[&denied]),
    ];
    let logged = ["insufficient_scope"];

    let (simple, log) = ask_with(&[], &rules, &http_2(&bearer()).to_string());
    assert_eq!(
        simple,
        Ok(json!({"isAuthorized": false, "context": {"error": "insufficient_scope"}}))
    );
    assert_eq!(log, logged);

    for (settings, event) in [
        (&[][..], rest_token(&bearer())),
        (&[], rest_request(&bearer())),
        (&[], http_1(&bearer())),
        (&[POLICY], http_2(&bearer())),
    ] {
        let (answer, log) = ask_with(settings, &rules, &event.to_string());

        let mut context = context();
        context["error"] = json!("insufficient_scope");
        assert_eq!(
            answer,
            Ok(json!({
                "principalId": "user-1",
                "policyDocument": {"Version": "2012-10-17", "Statement": statements},
                "context": context,
            })),
            "{event}"
        );
        assert_eq!(log, logged);
    }
}

#[test]
fn a_caller_who_satisfies_the_rules_of_a_route_is_admitted() {
    let rules = [rule("GET /reports/{id}", Some("admin"), Some("a b"))];
    let authorization = format!("Bearer {}", token_of("admin", "b c a"));

    let (simple, log) = ask_with(&[], &rules, &http_2(&authorization).to_string());
    let (policy, _) = ask_with(&[], &rules, &rest_token(&authorization).to_string());

    assert_eq!(simple.unwrap()["isAuthorized"], json!(true));
    let everything = format!("{STAGE}/*");
    assert_eq!(
        policy.unwrap()["policyDocument"]["Statement"],
        json!([statement("Allow", &[&everything])])
    );
    assert!(log.is_empty());
}

/// The gateway applies a cached policy to other routes too, so the policy must be right for them and must not contain
/// the path of this request.
#[test]
fn a_policy_is_the_same_on_every_route() {
    let routes = ["ANY /admin/{proxy+}", "GET /users/{id}"].map(parameter_route);
    let rules = Rules::new(vec![rule("ANY /admin/{proxy+}", Some("admin"), None)], 128);
    let authorizer = authorizer(&[], &Log::default()).with_rules(rules.with_parameter_routes(routes.to_vec()));
    let of_route = |route: &str| {
        let mut event = rest_token(&bearer());
        event["methodArn"] = json!(format!("{STAGE}/{route}"));
        invoke(&authorizer, &event.to_string()).unwrap()["policyDocument"].clone()
    };

    let expected = of_route("GET/reports/7");

    for route in [
        "GET/",
        "GET/users/*",
        "GET/admin/x",
        "*/*",
        "POST/a/../admin/x",
        "GET/?",
        "GET/${aws:username}",
    ] {
        assert_eq!(of_route(route), expected, "{route}");
    }
}

#[rstest]
#[case("")]
#[case("arn:aws:execute-api:eu-west-1:1:*/prod/GET/")]
#[case("arn:aws:execute-api:eu-west-1:1:abc")]
#[case("arn:aws:s3:::bucket/prod/GET/")]
fn a_good_token_for_no_method_is_refused_and_logged(#[case] method_arn: &str) {
    let at = |mut event: Value| {
        event["methodArn"] = json!(method_arn);
        ask(&event.to_string())
    };

    let logged = vec!["malformed_arn".to_owned()];
    for event in [rest_token(&bearer()), rest_request(&bearer()), web_socket(&bearer())] {
        assert_eq!(at(event), (Err("Unauthorized".to_owned()), logged.clone()));
    }
    let (http, log) = at(http_1(&bearer()));
    assert_eq!(
        http.unwrap()["policyDocument"]["Statement"],
        json!([statement("Deny", &["*"])])
    );
    assert_eq!(log, logged);
}

#[test]
fn a_simple_answer_needs_no_arn() {
    let mut event = http_2(&bearer());
    event["routeArn"] = json!(null);

    assert_eq!(ask(&event.to_string()).0.unwrap()["isAuthorized"], json!(true));
}

#[rstest]
#[case("")]
#[case("{")]
#[case("null")]
#[case("[]")]
#[case("{}")]
#[case(r#"{"type":"request"}"#)]
#[case(r#"{"authorizationToken":"Bearer a","methodArn":"arn"}"#)]
fn a_question_that_is_not_understood_is_unauthorized_and_logged(#[case] payload: &str) {
    let (answer, log) = ask(payload);

    assert_eq!(answer, Err("Unauthorized".to_owned()));
    assert_eq!(log, ["unknown_event"]);
}

#[test]
fn a_custom_claim_with_a_reserved_name_is_not_passed_on() {
    let mut draft = draft(NOW);
    for name in ["claims", "principalId", "integrationLatency", "error", "team"] {
        draft.own.custom.insert(name.to_owned(), json!({"a": [1]}));
    }
    let authorization = format!("Bearer {}", sign(&draft));

    let (answer, _) = ask(&rest_token(&authorization).to_string());

    let answer = answer.unwrap();
    let context = answer["context"].as_object().unwrap();
    assert!(
        ["claims", "principalId", "integrationLatency"]
            .iter()
            .all(|name| !context.contains_key(*name))
    );
    assert_eq!(context["team"], json!(r#"{"a":[1]}"#));
    assert!(context.values().all(Value::is_string));
}

#[test]
fn the_first_invocation_alone_is_a_cold_start() {
    let log = Log::default();
    let authorizer = authorizer(&[], &log);

    let [good, junk] = [bearer(), "Bearer junk".to_owned()].map(|header| http_2(&header).to_string());
    for event in [good.as_str(), "{}", junk.as_str()] {
        invoke(&authorizer, event).ok();
    }

    // The first invocation, the cold start, had nothing to log.
    assert_eq!(fields(&log, "cold_start"), [json!(false), json!(false)]);
}

#[test]
fn a_refusal_of_a_route_is_logged_with_the_user_and_the_session() {
    let log = Log::default();
    let rules = Rules::new(vec![rule("ANY /{proxy+}", Some("admin"), None)], 128);

    let answer = invoke(&authorizer(&[], &log).with_rules(rules), &http_2(&bearer()).to_string());

    assert_eq!(answer.unwrap()["isAuthorized"], json!(false));
    assert_eq!(
        (fields(&log, "user_id"), fields(&log, "sid")),
        (vec![json!("user-1")], vec![json!("session-1")])
    );
}

#[test]
fn a_refused_token_of_ours_is_logged_with_whom_and_which_key_it_names() {
    let log = Log::default();
    let old = token(Timestamp::new(NOW.get() - 7_200));
    let mut event = http_2(&format!("Bearer {old}"));
    event["routeKey"] = json!("GET /reports/{id}");
    event["requestContext"] = json!({"requestId": "request-1", "http": {"sourceIp": "192.0.2.1"}});

    invoke(&authorizer(&[], &log), &event.to_string()).unwrap();

    let line = &log.events()[0];
    let kid = claims::Unverified::<claims::Access>::parse(&old).unwrap().names().kid;
    for (name, expected) in [
        ("reason", "expired"),
        ("user_id", "user-1"),
        ("sid", "session-1"),
        ("kid", kid.as_deref().unwrap()),
        ("correlation_id", "request-1"),
        ("api_id", "abc123"),
        ("route", "GET /reports/{id}"),
        ("source", "192.0.2.1"),
    ] {
        assert_eq!(line[name], expected, "{name}");
    }
}

/// The claims of a token that no key of ours signed may name anybody.
#[test]
fn a_token_of_a_stranger_is_logged_without_names() {
    let log = Log::default();
    let good = token(NOW);
    let (signed, _) = good.rsplit_once('.').unwrap();

    invoke(
        &authorizer(&[], &log),
        &http_2(&format!("Bearer {signed}.AAAA")).to_string(),
    )
    .unwrap();

    for name in ["user_id", "sid", "kid"] {
        assert_eq!(fields(&log, name), [json!(null)], "{name}");
    }
    assert_eq!(fields(&log, "reason"), [json!("bad_signature")]);
}

fn bearer() -> String {
    format!("bearer  {}", token(NOW))
}
