//! Properties of policies and simple answers: for all rules, callers and paths, both decide alike, and a policy that is
//! cached from another route allows everything that a simple answer allows.

use std::{collections::BTreeMap, sync::OnceLock};

use doubles::Log;
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest},
    sample::select,
    test_runner::Config,
};
use rules::{Rule, Rules};
use serde_json::{Value, json};

use crate::{
    harness::{authorizer, caller, http_1, http_2, invoke, rest_token, token_of},
    iam::{allows, covers},
};

const METHODS: [&str; 4] = ["ANY", "GET", "POST", "DELETE"];
pub(crate) const ROLES: [&str; 3] = ["user", "analyst", "admin"];
pub(crate) const SCOPES: [&str; 4] = ["", "read", "write", "read write"];
const APIS: [&str; 2] = ["abc123", "def456"];
const PLAIN: [&str; 6] = ["a", "b", "c.d", "a-b", "ab", ":"];
const ODD: [&str; 14] = [
    "a", "b", "c.d", "a-b", "", "*", "?", "..", "%61", "A", "{p0}", "ab", "GET", ":",
];

proptest! {
    #![proptest_config(Config { cases: 10_000, ..Config::default() })]

    #[test]
    fn a_policy_lets_through_what_a_simple_answer_allows(
        rules in vec(rule(), 0..6),
        role in select(&ROLES[..]),
        scope in select(&SCOPES[..]),
        api in select(&APIS[..]),
        stage in select(vec!["prod", "$default"]),
        asked in route(&PLAIN),
        called in route(&ODD),
    ) {
        let satisfied = |rule: &Rule| rule.is_satisfied_by(&caller(role, scope));
        let of_api = |rule: &Rule| rule.api.as_deref().is_none_or(|wanted| wanted == api);
        let written = |rule: &Rule| rule.patterns().iter().any(|pattern| covers(pattern, &called));
        let is_written = rules.iter().any(|rule| of_api(rule) && !satisfied(rule) && written(rule));
        let authorizer = authorizer(&[], &Log::default()).with_rules(Rules::new(rules, 128));
        let authorization = format!("Bearer {}", tokens()[&(role, scope)]);
        let arn = |route: &str| format!("arn:aws:execute-api:eu-west-1:123456789012:{api}/{stage}/{route}");
        let answer = |mut event: Value, member: &str, route: &str| {
            event[member] = json!(arn(route));
            invoke(&authorizer, &event.to_string()).unwrap()
        };

        let simple = answer(http_2(&authorization), "routeArn", &called)["isAuthorized"] == true;

        for policy in [
            answer(http_1(&authorization), "methodArn", &called),
            answer(rest_token(&authorization), "methodArn", &called),
        ] {
            prop_assert_eq!(allows(&policy["policyDocument"], &arn(&called)), simple, "{} {}", called, policy);
        }
        // On this route, a policy that was made for another route still allows what a simple answer allows, and nothing
        // that an unsatisfied rule covers.
        let kept = answer(rest_token(&authorization), "methodArn", &asked);
        let allowed = allows(&kept["policyDocument"], &arn(&called));
        prop_assert!(allowed || !simple, "{} {}", called, kept);
        prop_assert!(!(allowed && is_written), "{} {}", called, kept);
    }
}

pub(crate) fn rule() -> impl Strategy<Value = Rule> {
    let segment = prop_oneof![
        4 => select(vec!["a", "b", "c.d", "a-b"]).prop_map(str::to_owned),
        2 => Just("{}".to_owned()),
    ];
    let path =
        (vec(segment, 0..4), option::weighted(0.3, Just("{proxy+}".to_owned()))).prop_map(|(segments, greedy)| {
            let named = segments
                .iter()
                .enumerate()
                .map(|(number, segment)| match segment.as_str() {
                    "{}" => format!("{{p{number}}}"),
                    literal => literal.to_owned(),
                });
            format!("/{}", named.chain(greedy).collect::<Vec<_>>().join("/"))
        });
    let text = |text: &'static [&'static str]| select(text).prop_map(str::to_owned);
    let demand = (
        option::of(text(&ROLES)),
        option::of(text(&["read", "write", "read write"])),
    );
    (option::weighted(0.3, text(&APIS)), text(&METHODS), path, demand).prop_map(|(api, method, path, (role, scope))| {
        Rule {
            api,
            method,
            path,
            role,
            scope,
            acr: None,
            max_age: None,
        }
    })
}

/// Generates `<method>/<path>` as a caller may write it.
fn route(segments: &'static [&'static str]) -> impl Strategy<Value = String> {
    let segment = select(segments);
    (select(vec!["GET", "POST", "DELETE", "HEAD"]), vec(segment, 0..5))
        .prop_map(|(method, segments)| format!("{method}/{}", segments.join("/")))
}

/// Returns a token for each combination of a role and a scope. The tokens are signed once, because signing is slow.
pub(crate) fn tokens() -> &'static BTreeMap<(&'static str, &'static str), String> {
    static TOKENS: OnceLock<BTreeMap<(&str, &str), String>> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let callers = ROLES.iter().flat_map(|role| SCOPES.iter().map(|scope| (*role, *scope)));
        callers
            .map(|(role, scope)| ((role, scope), token_of(role, scope)))
            .collect()
    })
}
