//! Properties of answers for paths that are spelled differently: for all rules, routes and spellings, a caller who does
//! not satisfy the rule of a path is refused, and a cached answer is the same for all paths of the route.

use std::iter;

use authorizer::Authorizer;
use doubles::{Log, Still};
use proptest::{
    collection::vec,
    option,
    prelude::{Strategy, prop_assert, prop_assert_eq, proptest},
    sample::{Index, select},
    test_runner::Config,
};
use rules::{Rule, Rules};

use crate::{
    agreement::{ROLES, rule, tokens},
    harness::{Shape, authorizer, caller, invoke, lets_through, parameter_route, shapes},
    iam::covers,
};

const CACHE: (&str, &str) = ("AUTHORIZER_CACHE_SECONDS", "60");
const SEGMENTS: [&str; 4] = ["a", "b", "c.d", "a-b"];

/// A segment of a path, and how the caller writes it.
#[derive(Clone, Debug)]
struct Segment {
    name: String,
    spelling: String,
    is_parameter: bool,
}

/// A route, a spelling of one of its paths, the path that a router may read from this spelling, and another path of the
/// route.
#[derive(Debug)]
struct Asked {
    route: String,
    spelled: String,
    meant: String,
    other: String,
}

proptest! {
    #![proptest_config(Config { cases: 3_000, ..Config::default() })]

    #[test]
    fn the_verdict_is_the_same_for_all_paths_of_a_route_or_a_refusal(
        rules in vec(rule(), 1..4),
        role in select(&ROLES[..]),
        asked in asked(),
    ) {
        let Asked { route, spelled, meant, other } = &asked;
        let authorization = format!("Bearer {}", tokens()[&(role, "read")]);
        let is_of_api = |rule: &&Rule| rule.api.as_deref().is_none_or(|api| api == "abc123");
        let lacking: Vec<&Rule> = rules.iter().filter(is_of_api).filter(|rule| !rule.is_satisfied_by(&caller(role, "read"))).collect();
        let is_forbidden = lacking.iter().any(|rule| is_about(rule, meant));
        let routes: Vec<_> = iter::once(route).filter(|route| route.contains('{')).map(|route| parameter_route(route)).collect();
        let declared = Rules::new(rules.clone(), 128).with_parameter_routes(routes);
        let of = |settings: &[(&str, &str)]| authorizer(settings, &Log::default()).with_rules(declared.clone());
        let (plain, caching, policy) = (of(&[]), of(&[CACHE]), of(&[("AUTHORIZER_RESPONSE", "policy")]));
        let ask = |(name, settings, event): &Shape, simple: &Authorizer<Still>| {
            let authorizer = if settings.is_empty() { simple } else { &policy };
            (*name, invoke(authorizer, &event.to_string()).unwrap())
        };
        let at_spelled = shapes(&authorization, route, spelled);
        let at_other = shapes(&authorization, route, other);

        for shape in at_spelled.iter().chain(&at_other) {
            // The gateway caches a simple answer for the whole route, and compares a policy with the path as the caller
            // writes it.
            let (name, kept) = ask(shape, &caching);
            let passes = lets_through(&kept, spelled);
            prop_assert!(!(passes && is_forbidden), "{} lets {:?} through by {}", name, asked, kept);
            prop_assert!(passes || !lacking.is_empty(), "{} refuses {:?} by {}", name, asked, kept);
        }
        for shape in &at_spelled {
            let (name, own) = ask(shape, &plain);
            let passes = lets_through(&own, spelled);
            prop_assert!(!(passes && is_forbidden), "{} lets {:?} through by {}", name, asked, own);
        }
        let kept = [&at_spelled, &at_other].map(|[simple, ..]| ask(simple, &caching).1["isAuthorized"] == true);
        prop_assert_eq!(kept[0], kept[1], "{:?}", asked);
    }
}

/// Returns whether a rule covers a request. If the rule's method is `ANY`, the request's method takes its place,
/// because the pattern for `ANY` starts with a `*`, which would also match a part of the path.
fn is_about(rule: &Rule, request: &str) -> bool {
    let (method, _) = request.split_once('/').unwrap();
    let method = if rule.method == "ANY" { method } else { &rule.method };
    let of_method = Rule {
        method: method.to_owned(),
        ..rule.clone()
    };
    of_method.patterns().iter().any(|pattern| covers(pattern, request))
}

fn asked() -> impl Strategy<Value = Asked> {
    let method = select(vec!["GET", "POST", "DELETE"]);
    let parts = (
        method,
        vec(segment(), 1..5),
        option::weighted(0.4, proptest::prelude::any::<Index>()),
    );
    (parts, proptest::bool::ANY).prop_map(|((method, segments, greedy), is_any)| {
        let greedy = greedy.map_or(segments.len(), |place| place.index(segments.len()));
        let template = segments.iter().take(greedy).enumerate().map(|(place, segment)| {
            if segment.is_parameter {
                format!("{{p{place}}}")
            } else {
                segment.spelling.clone()
            }
        });
        let others = segments.iter().take(greedy).map(|segment| {
            if segment.is_parameter {
                "other".to_owned()
            } else {
                segment.spelling.clone()
            }
        });
        let is_greedy = greedy < segments.len();
        let path = |segments: Vec<String>| format!("{method}/{}", segments.join("/"));
        let route = template
            .chain(is_greedy.then(|| "{proxy+}".to_owned()))
            .collect::<Vec<_>>()
            .join("/");
        Asked {
            route: format!("{} /{route}", if is_any { "ANY" } else { method }),
            spelled: path(segments.iter().map(|segment| segment.spelling.clone()).collect()),
            meant: path(segments.iter().map(|segment| segment.name.clone()).collect()),
            other: path(others.chain(is_greedy.then(|| "other".to_owned())).collect()),
        }
    })
}

/// The spelling that changes nothing. Its type is a function pointer, so that the other spellings in the list of
/// `segment` are converted to function pointers too.
const AS_IT_IS: fn(&str) -> String = str::to_owned;

/// Generates a segment. Only a segment whose spelling is its name can be a literal segment of the route. Any other
/// segment is a parameter.
fn segment() -> impl Strategy<Value = Segment> {
    let way = select(vec![
        AS_IT_IS,
        str::to_ascii_uppercase,
        |name| encoded(name, "%"),
        |name| encoded(name, "%25"),
        |name| encoded(name, "%2525"),
        |name| format!("{name};x=1"),
        |name| format!("{name}%3Bx"),
        |name| format!("{name}."),
        |name| format!("{name}%20"),
        |name| format!("%20{name}%2E"),
        |name| format!("{name}\u{301}"),
        |name| format!("{name}%00"),
        |name| format!("{name}%3f"),
        |name| format!("{name}%ff"),
        full_width,
    ]);
    (select(&SEGMENTS[..]), way, proptest::bool::ANY).prop_map(|(name, way, is_parameter)| {
        let spelling = way(name);
        Segment {
            name: name.to_owned(),
            is_parameter: is_parameter || spelling != name,
            spelling,
        }
    })
}

/// Percent-encodes the first character of a name, with `percent` in place of the `%`.
fn encoded(name: &str, percent: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{percent}{:02x}{rest}", first.as_bytes()[0])
}

/// Replaces the first letter by its full-width form.
fn full_width(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    let wide = char::from_u32(u32::from(first.as_bytes()[0]) + 0xfee0).unwrap();
    format!("{wide}{rest}")
}
