//! The rules that apply to a call, and what they require of a token.

use claims::{Access, AccessClaims, Claims};
use rules::{Called, Kept, Rule, RuleFile, Rules};

use super::check::{Check, Finding};
use crate::token::arguments::KeptFor;

/// The rules of this checkout, with which its authorizer is built.
const ROUTES: &str = include_str!("../../../../../functions/authorizer/routes.toml");

/// Returns the call that the token is checked for.
pub(crate) fn called(
    method: &str,
    path: &str,
    api: Option<String>,
    route: Option<String>,
    kept_for: KeptFor,
) -> Called {
    Called {
        api,
        route,
        request: Some(format!("{}{path}", method.to_ascii_uppercase())),
        kept: match kept_for {
            KeptFor::Nothing => Kept::Never,
            KeptFor::Route => Kept::ForItsRoute,
            KeptFor::Stage => Kept::ForItsStage,
        },
    }
}

/// Returns the rules of this checkout's authorizer.
pub(crate) fn rules() -> anyhow::Result<Rules> {
    let file = RuleFile::parse(ROUTES);
    let file = file.map_err(|fault| anyhow::anyhow!("functions/authorizer/routes.toml:{}: {fault}", fault.line))?;
    Ok(file.into())
}

/// Returns the checks of the rules that apply to the request, and the decision.
pub(super) fn check_route(claims: &Claims<Access>, called: &Called, rules: &Rules) -> Vec<Check> {
    let own = claims.own();
    let concerning = rules.applicable_rules(called);
    let satisfied = |rule: &Rule| rule.is_satisfied_by(own.role.as_str(), own.scope.as_str());
    let mut checks: Vec<Check> = concerning
        .iter()
        .map(|rule| check_rule(rule, own, satisfied(rule)))
        .collect();
    if concerning.is_empty() {
        let detail = "no rule applies: any valid token is enough";
        checks.push(Check::new("rules of the route", Finding::Passed, detail));
    }
    checks.push(if concerning.iter().all(|rule| satisfied(rule)) {
        Check::new("decision", Finding::Passed, &format!("allowed, as {}", claims.sub()))
    } else {
        Check::new("decision", Finding::Failed, "forbidden, insufficient_scope: 403")
    });
    checks
}

fn check_rule(rule: &Rule, own: &AccessClaims, satisfied: bool) -> Check {
    let demands = [("role", &rule.role), ("scope", &rule.scope)];
    let demands = demands
        .iter()
        .filter_map(|(what, demand)| Some(format!("{what} {}", demand.as_ref()?)));
    let detail = format!(
        "requires {}; the token has role {}, scope {}",
        demands.collect::<Vec<_>>().join(" and "),
        own.role,
        own.scope
    );
    let finding = if satisfied { Finding::Passed } else { Finding::Failed };
    Check::new(&format!("rule {} {}", rule.method, rule.path), finding, &detail)
}
