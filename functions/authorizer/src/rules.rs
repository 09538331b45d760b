//! Route rules: what some routes demand of whoever calls them, beside a valid token.
//!
//! A rule covers what an IAM policy can say of it: `{id}`, `{proxy+}` and the method `ANY` are a `*`, and a `*` spans
//! slashes. A request is held against it by the gateway's name of its route, by its path as it is written, and by its
//! path in a normal form; the request is refused when one of the three matches.

use std::collections::BTreeSet;

use crate::{
    called::{Called, Kept, Reading},
    normal_form::NormalForm,
    pattern::{self, covers},
    route::{Reach, Route},
};

/// The longest ARN in a policy, in characters. Documented: quotas of API Gateway.
pub(crate) const LONGEST_ARN: usize = 512;
/// The longest that stands before a stage's name in an ARN.
const LONGEST_BEFORE_STAGE: usize = "arn:aws-us-gov:execute-api:us-isob-east-1:123456789012:abcdefghij/".len();

/// What a path has that leads from one route with a parameter to another one: dot segments, or dots that are encoded once
/// or more often. A policy cannot resolve them, so it denies them.
pub(crate) const DOTS: [&str; 6] = ["*..*", "*/./*", "*%2e*", "*%2E*", "*%25*2e*", "*%25*2E*"];

/// Stands for any method where a `*` would span slashes.
const ANY_METHOD: &str = "{";

/// What one route demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id of the API that it is about; every API unless given.
    pub api: Option<String>,
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path as API Gateway writes it: `/reports/{id}`, `/files/{proxy+}`.
    pub path: String,
    /// The role that a caller must have.
    pub role: Option<String>,
    /// The permissions, separated by spaces, all of which a caller must have.
    pub scope: Option<String>,
}

/// A route with a parameter, of an API that gets policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRoute {
    /// The id of its API; every API unless given.
    pub api: Option<String>,
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path as API Gateway writes it.
    pub path: String,
}

/// All rules of an authorizer.
#[derive(Clone, Debug)]
pub struct Rules {
    all: Vec<Patterns>,
    /// None where nobody said which there are.
    routes: Option<Vec<ParameterRoute>>,
    longest_stage: usize,
}

/// A rule and what it covers.
#[derive(Clone, Debug)]
pub(crate) struct Patterns {
    rule: Rule,
    /// As patterns of an ARN after the stage.
    pub(crate) written: Vec<String>,
    /// The same for requests in their normal form.
    pub(crate) normal: Vec<String>,
    /// The same for routes, of which the method `ANY` is one and no text that spans slashes.
    pub(crate) of_routes: Vec<String>,
    /// Other ways to write a path of it, as patterns of an ARN.
    encoded: Vec<String>,
    /// Each route with a parameter that it is about, with the id of its API.
    routes: Vec<(Option<String>, String)>,
}

impl Rule {
    /// What it covers, as it stands in an ARN after the stage: `GET/reports/*`.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern::of(&self.method, &self.path)
    }

    /// Everything that it covers: its pattern, and the same path with a slash at its end, which some APIs take for it.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        with_slash(self.pattern())
    }

    /// Whether there is a request that both cover.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        are_of_one_api(self.api.as_ref(), other.api.as_ref()) && pattern::intersect(&self.pattern(), &other.pattern())
    }

    /// Whether it demands what another one demands.
    #[must_use]
    pub fn demands_the_same(&self, other: &Self) -> bool {
        self.role == other.role && words(self.scope.as_ref()).eq(words(other.scope.as_ref()))
    }

    /// Whether a caller with this role and these permissions has what it demands.
    #[must_use]
    pub fn is_satisfied_by(&self, role: &str, scope: &str) -> bool {
        let has = |wanted: &str| scope.split(' ').any(|one| one == wanted);
        self.role.as_deref().is_none_or(|wanted| wanted == role) && words(self.scope.as_ref()).all(has)
    }

    /// Its patterns for requests in their normal form, with this in the place of `ANY`.
    fn normal_patterns(&self, any: &str) -> Vec<String> {
        let method = if self.method == "ANY" { any } else { &self.method };
        match NormalForm::of(&self.path) {
            NormalForm::Of(path) => with_slash(pattern::of(method, &path)),
            NormalForm::Uncertain | NormalForm::Elsewhere => with_slash(pattern::of(method, &self.path)),
        }
    }

    /// Paths in which a character of its own path is encoded, which a gateway may take for the rule's path, but a policy
    /// does not. No client encodes letters, so they need no pattern each.
    #[must_use]
    pub fn encoded_patterns(&self) -> BTreeSet<String> {
        let literals = self.path.split('/').filter(|segment| !segment.starts_with('{'));
        let patterns = literals.flat_map(str::bytes).flat_map(|byte| match byte {
            b'a'..=b'o' => vec!["*%6*".to_owned()],
            b'p'..=b'z' => vec!["*%7*".to_owned()],
            _ => vec![format!("*%{byte:02X}*"), format!("*%{byte:02x}*")],
        });
        patterns.collect()
    }
}

