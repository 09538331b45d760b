//! The file of route rules, read and checked when the authorizer is built: a mistake in it never reaches a gateway.

use std::{collections::BTreeSet, fmt, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use crate::rules::{DOTS, LONGEST_ARN, ParameterRoute, Rule, longest_stage_arn};

/// The longest answer in bytes. Documented: quotas of WebSocket APIs, the least of all kinds.
const LONGEST_ANSWER: usize = 8192;
/// What an answer has beside its Deny statements, in bytes: a context of the longest token, each byte of it escaped.
const LONGEST_CONTEXT: usize = 3584;
/// The longest name of a stage. Documented: the reference of `CreateStage`.
const LONGEST_STAGE: usize = 128;

/// Without it, a policy that was made on one route could let through on the next what a rule forbids.
const ROUTES_ARE_NOT_SAID: &str = "a policy is kept for every route of a stage, so it must know the routes with a \
    parameter: above the rules, set parameter_routes to all of them ([] where there are none), or longest_stage = 0 \
    where every API has simple answers";
const TO_BE_SHORTER: &str = "set longest_stage to the longest name that a stage has (0 where every API has simple \
    answers), give rules and routes of different APIs their api, or put several paths under one";

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The rules of a file, all checks made.
#[derive(Debug)]
pub(crate) struct RuleFile {
    /// The rules, in the file's order.
    pub(crate) rules: Vec<Rule>,
    /// Every route with a parameter, of the APIs that get policies.
    pub(crate) routes: Vec<ParameterRoute>,
    /// The longest name of a stage that gets policies, in characters.
    pub(crate) longest_stage: usize,
}

/// What is wrong with a file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: usize,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl RuleFile {
    /// Reads the text of a file and makes every check.
    ///
    /// # Errors
    /// When it is not TOML, has a member that is not known, a rule or a route is not one, two rules that demand different
    /// things overlap, policies are asked of it and it does not say which routes have parameters, or a policy could be
    /// longer than the gateway takes.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        Self::check(text).map_err(|(span, message)| Fault {
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
        let are_said = document.parameter_routes.is_some();
        let routes = document.parameter_routes.into_iter().flatten().map(RouteEntry::check);
        let routes: Vec<ParameterRoute> = routes.collect::<Result<_, _>>()?;
        let mut rules: Vec<(Range<usize>, Rule)> = Vec::new();
        for entry in document.rule {
            let span = entry.method.span();
            let rule = entry.check()?;
            if longest_stage > 0 && !are_said {
                return Err((span, ROUTES_ARE_NOT_SAID.to_owned()));
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    longest_stage: Option<Spanned<usize>>,
    parameter_routes: Option<Vec<RouteEntry>>,
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    api: Option<Spanned<String>>,
    method: Spanned<String>,
    path: Spanned<String>,
    role: Option<Spanned<String>>,
    scope: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteEntry {
    api: Option<Spanned<String>>,
    method: Spanned<String>,
    path: Spanned<String>,
}

impl RouteEntry {
    fn check(self) -> Result<ParameterRoute, (Range<usize>, String)> {
        let has_parameter = |path: &str| path.contains('{') && is_path(path);
        Ok(ParameterRoute {
            api: checked_api(self.api.as_ref())?,
            method: checked_method(&self.method)?,
            path: checked(
                &self.path,
                has_parameter,
                "a path with a parameter, such as /reports/{id}",
            )?,
        })
    }
}

impl Entry {
    fn check(self) -> Result<Rule, (Range<usize>, String)> {
        if self.role.is_none() && self.scope.is_none() {
            let message = "a rule that demands nothing: it needs a role or a scope".to_owned();
            return Err((self.method.span(), message));
        }
        let method = checked_method(&self.method)?;
        let path = checked(&self.path, is_path, "a path such as /reports/{id} or /files/{proxy+}")?;
        let optional = |value: Option<Spanned<String>>, sound: fn(&str) -> bool, expected| {
            value.map(|value| checked(&value, sound, expected)).transpose()
        };
        Ok(Rule {
            api: checked_api(self.api.as_ref())?,
            method,
            path,
            role: optional(
                self.role,
                is_word,
                "a role: visible ASCII without quotes or backslashes",
            )?,
            scope: optional(self.scope, is_scope, "permissions with one space between two")?,
        })
    }
}

fn checked_method(method: &Spanned<String>) -> Result<String, (Range<usize>, String)> {
    let expected = format!("one of {}", METHODS.join(", "));
    checked(method, |method| METHODS.contains(&method), &expected)
}

fn checked_api(api: Option<&Spanned<String>>) -> Result<Option<String>, (Range<usize>, String)> {
    api.map(|api| checked(api, is_api, "the id of an API: letters and digits"))
        .transpose()
}

fn checked(
    value: &Spanned<String>,
    sound: impl Fn(&str) -> bool,
    expected: &str,
) -> Result<String, (Range<usize>, String)> {
    let text = value.get_ref();
    sound(text)
        .then(|| text.clone())
        .ok_or_else(|| (value.span(), format!("{text:?} is not {expected}")))
}

fn longest_stage(given: Option<Spanned<usize>>) -> Result<usize, (Range<usize>, String)> {
    given.map_or(Ok(LONGEST_STAGE), |given| {
        let length = *given.get_ref();
        (length <= LONGEST_STAGE).then_some(length).ok_or_else(|| {
            (
                given.span(),
                format!("no stage has a name of more than {LONGEST_STAGE} characters"),
            )
        })
    })
}

/// A policy has no order: where two rules cover the same request, both hold, so neither may be meant to except the other.
fn check_beside(rule: &Rule, before: &[(Range<usize>, Rule)], text: &str) -> Result<(), String> {
    let contradicted = before
        .iter()
        .find(|(_, other)| rule.overlaps(other) && !rule.demands_the_same(other));
    contradicted.map_or(Ok(()), |(span, other)| {
        let line = line_of(span, text);
        Err(format!(
            "{} and {} of line {line} cover the same requests, as a * spans slashes, but demand different things",
            rule.pattern(),
            other.pattern(),
        ))
    })
}

/// The line on which a span of the text starts, from 1.
fn line_of(span: &Range<usize>, text: &str) -> usize {
    text.get(..span.start).unwrap_or(text).split('\n').count()
}

fn check_length(
    rules: &[(Range<usize>, Rule)],
    routes: &[ParameterRoute],
    longest_stage: usize,
) -> Result<(), (Range<usize>, String)> {
    let Some((span, last)) = rules.last() else {
        return Ok(());
    };
    if longest_stage == 0 {
        return Ok(());
    }
    let fault = |excess: usize, what: &str| {
        let message = format!(
            "{what} is {excess} too long for the gateway, with a stage of {longest_stage} characters: {TO_BE_SHORTER}"
        );
        (excess == 0).then_some(()).ok_or((span.clone(), message))
    };
    fault(excess_of_arn(last, longest_stage), "the rule's ARN")?;
    let all: Vec<Rule> = rules.iter().map(|(_, rule)| rule.clone()).collect();
    fault(
        excess(&all, routes, longest_stage),
        "a policy of all rules up to this one",
    )
}

/// By how much the longest answer that these rules can make is too long; zero when it is not.
fn excess(rules: &[Rule], routes: &[ParameterRoute], longest_stage: usize) -> usize {
    let quotes_and_comma = 3;
    let before = longest_stage_arn(longest_stage).saturating_add(quotes_and_comma);
    let longest = |api: Option<&String>| {
        let concerns = |of: Option<&String>| of.is_none() || of == api;
        let rules: Vec<&Rule> = rules.iter().filter(|rule| concerns(rule.api.as_ref())).collect();
        let routes = routes.iter().filter(|route| concerns(route.api.as_ref()));
        let (reached, others): (Vec<_>, Vec<_>) =
            routes.partition(|route| rules.iter().any(|rule| route.is_reached_by(rule)));
        let dots = DOTS.iter().filter(|_| !(reached.is_empty() && others.is_empty()));
        let of_rules = rules.iter().flat_map(|rule| rule.patterns());
        let of_routes = reached.iter().map(|route| route.pattern());
        let encoded: BTreeSet<String> = rules.iter().flat_map(|rule| rule.encoded_patterns()).collect();
        let lengths = of_rules.chain(of_routes).chain(encoded).map(|pattern| pattern.len());
        let lengths = lengths.chain(dots.map(|pattern| pattern.len()));
        lengths.fold(LONGEST_CONTEXT, |sum, length| {
            sum.saturating_add(before).saturating_add(length)
        })
    };
    let of_rules = rules.iter().map(|rule| rule.api.as_ref());
    let apis = of_rules.chain(routes.iter().map(|route| route.api.as_ref()));
    apis.map(longest)
        .max()
        .unwrap_or_default()
        .saturating_sub(LONGEST_ANSWER)
}

/// By how many characters the longest ARN of a rule is too long; zero when it is not.
fn excess_of_arn(rule: &Rule, longest_stage: usize) -> usize {
    let longest = rule.patterns().iter().map(String::len).max().unwrap_or_default();
    let stage = longest_stage_arn(longest_stage);
    stage.saturating_add(longest).saturating_sub(LONGEST_ARN)
}

/// A path as API Gateway writes it. An encoded one is refused: nobody knows which of its forms a gateway compares.
fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let mut names = BTreeSet::new();
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        let parameter = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let sound = match parameter {
            Some(name) => {
                let greedy = name.strip_suffix('+');
                let name = greedy.unwrap_or(name);
                (last || greedy.is_none()) && is_name(name) && names.insert(name)
            }
            None => is_literal(segment) || (path == "/" && segment.is_empty()),
        };
        if !sound {
            return false;
        }
    }
    true
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Whether a segment is of characters that a path has unencoded (RFC 3986 s3.3), without the star, and has a normal
/// form: dots alone have none.
fn is_literal(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=:@".contains(&byte);
    let (name, _) = segment.split_once(';').unwrap_or((segment, ""));
    !name.trim_end_matches('.').is_empty() && segment.bytes().all(plain)
}

fn is_api(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// As `claims` reads roles and permissions, which a build script does not build on.
fn is_word(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=100).contains(&word.len()) && word.bytes().all(plain)
}

fn is_scope(scope: &str) -> bool {
    scope.split(' ').all(is_word)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_file_that_is_built_in_is_one() {
        assert!(RuleFile::parse(include_str!("../routes.toml")).is_ok());
    }

    /// The file shows rules as comments; they are rules without the first `# ` of each line.
    #[test]
    fn the_examples_in_the_file_are_rules() {
        let lines = include_str!("../routes.toml")
            .lines()
            .filter_map(|line| line.strip_prefix("# "));
        let examples = lines.filter(|line| line.starts_with("[[") || *line == "]" || line.contains(" = "));
        let is_setting = |line: &&str| {
            ["longest", "parameter", "  {", "]"]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let (settings, rules): (Vec<&str>, Vec<&str>) = examples.partition(is_setting);

        let file = RuleFile::parse(&[settings, rules].concat().join("\n")).unwrap();

        let patterns: Vec<String> = file.rules.iter().flat_map(Rule::patterns).collect();
        assert_eq!(patterns, ["POST/reports", "POST/reports/", "*/admin/*"]);
        let routes: Vec<String> = file.routes.iter().map(ParameterRoute::pattern).collect();
        assert_eq!(routes, ["*/admin/*", "GET/reports/*"]);
        assert_eq!(file.longest_stage, 16);
    }

    #[test]
    fn a_rule_is_read_as_it_stands() {
        let text = "parameter_routes = [{ method = \"GET\", path = \"/{a}\" }]\n[[rule]]\napi = \"abc123\"\nmethod = \"ANY\"\npath = \"/a/{id}/{b+}\"\nrole = \"admin\"\nscope = \"a b\"\n";

        let file = RuleFile::parse(text).unwrap();

        let expected = Rule {
            api: Some("abc123".into()),
            method: "ANY".into(),
            path: "/a/{id}/{b+}".into(),
            role: Some("admin".into()),
            scope: Some("a b".into()),
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
    #[case::no_route_s_api("parameter_routes = [\n{ method = \"GET\", path = \"/{a}\", api = \"*\" }]\n", 2)]
    #[case::route_that_demands("parameter_routes = [\n{ method = \"GET\", path = \"/{a}\", role = \"a\" }]\n", 2)]
    fn a_mistake_in_the_file_is_found_in_its_line(#[case] text: &str, #[case] line: usize) {
        assert_eq!(RuleFile::parse(text).unwrap_err().line, line);
    }

    #[rstest]
    #[case::method("method", "get")]
    #[case::method("method", "")]
    #[case::method("method", "*")]
    #[case::path("path", "")]
    #[case::path("path", "reports")]
    #[case::path("path", "/reports/")]
    #[case::path("path", "//reports")]
    #[case::path("path", "/reports/*")]
    #[case::path("path", "/reports?a")]
    #[case::path("path", "/re ports")]
    #[case::path("path", "/reports/{id")]
    #[case::path("path", "/reports/id}")]
    #[case::path("path", "/reports/x{id}")]
    #[case::path("path", "/reports/{}")]
    #[case::path("path", "/reports/{+}")]
    #[case::path("path", "/{id}/{id}")]
    #[case::path("path", "/{id}/{id+}")]
    #[case::path("path", "/{proxy+}/reports")]
    #[case::path("path", "/%72eports")]
    #[case::path("path", "/reports/..")]
    #[case::path("path", "/./reports")]
    #[case::path("path", "/;a/reports")]
    #[case::api("api", "")]
    #[case::api("api", "a*")]
    #[case::role("role", "")]
    #[case::role("role", "two words")]
    #[case::scope("scope", "")]
    #[case::scope("scope", "two  spaces")]
    fn a_value_that_is_none_is_found_in_its_line(#[case] member: &str, #[case] value: &str) {
        let members = [
            ("method", "GET"),
            ("path", "/"),
            ("role", "a"),
            ("scope", "b"),
            ("api", "c"),
        ];
        let lines = members.map(|(name, good)| format!("{name} = \"{}\"", if name == member { value } else { good }));
        let text = format!("{NO_ROUTES}[[rule]]\n{}", lines.join("\n"));

        let fault = RuleFile::parse(&text).unwrap_err();

        let line = text.lines().take(fault.line).last().unwrap();
        assert!(line.starts_with(member), "{fault}");
        assert!(fault.to_string().starts_with(&format!("{value:?} is not ")), "{fault}");
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
    #[case("GET /a", "POST /a")]
    #[case("GET /a", "GET /a/{id}")]
    #[case("GET /a", "GET /b")]
    #[case("GET /a/{id}/b", "GET /a/{id}/c")]
    #[case("ANY /a", "GET /a/b")]
    fn rules_that_cover_different_requests_may_demand_what_they_like(#[case] one: &str, #[case] other: &str) {
        let text = [NO_ROUTES, &rule(one, "role = \"a\""), &rule(other, "role = \"b\"")].concat();

        assert!(RuleFile::parse(&text).is_ok());
    }

    #[test]
    fn the_first_rule_with_which_a_policy_is_too_long_is_named() {
        let rules = |stage: usize| -> String {
            let many = (0..200).map(|number| rule(&format!("GET /{number}/{{id}}"), "role = \"a\""));
            format!("longest_stage = {stage}\n{NO_ROUTES}{}", many.collect::<String>())
        };

        let long = RuleFile::parse(&rules(128)).unwrap_err();
        let short = RuleFile::parse(&rules(8)).unwrap_err();

        assert!(
            long.to_string().starts_with("a policy of all rules up to this one is "),
            "{long}"
        );
        assert!(long.line < short.line);
        assert!(
            RuleFile::parse(&rules(0)).is_ok(),
            "where there is no policy there is no limit"
        );
    }

    #[test]
    fn a_rule_of_which_no_arn_can_be_made_is_named() {
        let longest = LONGEST_ARN - longest_stage_arn(128) - "GET/".len() - "/".len();
        let of_length = |length: usize| {
            let rule = rule(&format!("GET /{}", "a".repeat(length)), "role = \"a\"");
            format!("{NO_ROUTES}{rule}")
        };

        assert!(RuleFile::parse(&of_length(longest)).is_ok());
        let fault = RuleFile::parse(&of_length(longest + 1)).unwrap_err();
        let expected =
            "the rule's ARN is 1 too long for the gateway, with a stage of 128 characters: set longest_stage";
        assert_eq!(fault.line, 3);
        assert!(fault.to_string().starts_with(expected), "{fault}");
    }

    /// Of simple answers, each is about one route, which the gateway names.
    #[test]
    fn routes_need_not_be_said_where_there_are_no_policies_or_no_rules() {
        let rules = rule("GET /a", "role = \"a\"");

        let fault = RuleFile::parse(&rules).unwrap_err();

        assert!(
            fault.to_string().contains("set parameter_routes to all of them"),
            "{fault}"
        );
        assert!(RuleFile::parse(&format!("longest_stage = 0\n{rules}")).is_ok());
        assert!(RuleFile::parse("longest_stage = 9").is_ok());
    }

    /// A route that a rule is about is denied by its own pattern, and any route with a parameter makes patterns of dots.
    #[test]
    fn what_routes_add_to_a_policy_is_counted() {
        let parse = |routes: &str, count: usize| {
            let rules = (0..count).map(|number| rule(&format!("GET /{}/{{id}}", "a".repeat(number)), "role = \"a\""));
            let rules = rules.skip(1).collect::<String>();
            RuleFile::parse(&format!("parameter_routes = [{routes}]\n{rules}"))
        };
        let longest = |routes: &str| (0..50).rev().find(|count| parse(routes, *count).is_ok()).unwrap();
        let apart = r#"{ method = "POST", path = "/{a}/{b}" }, { method = "POST", path = "/{proxy+}" }"#;
        let over = r#"{ method = "GET", path = "/{a}/{b}" }, { method = "GET", path = "/{proxy+}" }"#;
        let over_in_another_api =
            r#"{ method = "GET", path = "/{a}/{b}", api = "b" }, { method = "GET", path = "/{proxy+}", api = "b" }"#;

        assert!(longest(apart) < longest("") - 3);
        assert!(longest(over) < longest(apart));
        assert_eq!(longest(over_in_another_api), longest(over));
        let fault = parse(over, 50).unwrap_err().to_string();
        assert!(fault.ends_with("put several paths under one"), "{fault}");
    }

    const NO_ROUTES: &str = "parameter_routes = []\n";

    fn rule(route: &str, demand: &str) -> String {
        let (method, path) = route.split_once(' ').unwrap();
        format!("[[rule]]\nmethod = \"{method}\"\npath = \"{path}\"\n{demand}\n")
    }
}
