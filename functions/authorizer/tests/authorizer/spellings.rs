//! Tests of a rule that is narrower than its route, with every spelling that a router behind the route may read as the
//! rule's path. Each spelling is tested in every format of an event, without a cache and with an answer that is cached
//! for another path.

use authorizer::Authorizer;
use doubles::{Log, Still};
use rstest::rstest;
use rules::{Rule, Rules};
use serde_json::Value;

use crate::harness::{
    Shape, authorizer, http_2, invoke, lets_through, parameter_route, rule, shapes, token_of, web_socket,
};

const CACHE: (&str, &str) = ("AUTHORIZER_CACHE_SECONDS", "60");
const GREEDY: &str = "ANY /{proxy+}";

#[rstest]
#[case::as_it_stands("GET/admin/users")]
#[case::upper_case("GET/Admin/users")]
#[case::all_upper_case("GET/ADMIN/users")]
#[case::encoded("GET/%61dmin/users")]
#[case::encoded_twice("GET/%2561dmin/users")]
#[case::encoded_three_times("GET/%252561dmin/users")]
#[case::encoded_too_often("GET/%25252525252561dmin/users")]
#[case::encoded_by_percent_u("GET/%u0061dmin/users")]
#[case::path_parameter("GET/admin;x=1/users")]
#[case::encoded_path_parameter("GET/admin%3bx=1/users")]
#[case::dot("GET/admin./users")]
#[case::space("GET/admin%20/users")]
#[case::dots_and_spaces("GET/admin.%20./users")]
#[case::null("GET/admin%00/users")]
#[case::tab("GET/ad%09min/users")]
#[case::query("GET/admin%3fx/users")]
#[case::fragment("GET/admin%23/users")]
#[case::backslash("GET/admin\\users")]
#[case::encoded_backslash("GET/admin%5cusers")]
#[case::encoded_slash("GET/admin%2fusers")]
#[case::full_width("GET/%EF%BD%81dmin/users")]
#[case::full_width_unencoded("GET/\u{ff21}dmin/users")]
#[case::full_width_slash("GET/admin%EF%BC%8Fusers")]
#[case::dotless_i("GET/adm%C4%B1n/users")]
#[case::mark("GET/%C3%A1dmin/users")]
#[case::invisible("GET/ad%E2%80%8Bmin/users")]
#[case::not_utf_8("GET/admin%ff/users")]
#[case::empty_segment("GET//admin/users")]
#[case::encoded_empty_segment("GET/%2fadmin/users")]
#[case::dot_segment("GET/./admin/users")]
#[case::encoded_dot_segment("GET/%2e/admin/users")]
#[case::dot_dot("GET/x/../admin/users")]
#[case::encoded_dot_dot("GET/x/%2e%2E/admin/users")]
#[case::dot_dot_encoded_twice("GET/x/%252e%252e/admin/users")]
#[case::dot_dot_with_a_parameter("GET/x/..;/admin/users")]
#[case::overlong_dots("GET/x/%c0%ae%c0%ae/admin/users")]
#[case::slash_at_the_end("GET/Admin/")]
#[case::one_method("GET/ops/x")]
#[case::one_method_empty_segment("GET//ops/x")]
#[case::one_method_dot("GET/./ops/x")]
#[case::one_method_dot_dot("GET/x/../ops/x")]
#[case::one_method_upper_case("GET/OPS/X")]
#[case::one_method_slash_at_the_end("GET/Ops/x/")]
#[case::one_method_format("GET/ops/X.json")]
#[case::method_in_lower_case("get/Ops/x")]
fn no_spelling_passes_a_rule_that_is_finer_than_its_route(#[case] request: &str) {
    let (without, with) = (bearer("user"), bearer("admin"));

    for of_lacking in shapes(&without, GREEDY, request) {
        assert!(!passes(&of_lacking, &[], request), "{}, no cache", of_lacking.0);
    }
    // The same route was called before, with a path that no rule covers, and the answer is cached.
    for of_lacking in shapes(&without, GREEDY, "GET/public") {
        assert!(!passes(&of_lacking, &[CACHE], request), "{}, kept", of_lacking.0);
    }
    for other in ["GET/x.css", "POST/ops/x"] {
        for of_lacking in shapes(&without, GREEDY, other) {
            assert!(!passes(&of_lacking, &[CACHE], request), "{}, kept", of_lacking.0);
        }
    }
    for settings in [&[][..], &[CACHE]] {
        for of_admin in shapes(&with, GREEDY, request) {
            assert!(passes(&of_admin, settings, request), "{}, admin", of_admin.0);
        }
    }
}