impl ParameterRoute {
    /// What it covers, as it stands in an ARN after the stage.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern::of(&self.method, &self.path)
    }

    /// Whether a rule is about a path of it.
    #[must_use]
    pub fn is_reached_by(&self, rule: &Rule) -> bool {
        let reach = Route::new(&self.method, &self.path).map(|route| route.reach(&rule.normal_patterns(ANY_METHOD)));
        are_of_one_api(self.api.as_ref(), rule.api.as_ref()) && reach != Some(Reach::Nothing)
    }
}

impl Rules {
    /// Rules for stages whose names have at most `longest_stage` characters: what they were checked for. Longer ones
    /// get no policy, and none does where it is 0.
    #[must_use]
    pub fn new(rules: Vec<Rule>, longest_stage: usize) -> Self {
        let compiled = rules.into_iter().map(|rule| Patterns {
            written: rule.patterns(),
            normal: rule.normal_patterns("*"),
            of_routes: rule.normal_patterns(ANY_METHOD),
            encoded: rule.encoded_patterns().into_iter().collect(),
            routes: Vec::new(),
            rule,
        });
        Self {
            all: compiled.collect(),
            routes: None,
            longest_stage,
        }
    }

    /// The same rules for APIs that have these routes with a parameter, and no others. Policies that may be kept are safe
    /// only where this is said; otherwise a request is refused when in doubt.
    #[must_use]
    pub fn with_parameter_routes(mut self, routes: Vec<ParameterRoute>) -> Self {
        for compiled in &mut self.all {
            let reached = routes.iter().filter(|route| route.is_reached_by(&compiled.rule));
            compiled.routes = reached.map(|route| (route.api.clone(), route.pattern())).collect();
        }
        self.routes = Some(routes);
        self
    }

    /// The rules for which a caller with this role and these permissions is refused; none where the caller is let
    /// through. The answer is the same for everything that the gateway may keep it for.
    #[must_use]
    pub fn refusing(&self, called: &Called, role: &str, scope: &str) -> Vec<&Rule> {
        self.concerned(called, self.unsatisfied(called.api.as_deref(), role, scope))
    }

    /// The rules that a caller must satisfy.
    #[must_use]
    pub fn concerning(&self, called: &Called) -> Vec<&Rule> {
        self.concerned(called, self.of_api(called.api.as_deref()).collect())
    }

    fn concerned<'a>(&'a self, called: &Called, mut rules: Vec<&'a Patterns>) -> Vec<&'a Rule> {
        // A WebSocket API has no paths.
        if rules.is_empty() || called.request.as_deref() == Some("$connect") {
            return Vec::new();
        }
        let reading = Reading::of(called, self.routes.is_some());
        let denies = |rule: &Patterns| called.kept == Kept::ForItsStage && self.policy_denies(&[rule], called);
        rules.retain(|rule| reading.is_refused_by(rule) || denies(rule));
        rules.into_iter().map(|compiled| &compiled.rule).collect()
    }

    /// Whether the policy of a caller who does not satisfy these rules denies a request as it is written.
    pub(crate) fn policy_denies(&self, unsatisfied: &[&Patterns], called: &Called) -> bool {
        let denied = self.denied(called.api.as_deref(), unsatisfied);
        let covers = |request: &String| denied.iter().any(|pattern| covers(pattern, request));
        called.request.as_ref().is_some_and(covers)
    }

    /// What a policy denies to a caller who does not satisfy these rules: what they cover, and other ways to write it;
    /// every route with a parameter of which they cover a part, as its other paths may be spellings of that part; and
    /// what leads from one route with a parameter to another.
    pub(crate) fn denied<'a>(&'a self, api: Option<&str>, unsatisfied: &[&'a Patterns]) -> Vec<&'a str> {
        let mut denied: Vec<&str> = Vec::new();
        let mut add = |pattern: &'a str| {
            if !denied.contains(&pattern) {
                denied.push(pattern);
            }
        };
        let is_here = |of: Option<&String>| is_of_api(of.map(String::as_str), api);
        for rule in unsatisfied {
            rule.written.iter().for_each(|pattern| add(pattern));
        }
        if let (Some(routes), false) = (&self.routes, unsatisfied.is_empty()) {
            for rule in unsatisfied {
                let reached = rule.routes.iter().filter(|(api, _)| is_here(api.as_ref()));
                reached.for_each(|(_, pattern)| add(pattern));
                rule.encoded.iter().for_each(|pattern| add(pattern));
            }
            if routes.iter().any(|route| is_here(route.api.as_ref())) {
                DOTS.into_iter().for_each(add);
            }
        }
        denied
    }

    /// The rules of an API that a caller does not satisfy.
    pub(crate) fn unsatisfied(&self, api: Option<&str>, role: &str, scope: &str) -> Vec<&Patterns> {
        let rules = self.of_api(api);
        rules
            .filter(|compiled| !compiled.rule.is_satisfied_by(role, scope))
            .collect()
    }

