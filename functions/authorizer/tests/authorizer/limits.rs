//! The length of answers: with any rules and any token, no answer is longer than the gateway allows.

use claims::Timestamp;
use doubles::Log;
use rules::{Assurance, Rule, Rules};
use serde_json::{Value, json};

use crate::harness::{NOW, authorizer, draft, http_2, invoke, keys, rest_token, rule, token};

const MAX_ANSWER: usize = 8192;
const MAX_ARN: usize = 512;
/// Returns the longest ARN of a stage whose name has this many characters.
fn longest_stage(name: usize) -> String {
    format!(
        "arn:aws-us-gov:execute-api:us-isob-east-1:123456789012:abcdefghij/{}",
        "s".repeat(name)
    )
}

/// Uses a token with the longest possible context, and as many rules as a build accepts. The caller satisfies none of
/// the rules.
#[test]
fn the_longest_answer_of_all_fits() {
    let name = 32;
    let pattern = "GET/000/*".len();
    let each = longest_stage(name).len() + "/".len() + pattern + "\"\",".len();
    let count = (MAX_ANSWER - 3584) / each;
    let rules: Vec<Rule> = (0..count)
        .map(|number| Rule {
            acr: Some(Assurance::Aal2),
            max_age: Some(31_536_000),
            ..rule(&format!("GET /{number:03}/{{id}}"), None, None)
        })
        .collect();
    assert!(count > 30);

    let answer = ask(
        &longest_token(),
        &rules,
        name,
        &format!("{}/GET/000/x", longest_stage(name)),
    );

    let answer = answer.unwrap();
    let denied = answer["policyDocument"]["Statement"][1]["Resource"].as_array().unwrap();
    assert_eq!(denied.len(), count);
    assert!(answer.to_string().len() <= MAX_ANSWER, "{}", answer.to_string().len());
    assert!(denied.iter().all(|arn| arn.as_str().unwrap().len() <= MAX_ARN));
}

#[test]
fn the_longest_context_leaves_the_room_that_is_kept_for_rules() {
    let answer = ask(&longest_token(), &[], 128, &format!("{}/GET/", longest_stage(128))).unwrap();

    let deny = r#",{"Action":"execute-api:Invoke","Effect":"Deny","Resource":[]}"#;
    assert!(
        answer.to_string().len() + deny.len() <= 3584,
        "{}",
        answer.to_string().len()
    );
}

/// The policy for a stage with a longer name than configured could be too long for the gateway.
#[test]
fn a_stage_with_a_longer_name_than_configured_gets_no_answer() {
    let rules = [rule("GET /a", Some("admin"), None)];
    let at = |rules: &[Rule], longest: usize, name: usize| {
        let answer = ask(&token(NOW), rules, longest, &format!("{}/GET/b", longest_stage(name)));
        answer.map(drop)
    };
    let undecided = Err("the authorizer cannot decide".to_owned());

    assert_eq!(at(&rules, 16, 16), Ok(()));
    assert_eq!(at(&rules, 16, 17), undecided);
    assert_eq!(at(&rules, 0, 1), undecided);
    assert_eq!(at(&[], 0, 128), Ok(()));
}

/// Without policies there is no limit, so a stage with any name gets its simple answers.
#[test]
fn simple_answers_have_no_such_limit() {
    let mut event = http_2(&format!("Bearer {}", token(NOW)));
    event["routeArn"] = json!(format!("{}/GET/b", longest_stage(128)));
    let rules = Rules::new(vec![rule("GET /a", Some("admin"), None)], 0);

    let answer = invoke(&authorizer(&[], &Log::default()).with_rules(rules), &event.to_string());

    assert_eq!(answer.unwrap()["isAuthorized"], json!(true));
}

fn ask(token: &str, rules: &[Rule], longest_stage: usize, method_arn: &str) -> Result<Value, String> {
    let mut event = rest_token(&format!("Bearer {token}"));
    event["methodArn"] = json!(method_arn);
    let authorizer = authorizer(&[], &Log::default()).with_rules(Rules::new(rules.to_vec(), longest_stage));
    invoke(&authorizer, &event.to_string())
}

/// Returns a token of the maximum length, with claims whose length doubles when they become strings in a context.
fn longest_token() -> String {
    let with = |length: usize| {
        let mut draft = draft(NOW);
        draft.own.auth_time = Timestamp::new(1_668_463_999);
        draft.own.custom.insert("c".to_owned(), json!("\"".repeat(length)));
        draft
    };
    let longest = (0..1000).rev().find_map(|length| keys().sign(&with(length)).ok());
    let token = longest.unwrap().expose().to_owned();
    assert!(token.len() > 2116, "{}", token.len());
    token
}
