//! Route rules: what some routes demand of whoever calls them, beside a valid token.
//!
//! A rule covers what an IAM policy can say of it: `{id}`, `{proxy+}` and the method `ANY` are a `*`, and a `*` spans
//! slashes. Simple answers and policies are both made of these patterns, so that they never differ.

use std::collections::BTreeSet;

/// The longest ARN in a policy, in characters. Documented: quotas of API Gateway.
pub(crate) const LONGEST_ARN: usize = 512;
/// The longest that stands before a stage's name in an ARN.
const LONGEST_BEFORE_STAGE: usize = "arn:aws-us-gov:execute-api:us-isob-east-1:123456789012:abcdefghij/".len();

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

/// All rules of an authorizer.
#[derive(Clone, Debug)]
pub struct Rules {
    rules: Vec<Patterns>,
    longest_stage: usize,
}

/// A rule and what it covers.
#[derive(Clone, Debug)]
pub(crate) struct Patterns {
    rule: Rule,
    patterns: Vec<String>,
}

impl Rule {
    /// What it covers, as it stands in an ARN after the stage: `GET/reports/*`.
    #[must_use]
    pub fn pattern(&self) -> String {
        let method = if self.method == "ANY" { "*" } else { &self.method };
        let segments = self.path.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(_) => "*",
            None => segment,
        });
        method.to_owned() + &segments.collect::<Vec<_>>().join("/")
    }

    /// Everything that it covers: its pattern, and the same path with a slash at its end, which some APIs take for it.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        let pattern = self.pattern();
        if pattern.ends_with(['*', '/']) {
            return vec![pattern];
        }
        let slash = format!("{pattern}/");
        vec![pattern, slash]
    }

    /// Whether there is a request that both cover.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let apart = matches!((&self.api, &other.api), (Some(one), Some(another)) if one != another);
        !apart && intersect(&self.pattern(), &other.pattern())
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
}

impl Rules {
    /// Rules for stages whose names have at most `longest_stage` characters: what they were checked for. Longer ones
    /// get no policy, and none does where it is 0.
    #[must_use]
    pub fn new(rules: Vec<Rule>, longest_stage: usize) -> Self {
        let compiled = rules.into_iter().map(|rule| Patterns {
            patterns: rule.patterns(),
            rule,
        });
        Self {
            rules: compiled.collect(),
            longest_stage,
        }
    }

    /// The rules that are about a request, `<method>/<path>`.
    #[must_use]
    pub fn covering(&self, api: Option<&str>, request: &str) -> Vec<&Rule> {
        let rules = self.of_api(api).filter(|rule| rule.covers(request));
        rules.map(|compiled| &compiled.rule).collect()
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
        self.rules
            .iter()
            .filter(move |compiled| match (&compiled.rule.api, api) {
                (Some(wanted), Some(asking)) => wanted == asking,
                (None, _) | (_, None) => true,
            })
    }

    /// Whether policies over ARNs that begin with this many characters stay within the gateway's limits.
    pub(crate) fn fit(&self, stage_arn: usize) -> bool {
        let checked = self.longest_stage > 0 && stage_arn <= longest_stage_arn(self.longest_stage);
        self.rules.is_empty() || checked
    }
}

impl Patterns {
    /// What it covers, as patterns of an ARN after the stage.
    pub(crate) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether it covers `<method>/<path>`.
    pub(crate) fn covers(&self, request: &str) -> bool {
        self.patterns.iter().any(|pattern| covers(pattern, request))
    }
}

/// The longest ARN up to the slash after a stage whose name is as long as this.
pub(crate) const fn longest_stage_arn(longest_stage: usize) -> usize {
    LONGEST_BEFORE_STAGE.saturating_add(longest_stage).saturating_add(1)
}

fn words(scope: Option<&String>) -> impl Iterator<Item = &str> {
    scope.into_iter().flat_map(|scope| scope.split(' '))
}

/// Whether a pattern, in which `*` is any text, is a text as a whole.
fn covers(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(inner) = text.strip_prefix(head).and_then(|text| text.strip_suffix(tail)) else {
        return false;
    };
    let mut left = Some(inner);
    for literal in middle.split('*') {
        left = left.and_then(|text| text.split_once(literal)).map(|(_, after)| after);
    }
    left.is_some()
}

/// Whether there is a text that both patterns cover.
fn intersect(one: &str, other: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(one.as_bytes(), other.as_bytes())];
    while let Some((one, other)) = open.pop() {
        if !seen.insert((one.len(), other.len())) {
            continue;
        }
        match (one.split_first(), other.split_first()) {
            (None, None) => return true,
            (Some((b'*', rest)), next) => {
                open.push((rest, other));
                open.extend(next.map(|(_, after)| (one, after)));
            }
            (next, Some((b'*', rest))) => {
                open.push((one, rest));
                open.extend(next.map(|(_, after)| (after, other)));
            }
            (Some((same, rest)), Some((byte, after))) if same == byte => open.push((rest, after)),
            _ => {}
        }
    }
    false
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

    #[rstest]
    #[case("GET/reports", "GET/reports", true)]
    #[case("GET/reports", "GET/reports/", false)]
    #[case("GET/reports", "GET/report", false)]
    #[case("GET/reports/*", "GET/reports/7", true)]
    #[case("GET/reports/*", "GET/reports/7/lines", true)]
    #[case("GET/reports/*", "GET/reports/", true)]
    #[case("GET/reports/*", "GET/reports", false)]
    #[case("GET/a/*/b", "GET/a/b", false)]
    #[case("GET/a/*/b", "GET/a//b", true)]
    #[case("GET/a/*/b", "GET/a/x/b/b", true)]
    #[case("GET/a/*/b/*/c", "GET/a/b/c", false)]
    #[case("GET/a/*/b/*/c", "GET/a/x/b/y/c", true)]
    #[case("GET/a/*/b/*/c", "GET/a/x/y/c", false)]
    #[case("*/reports", "GET/reports", true)]
    #[case("*/reports", "GET/of/mine/reports", true)]
    #[case("*/a/*/b", "POST/a/1/b", true)]
    #[case("*/a/*/b", "POST/a/1/c", false)]
    #[case("*", "", true)]
    fn a_star_is_any_text(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(covers(pattern, text), expected);
    }

    #[rstest]
    #[case("GET/a", "GET/a", true)]
    #[case("GET/a", "GET/b", false)]
    #[case("GET/a", "POST/a", false)]
    #[case("GET/a/*", "GET/a/b", true)]
    #[case("GET/a/*", "GET/a/b/*", true)]
    #[case("GET/a/*", "GET/a", false)]
    #[case("GET/a/*/c", "GET/a/b/*", true)]
    #[case("GET/a/*/c", "GET/a/*/d", false)]
    #[case("*/a", "GET/b/a", true)]
    #[case("*/a", "GET/a/b", false)]
    #[case("*/a/*", "*/b", true)]
    #[case("*", "", true)]
    fn two_patterns_overlap_where_both_cover_a_text(#[case] one: &str, #[case] other: &str, #[case] expected: bool) {
        assert_eq!(intersect(one, other), expected);
        assert_eq!(intersect(other, one), expected);
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
