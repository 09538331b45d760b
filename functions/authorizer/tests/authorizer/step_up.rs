//! Rules that require a strong or a recent authentication (RFC 9470), in every format of an event.

use claims::{Acr, Amr, Timestamp};
use doubles::Log;
use rstest::rstest;
use rules::{Assurance, Rule, Rules};
use serde_json::{Value, json};

use crate::harness::{
    NOW, STAGE, ask_with, authorizer, draft, http_1, http_2, invoke, lets_through, rest_request, rest_token, rule,
    shapes, sign,
};

const ROUTE: &str = "GET /reports/{id}";

/// Each value of `acr`, each age around the limit and each requirement, in every format of an event.
#[test]
fn a_rule_admits_a_login_that_is_strong_and_recent_enough() {
    for amr in methods() {
        for age in [0, 599, 600, 601] {
            let authorization = bearer(amr, NOW.get() - age);
            for acr in [None, Some(Assurance::Aal2), Some(Assurance::Phr)] {
                for max_age in [None, Some(600)] {
                    let is_strong = match acr {
                        None => true,
                        Some(Assurance::Aal2) => amr.acr() >= Acr::Aal2,
                        Some(Assurance::Phr) => amr.acr() >= Acr::PhishingResistant,
                    };
                    let expected = is_strong && (max_age.is_none() || age <= 600);
                    for (name, settings, event) in shapes(&authorization, ROUTE, "GET/reports/7") {
                        let (answer, _) = ask_with(settings, &[demanding(acr, max_age)], &event.to_string());

                        let answer = answer.unwrap();
                        let passes = lets_through(&answer, "GET/reports/7");
                        assert_eq!(passes, expected, "{name} {amr:?} {age} {acr:?} {max_age:?}: {answer}");
                    }
                }
            }
        }
    }
}

/// A clock of the service that issued the token may be ahead.
#[test]
fn a_login_in_the_future_is_recent() {
    let authorization = bearer(Amr::PASSWORD, NOW.get() + 20);

    let (answer, _) = ask_with(&[], &[demanding(None, Some(1))], &http_2(&authorization).to_string());

    assert_eq!(answer.unwrap()["isAuthorized"], json!(true));
}

#[rstest]
#[case(Some(Assurance::Aal2), None, json!({"acr_values": "aal2"}))]
#[case(Some(Assurance::Phr), Some(600), json!({"acr_values": "phr", "max_age": "600"}))]
#[case(None, Some(600), json!({"max_age": "600"}))]
fn a_refusal_has_the_members_of_a_challenge(
    #[case] acr: Option<Assurance>,
    #[case] max_age: Option<u64>,
    #[case] demands: Value,
) {
    let authorization = bearer(Amr::PASSWORD, 1_699_999_399);
    let rules = [demanding(acr, max_age)];
    let logged = ["insufficient_user_authentication"];
    let mut denial = demands.as_object().unwrap().clone();
    denial.insert("error".to_owned(), json!("insufficient_user_authentication"));

    let (simple, log) = ask_with(&[], &rules, &http_2(&authorization).to_string());
    assert_eq!(simple, Ok(json!({"isAuthorized": false, "context": denial})));
    assert_eq!(log, logged);

    for event in [
        rest_token(&authorization),
        rest_request(&authorization),
        http_1(&authorization),
    ] {
        let (answer, log) = ask_with(&[], &rules, &event.to_string());

        let answer = answer.unwrap();
        let context = answer["context"].as_object().unwrap();
        assert!(
            denial.iter().all(|(name, value)| context.get(name) == Some(value)),
            "{answer}"
        );
        assert_eq!(context["sub"], json!("user-1"));
        assert_eq!(log, logged);
    }
}

/// Another login would not help this caller.
#[test]
fn a_missing_role_is_the_reason_before_a_missing_authentication() {
    let one = Rule {
        role: Some("admin".to_owned()),
        ..demanding(Some(Assurance::Aal2), Some(600))
    };
    let authorization = bearer(Amr::PASSWORD, NOW.get());

    let (simple, log) = ask_with(&[], &[one], &http_2(&authorization).to_string());

    assert_eq!(simple.unwrap()["context"], json!({"error": "insufficient_scope"}));
    assert_eq!(log, ["insufficient_scope"]);
}

/// The policy is cached for all routes of the stage, so it denies the route of a rule to a caller who asked for another.
#[test]
fn a_policy_for_another_route_denies_what_needs_a_stronger_login() {
    let rules = Rules::new(vec![demanding(Some(Assurance::Aal2), None)], 128);
    let authorizer = authorizer(&[], &Log::default()).with_rules(rules);
    for (amr, passes) in methods().into_iter().zip([false, true, true]) {
        let mut event = rest_token(&bearer(amr, NOW.get()));
        event["methodArn"] = json!(format!("{STAGE}/GET/other"));

        let answer = invoke(&authorizer, &event.to_string()).unwrap();

        assert!(lets_through(&answer, "GET/other"));
        assert_eq!(lets_through(&answer, "GET/reports/7"), passes, "{amr:?}");
        assert_eq!(answer["context"]["acr"], json!(amr.acr()));
        assert_eq!(answer["context"]["amr"], json!(json!(amr).to_string()));
    }
}

/// Returns one set of methods for each value of `acr`, the lowest first.
fn methods() -> [Amr; 3] {
    let passkey = Amr::from_names(["swk", "user", "mfa"]).unwrap();
    [Amr::PASSWORD, Amr::PASSWORD_AND_CODE, passkey]
}

fn demanding(acr: Option<Assurance>, max_age: Option<u64>) -> Rule {
    Rule {
        acr,
        max_age,
        ..rule(ROUTE, None, None)
    }
}

/// Returns the header of a caller who authenticated by these methods at this Unix time in seconds.
fn bearer(amr: Amr, auth_time: u64) -> String {
    let mut draft = draft(NOW);
    draft.own.amr = amr;
    draft.own.acr = amr.acr();
    draft.own.auth_time = Timestamp::new(auth_time);
    format!("Bearer {}", sign(&draft))
}