    /// The rules of an API; those of every API where it is not known which one asks.
    fn of_api(&self, api: Option<&str>) -> impl Iterator<Item = &Patterns> {
        let is_about = move |of: &Patterns| is_of_api(of.rule.api.as_deref(), api);
        self.all.iter().filter(move |compiled| is_about(compiled))
    }

    /// Whether policies over ARNs that begin with this many characters stay within the gateway's limits.
    pub(crate) fn fit(&self, stage_arn: usize) -> bool {
        let checked = self.longest_stage > 0 && stage_arn <= longest_stage_arn(self.longest_stage);
        self.all.is_empty() || checked
    }
}

/// The longest ARN up to the slash after a stage whose name is as long as this.
pub(crate) const fn longest_stage_arn(longest_stage: usize) -> usize {
    LONGEST_BEFORE_STAGE.saturating_add(longest_stage).saturating_add(1)
}

fn with_slash(pattern: String) -> Vec<String> {
    if pattern.ends_with(['*', '/']) {
        return vec![pattern];
    }
    let slash = format!("{pattern}/");
    vec![pattern, slash]
}

fn are_of_one_api(one: Option<&String>, other: Option<&String>) -> bool {
    is_of_api(one.map(String::as_str), other.map(String::as_str))
}

/// Whether what is about an API is about this one; true where it is about every API, or it is not known which one asks.
fn is_of_api(wanted: Option<&str>, asking: Option<&str>) -> bool {
    wanted.zip(asking).is_none_or(|(wanted, asking)| wanted == asking)
}

fn words(scope: Option<&String>) -> impl Iterator<Item = &str> {
    scope.into_iter().flat_map(|scope| scope.split(' '))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("GET", "/", &["GET/"])]
    #[case("GET", "/reports", &["GET/reports", "GET/reports/"])]
    #[case("GET", "/reports/{id}", &["GET/reports/*"])]
    #[case("GET", "/reports/{id}/lines", &["GET/reports/*/lines", "GET/reports/*/lines/"])]
    #[case("ANY", "/files/{proxy+}", &["*/files/*"])]
    fn a_rule_covers_what_a_policy_can_say_of_it(#[case] method: &str, #[case] path: &str, #[case] expected: &[&str]) {
        assert_eq!(rule(method, path).patterns(), expected);
    }

    #[test]
    fn rules_of_two_apis_do_not_overlap() {
        let of = |api: Option<&str>| Rule {
            api: api.map(str::to_owned),
            ..rule("GET", "/a")
        };

        assert!(of(None).overlaps(&of(None)));
        assert!(of(None).overlaps(&of(Some("one"))));
        assert!(of(Some("one")).overlaps(&of(Some("one"))));
        assert!(!of(Some("one")).overlaps(&of(Some("two"))));
    }

    #[rstest]
    #[case(Some("admin"), None, "admin", "", true)]
    #[case(Some("admin"), None, "Admin", "", false)]
    #[case(Some("admin"), None, "user", "admin", false)]
    #[case(None, Some("read"), "user", "read", true)]
    #[case(None, Some("read"), "user", "write read", true)]
    #[case(None, Some("read"), "user", "reads", false)]
    #[case(None, Some("read"), "read", "", false)]
    #[case(None, Some("read write"), "user", "write read", true)]
    #[case(None, Some("read write"), "user", "read", false)]
    #[case(Some("admin"), Some("read"), "admin", "", false)]
    #[case(Some("admin"), Some("read"), "admin", "read", true)]
    fn a_rule_wants_its_role_and_each_of_its_permissions(
        #[case] wanted_role: Option<&str>,
        #[case] wanted_scope: Option<&str>,
        #[case] role: &str,
        #[case] scope: &str,
        #[case] satisfied: bool,
    ) {
        let rule = Rule {
            role: wanted_role.map(str::to_owned),
            scope: wanted_scope.map(str::to_owned),
            ..rule("GET", "/a")
        };

        assert_eq!(rule.is_satisfied_by(role, scope), satisfied);
    }

    #[test]
    fn where_it_is_not_known_which_api_asks_the_rules_of_all_hold() {
        let of_one = Rule {
            api: Some("one".to_owned()),
            role: Some("admin".to_owned()),
            ..rule("GET", "/a")
        };
        let rules = Rules::new(vec![of_one], 128);

        assert_eq!(rules.unsatisfied(Some("one"), "user", "").len(), 1);
        assert_eq!(rules.unsatisfied(Some("two"), "user", "").len(), 0);
        assert_eq!(rules.unsatisfied(None, "user", "").len(), 1);
    }

    fn rule(method: &str, path: &str) -> Rule {
        Rule {
            api: None,
            method: method.to_owned(),
            path: path.to_owned(),
            role: None,
            scope: None,
        }
    }
}
