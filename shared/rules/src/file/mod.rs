//! The file of route rules. It is read and checked when the authorizer is built, so a mistake in it is never deployed.

mod entry;
mod length;
mod syntax;

use std::{fmt, ops::Range};

use crate::{ParameterRoute, Rule, Rules};

use self::{
    entry::{Document, RouteEntry, longest_stage},
    length::check_length,
};

/// The error for a file that allows policies but does not list the routes with a parameter. Without this list, a policy
/// that is cached for one route could allow a request to another route, although a rule forbids that request.
const ROUTES_ARE_NOT_LISTED: &str = "a policy is cached for every route of a stage, so the routes with a parameter are \
    needed: above the rules, set parameter_routes to all of them ([] if there are none), or longest_stage = 0 if every \
    API has simple answers";
/// The checked rules of a file.
#[derive(Debug)]
pub struct RuleFile {
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// Every route with a parameter, for the APIs that get policies.
    pub routes: Vec<ParameterRoute>,
    /// The maximum length of the names of stages that get policies, in characters. Zero means that no API gets
    /// policies.
    pub longest_stage: usize,
}

/// A mistake in a file of route rules.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidRuleFile {
    /// The line, counted from 1.
    pub line: usize,
    message: String,
}

impl fmt::Display for InvalidRuleFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl RuleFile {
    /// Parses and checks a file of route rules.
    ///
    /// # Errors
    /// If the file is not TOML, has an unknown member, or has an invalid rule or route; if two rules with different
    /// requirements overlap; if there are policies but no list of the routes with parameters; or if a policy could be
    /// too long for the gateway.
    pub fn parse(text: &str) -> Result<Self, InvalidRuleFile> {
        Self::check(text).map_err(|(span, message)| InvalidRuleFile {
            line: line_of(&span, text),
            message,
        })
    }

    fn check(text: &str) -> Result<Self, (Range<usize>, String)> {
        let document: Document = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            (span, error.message().to_owned())
        })?;
        let longest_stage = longest_stage(document.longest_stage)?;
        let are_listed = document.parameter_routes.is_some();
        let routes = document.parameter_routes.into_iter().flatten().map(RouteEntry::check);
        let routes: Vec<ParameterRoute> = routes.collect::<Result<_, _>>()?;
        let mut rules: Vec<(Range<usize>, Rule)> = Vec::new();
        for entry in document.rule {
            let span = entry.method.span();
            let rule = entry.check()?;
            if longest_stage > 0 && !are_listed {
                return Err((span, ROUTES_ARE_NOT_LISTED.to_owned()));
            }
            check_beside(&rule, &rules, text).map_err(|message| (span.clone(), message))?;
            rules.push((span, rule));
            check_length(&rules, &routes, longest_stage)?;
        }
        Ok(Self {
            rules: rules.into_iter().map(|(_, rule)| rule).collect(),
            routes,
            longest_stage,
        })
    }
}

/// Returns the rules with which an authorizer decides.
impl From<RuleFile> for Rules {
    fn from(file: RuleFile) -> Self {
        Self::new(file.rules, file.longest_stage).with_parameter_routes(file.routes)
    }
}

/// Checks a rule against the rules before it in the file. If two rules cover the same request, they must have the same
/// requirements. The order of a policy's statements does not matter, so both rules apply, and neither can be an
/// exception to the other.
fn check_beside(rule: &Rule, before: &[(Range<usize>, Rule)], text: &str) -> Result<(), String> {
    let contradicted = before
        .iter()
        .find(|(_, other)| rule.overlaps(other) && !rule.demands_the_same(other));
    contradicted.map_or(Ok(()), |(span, other)| {
        let line = line_of(span, text);
        Err(format!(
            "{} and {} of line {line} cover the same requests, because a * spans slashes, but have different requirements",
            rule.pattern(),
            other.pattern(),
        ))
    })
}