/// The request is refused even if `routes.toml` does not list the route, whether or not the event names the route.
#[rstest]
#[case("GET/Admin/users")]
#[case("GET/%2561dmin/users")]
#[case("GET/admin%00/users")]
#[case("GET//ops/x")]
fn a_spelling_is_refused_where_the_file_or_the_event_is_silent(#[case] request: &str) {
    let silent = || Rules::new(protected(), 128);
    for (name, settings, mut event) in shapes(&bearer("user"), GREEDY, request) {
        let answer = invoke(
            &authorizer(settings, &Log::default()).with_rules(silent()),
            &event.to_string(),
        )
        .unwrap();
        assert!(!lets_through(&answer, request), "{name}");

        event["routeKey"] = Value::Null;
        event["resource"] = Value::Null;
        let answer = invoke(
            &authorizer(settings, &Log::default()).with_rules(silent()),
            &event.to_string(),
        )
        .unwrap();
        assert!(!lets_through(&answer, request), "{name}, without a route");
    }
}

#[rstest]
#[case("GET/public")]
#[case("GET/administration/users")]
#[case("POST/ops/x")]
#[case("GET/files/b%C3%BCcher%20und%20100%2525.pdf")]
fn without_a_cache_a_simple_answer_is_about_its_own_path(#[case] request: &str) {
    let [simple, ..] = shapes(&bearer("user"), GREEDY, request);
    let expected = !request.contains("%25");

    assert_eq!(passes(&simple, &[], request), expected);
    assert!(!passes(&simple, &[CACHE], request), "kept for the whole route");
}

/// This is the recommended setup: what a rule protects has a route of its own, and there is no wider route.
#[rstest]
#[case("GET /reports/{id}", "GET/reports/7")]
#[case("GET /reports/{id}", "GET/reports/%C3%BC%20%3F%2F100%25")]
#[case("ANY /files/{proxy+}", "GET/files/a/Admins/users")]
#[case("GET /public", "GET/public")]
#[case("POST /ops/x", "POST/ops/x")]
fn a_route_of_its_own_is_judged_by_its_name(#[case] route: &str, #[case] request: &str) {
    let own = |request: &str| {
        let routes = ["ANY /admin/{proxy+}", "GET /reports/{id}", "ANY /files/{proxy+}"].map(parameter_route);
        let rules = Rules::new(protected(), 128).with_parameter_routes(routes.to_vec());
        let called = shapes(&bearer("user"), route, request);
        called.map(|(name, settings, event)| (name, settings, event, rules.clone()))
    };

    for (name, settings, event, rules) in own(request) {
        for more in [&[][..], &[CACHE]] {
            let settings = [settings, more].concat();
            let answer = invoke(
                &authorizer(&settings, &Log::default()).with_rules(rules.clone()),
                &event.to_string(),
            );
            let answer = answer.unwrap();

            assert!(lets_through(&answer, request), "{name}");
            if answer.get("policyDocument").is_some() {
                for refused in [
                    "GET/admin/users",
                    "POST/admin/",
                    "GET/%61dmin/users",
                    "GET/ops/%78",
                    "GET/files/../admin/users",
                ] {
                    assert!(!lets_through(&answer, refused), "{name} {refused}");
                }
            }
        }
    }
}

