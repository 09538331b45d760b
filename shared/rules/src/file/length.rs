//! The check that no policy is too long for the gateway, whichever rules of a file it is made from.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    ParameterRoute, Rule,
    limits::{MAX_ARN, longest_stage_arn},
    unsatisfied::DOTS,
};

/// The maximum length of an authorizer's answer in bytes. It is the quota of WebSocket APIs, which is the lowest of all
/// kinds of API.
const MAX_ANSWER: usize = 8192;
/// The maximum length of an answer without its Deny statements, in bytes. The longest such answer has the context of
/// the longest token, with every byte escaped.
const MAX_CONTEXT: usize = 3584;

const TO_BE_SHORTER: &str = "set longest_stage to the length of the longest stage name (0 if every API has simple \
    answers), set the api of rules and routes if there are several APIs, or combine paths";

pub(super) fn check_length(
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

/// Returns the number of bytes by which the longest possible answer under these rules exceeds the limit. It is zero if
/// the answer fits.
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
        lengths.fold(MAX_CONTEXT, |sum, length| {
            sum.saturating_add(before).saturating_add(length)
        })
    };
    let of_rules = rules.iter().map(|rule| rule.api.as_ref());
    let apis = of_rules.chain(routes.iter().map(|route| route.api.as_ref()));
    apis.map(longest).max().unwrap_or_default().saturating_sub(MAX_ANSWER)
}

/// Returns the number of characters by which the longest ARN of a rule exceeds the limit. It is zero if the ARN fits.
fn excess_of_arn(rule: &Rule, longest_stage: usize) -> usize {
    let longest = rule.patterns().iter().map(String::len).max().unwrap_or_default();
    let stage = longest_stage_arn(longest_stage);
    stage.saturating_add(longest).saturating_sub(MAX_ARN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RuleFile,
        file::tests::{NO_ROUTES, rule},
    };

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
        let longest = MAX_ARN - longest_stage_arn(128) - "GET/".len() - "/".len();
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

    /// A policy has the pattern of each route that a rule applies to. If there are routes with a parameter, it also has
    /// the patterns for dots.
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
        assert!(fault.ends_with("or combine paths"), "{fault}");
    }
}