/// Returns the line on which a span of the text starts, counted from 1.
fn line_of(span: &Range<usize>, text: &str) -> usize {
    text.get(..span.start).unwrap_or(text).split('\n').count()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::Assurance;

    #[test]
    fn a_rule_is_read_unchanged() {
        let text = "parameter_routes = [{ method = \"GET\", path = \"/{a}\" }]\n[[rule]]\napi = \"abc123\"\nmethod = \"ANY\"\npath = \"/a/{id}/{b+}\"\nrole = \"admin\"\nscope = \"a b\"\nacr = \"aal2\"\nmax_age = 600\n";

        let file = RuleFile::parse(text).unwrap();

        let expected = Rule {
            api: Some("abc123".into()),
            method: "ANY".into(),
            path: "/a/{id}/{b+}".into(),
            role: Some("admin".into()),
            scope: Some("a b".into()),
            acr: Some(Assurance::Aal2),
            max_age: Some(600),
        };
        let route = ParameterRoute {
            api: None,
            method: "GET".into(),
            path: "/{a}".into(),
        };
        assert_eq!(
            (file.rules, file.routes, file.longest_stage),
            (vec![expected], vec![route], 128)
        );
    }

    #[rstest]
    #[case::not_toml("\n[[rule", 2)]
    #[case::unknown_table("\n[[rules]]\n", 2)]
    #[case::unknown_member("[[rule]]\nmethod = \"GET\"\npath = \"/\"\nroles = \"a\"\n", 4)]
    #[case::member_twice("[[rule]]\nmethod = \"GET\"\nmethod = \"GET\"\n", 3)]
    #[case::other_type("[[rule]]\nmethod = \"GET\"\npath = 7\nrole = \"a\"\n", 3)]
    #[case::no_path("\n[[rule]]\nmethod = \"GET\"\nrole = \"a\"\n", 2)]
    #[case::no_demand("[[rule]]\n\nmethod = \"GET\"\npath = \"/\"\n", 3)]
    #[case::no_stage_is_that_long("\nlongest_stage = 129\n", 2)]
    #[case::routes_are_not_said("[[rule]]\nmethod = \"GET\"\npath = \"/\"\nrole = \"a\"\n", 2)]
    #[case::no_parameter("parameter_routes = [\n{ method = \"GET\", path = \"/a\" }]\n", 2)]
    #[case::no_route("parameter_routes = [\n{ method = \"get\", path = \"/{a}\" }]\n", 2)]
    #[case::invalid_api("parameter_routes = [\n{ method = \"GET\", path = \"/{a}\", api = \"*\" }]\n", 2)]
    #[case::route_that_demands("parameter_routes = [\n{ method = \"GET\", path = \"/{a}\", role = \"a\" }]\n", 2)]
    fn a_mistake_in_the_file_is_found_in_its_line(#[case] text: &str, #[case] line: usize) {
        assert_eq!(RuleFile::parse(text).unwrap_err().line, line);
    }

    #[rstest]
    #[case::same_path("GET /a", "GET /a")]
    #[case::any_method("GET /a", "ANY /a")]
    #[case::parameter("GET /a/{id}", "GET /a/b")]
    #[case::below_a_parameter("GET /a/{id}", "GET /a/{id}/b")]
    #[case::greedy("GET /{proxy+}", "GET /a")]
    #[case::any_spans_slashes("ANY /b", "GET /a/b")]
    #[case::crossing("GET /a/{id}/c", "GET /a/b/{id}")]
    fn rules_that_cover_the_same_request_must_demand_the_same(#[case] one: &str, #[case] other: &str) {
        let different = [NO_ROUTES, &rule(one, "role = \"a\""), &rule(other, "role = \"b\"")].concat();
        let same = [
            NO_ROUTES,
            &rule(one, "scope = \"a b\""),
            &rule(other, "scope = \"a b\""),
        ]
        .concat();

        let fault = RuleFile::parse(&different).unwrap_err();

        assert_eq!(fault.line, 7);
        assert!(
            fault.to_string().contains("of line 3 cover the same requests"),
            "{fault}"
        );
        assert_eq!(RuleFile::parse(&same).unwrap().rules.len(), 2);
    }

    #[rstest]
    #[case::acr("acr = \"aal2\"", "acr = \"phr\"")]
    #[case::no_acr("role = \"a\"\nacr = \"aal2\"", "role = \"a\"")]
    #[case::age("max_age = 600", "max_age = 601")]
    #[case::no_age("acr = \"aal2\"\nmax_age = 600", "acr = \"aal2\"")]
    fn an_assurance_and_an_age_are_requirements_too(#[case] one: &str, #[case] other: &str) {
        let both = |one: &str, other: &str| [NO_ROUTES, &rule("GET /a", one), &rule("ANY /a", other)].concat();

        let fault = RuleFile::parse(&both(one, other)).unwrap_err();

        assert!(
            fault.to_string().contains("of line 3 cover the same requests"),
            "{fault}"
        );
        assert!(RuleFile::parse(&both(one, one)).is_ok());
    }

    #[rstest]
    #[case("GET /a", "POST /a")]
    #[case("GET /a", "GET /a/{id}")]
    #[case("GET /a", "GET /b")]
    #[case("GET /a/{id}/b", "GET /a/{id}/c")]
    #[case("ANY /a", "GET /a/b")]
    fn rules_for_different_requests_may_differ(#[case] one: &str, #[case] other: &str) {
        let text = [NO_ROUTES, &rule(one, "role = \"a\""), &rule(other, "role = \"b\"")].concat();

        assert!(RuleFile::parse(&text).is_ok());
    }

    /// API Gateway's simple response is for one route, which the event names.
    #[test]
    fn routes_need_not_be_listed_without_policies_or_rules() {
        let rules = rule("GET /a", "role = \"a\"");

        let fault = RuleFile::parse(&rules).unwrap_err();

        assert!(
            fault.to_string().contains("set parameter_routes to all of them"),
            "{fault}"
        );
        assert!(RuleFile::parse(&format!("longest_stage = 0\n{rules}")).is_ok());
        assert!(RuleFile::parse("longest_stage = 9").is_ok());
    }

    pub(super) const NO_ROUTES: &str = "parameter_routes = []\n";

    pub(super) fn rule(route: &str, demand: &str) -> String {
        let (method, path) = route.split_once(' ').unwrap();
        format!("[[rule]]\nmethod = \"{method}\"\npath = \"{path}\"\n{demand}\n")
    }
}