/// Dots in a path of another route can lead to what a rule protects.
#[rstest]
#[case("GET/files/../admin/users")]
#[case("GET/files/..%2fadmin/users")]
#[case("GET/files/%2e%2e/admin/users")]
#[case("GET/files/%252e%252e/admin/users")]
#[case("GET/files/./x/..;/../admin/users")]
fn dots_are_refused_on_other_routes_too(#[case] request: &str) {
    const FILES: &str = "ANY /files/{proxy+}";
    let rules = || Rules::new(protected(), 128).with_parameter_routes(vec![parameter_route(FILES)]);
    let ask = |(name, settings, event): Shape| {
        let answer = invoke(
            &authorizer(settings, &Log::default()).with_rules(rules()),
            &event.to_string(),
        );
        (name, answer.unwrap())
    };

    for (name, answer) in shapes(&bearer("user"), FILES, request).map(ask) {
        assert!(!lets_through(&answer, request), "{name}");
    }
    for (name, kept) in shapes(&bearer("user"), FILES, "GET/files/a").map(ask) {
        assert!(lets_through(&kept, "GET/files/a"), "{name}");
        let is_policy = kept.get("policyDocument").is_some();
        assert_eq!(lets_through(&kept, request), !is_policy, "{name}");
    }
}

/// The cache key is the name of the route. The route of this test has the method ANY, so the answer to one method is
/// reused for the others.
#[test]
fn a_kept_answer_is_about_every_method_of_its_route() {
    let allowed = |settings: &[(&str, &str)], request: &str| {
        let [simple, ..] = shapes(&bearer("user"), "ANY /ops/x", request);
        passes(&simple, settings, request)
    };

    assert!(allowed(&[], "POST/ops/x"));
    assert!(!allowed(&[], "GET/ops/x"));
    assert!(!allowed(&[CACHE], "POST/ops/x"));
}

#[rstest]
#[case(json_route("$default"))]
#[case(Value::Null)]
#[case(json_route("nonsense"))]
#[case(json_route("GET /a/../b"))]
fn a_kept_answer_for_a_route_that_may_be_any_must_satisfy_every_rule(#[case] route: Value) {
    let ask = |role: &str, settings: &[(&str, &str)]| {
        let mut event = http_2(&bearer(role));
        event["routeKey"] = route.clone();
        invoke(&of(settings), &event.to_string()).unwrap()["isAuthorized"] == true
    };

    assert!(!ask("user", &[CACHE]));
    assert!(ask("admin", &[CACHE]));
    assert!(ask("user", &[]));
}

#[test]
fn a_websocket_connects_with_any_cache() {
    let answer = invoke(&of(&[CACHE]), &web_socket(&bearer("user")).to_string()).unwrap();

    assert!(lets_through(&answer, "$connect"));
    assert!(!lets_through(&answer, "GET/admin/users"));
}

fn json_route(name: &str) -> Value {
    Value::String(name.to_owned())
}

/// Returns whether the answer to an event allows a request, which may differ from the request in the event.
fn passes((_, settings, event): &Shape, more: &[(&str, &str)], request: &str) -> bool {
    let answer = invoke(&of(&[settings, more].concat()), &event.to_string()).unwrap();
    lets_through(&answer, request)
}

fn of(settings: &[(&str, &str)]) -> Authorizer<Still> {
    let rules = Rules::new(protected(), 128).with_parameter_routes(vec![parameter_route(GREEDY)]);
    authorizer(settings, &Log::default()).with_rules(rules)
}

fn protected() -> Vec<Rule> {
    vec![
        rule("ANY /admin/{proxy+}", Some("admin"), None),
        rule("GET /ops/x", Some("admin"), None),
    ]
}

fn bearer(role: &str) -> String {
    format!("Bearer {}", token_of(role, ""))
}
