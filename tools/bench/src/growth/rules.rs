//! How the time of a decision grows with the number of rules.

use std::hint::black_box;

use claims::Algorithm;
use rules::{Called, Caller, Kept, Rule, Rules};

use crate::{
    growth::{keys::Subject, time_in_turn},
    markdown,
    statistics::Spread,
};

const RULES: [usize; 4] = [1, 20, 50, 200];
/// The maximum time of a decision with 200 rules, in verifications of an RS256 token.
const LONGEST: f64 = 1.0;

/// Prints the time of a decision at each number of rules, for callers with few and with many permissions, and for answers
/// that the gateway does not cache and that it caches for a route. Returns the bounds that are exceeded.
///
/// # Errors
/// If the token of the comparison cannot be signed.
pub(crate) fn measure() -> anyhow::Result<Vec<String>> {
    let verification = Subject::new(Algorithm::RS256, 1)?;
    let many: Vec<String> = (0..20).map(|number| format!("area-{number}:read")).collect();
    let many = many.join(" ");
    let (mut rows, mut exceeded) = (Vec::new(), Vec::new());
    for size in RULES {
        let rules = Rules::new((0..size).map(rule).collect(), 0);
        let mut row = vec![size.to_string()];
        for (scope, kept) in [
            ("", Kept::Never),
            (many.as_str(), Kept::Never),
            ("", Kept::ForItsRoute),
            (many.as_str(), Kept::ForItsRoute),
        ] {
            let called = Called {
                api: None,
                route: Some("GET /area-7000/things/{id}".to_owned()),
                request: Some("GET/area-7000/things/7".to_owned()),
                kept,
            };
            let decide = || {
                let bearer = Caller {
                    role: "analyst",
                    scope: black_box(scope),
                    acr: "aal1",
                    age: 0,
                };
                drop(black_box(rules.refusing_rules(black_box(&called), &bearer)));
            };
            let [decisions, verifications] = time_in_turn([&decide, &|| verification.verify()]);
            let ratio = Spread::of_ratios(&decisions, &verifications);
            if ratio.median > LONGEST {
                exceeded.push(format!("a decision with {size} rules takes {ratio} verifications"));
            }
            row.push(format!("{:.2} us, {:.3}", Spread::new(&decisions).median, ratio.median));
        }
        rows.push(row);
    }
    let head = [
        "rules",
        "no permissions",
        "20 permissions",
        "no permissions, cached for the route",
        "20 permissions, cached for the route",
    ];
    markdown::print(
        "Rules: time of a decision, and in verifications of an RS256 token",
        &head,
        &rows,
    );
    Ok(exceeded)
}

/// Returns a rule that does not cover the measured request.
fn rule(number: usize) -> Rule {
    Rule {
        api: None,
        method: "GET".to_owned(),
        path: format!("/area-{number}/things/{{id}}"),
        role: None,
        scope: Some(format!("area-{number}:write")),
        acr: None,
        max_age: None,
    }
}
