//! The rules that apply to a request, and what they require of a token.

use claims::{Access, Claims, Timestamp};
use rules::{Called, Caller, Kept, Lack, Rule, RuleFile, Rules};

use super::check::{Check, Finding};
use crate::token::arguments::KeptFor;

/// The rules of this checkout, which are compiled into its authorizer.
const ROUTES: &str = include_str!("../../../../../functions/authorizer/routes.toml");

/// Returns the request for which the token is checked.
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

/// Returns one check for each rule that applies to the request, and the decision.
pub(super) fn check_route(claims: &Claims<Access>, called: &Called, rules: &Rules, now: Timestamp) -> Vec<Check> {
    let own = claims.own();
    let bearer = Caller {
        role: own.role.as_str(),
        scope: own.scope.as_str(),
        acr: own.acr.as_str(),
        age: now.since(own.auth_time).get(),
    };
    let concerning = rules.applicable_rules(called);
    let satisfied = |rule: &Rule| rule.is_satisfied_by(&bearer);
    let mut checks: Vec<Check> = concerning
        .iter()
        .map(|rule| check_rule(rule, &bearer, satisfied(rule)))
        .collect();
    if concerning.is_empty() {
        let detail = "no rule applies: any valid token is enough";
        checks.push(Check::new("rules of the route", Finding::Passed, detail));
    }
    checks.push(match Lack::find(&concerning, &bearer) {
        None => Check::new("decision", Finding::Passed, &format!("allowed, as {}", claims.sub())),
        Some(lack) => Check::new(
            "decision",
            Finding::Failed,
            &format!("forbidden, {}: 403", lack.error()),
        ),
    });
    checks
}

fn check_rule(rule: &Rule, bearer: &Caller<'_>, satisfied: bool) -> Check {
    let demands = [
        rule.role.as_ref().map(|role| format!("role {role}")),
        rule.scope.as_ref().map(|scope| format!("scope {scope}")),
        rule.acr.map(|acr| format!("acr {}", acr.as_str())),
        rule.max_age.map(|age| format!("max_age {age}")),
    ];
    let mut detail = format!(
        "requires {}; the token has role {}, scope {}",
        demands.into_iter().flatten().collect::<Vec<_>>().join(" and "),
        bearer.role,
        bearer.scope
    );
    if rule.acr.is_some() || rule.max_age.is_some() {
        detail.push_str(", acr ");
        detail.push_str(bearer.acr);
        detail.push_str(", and its user authenticated ");
        detail.push_str(&bearer.age.to_string());
        detail.push_str(" s ago");
    }
    if rule.max_age.is_some() {
        detail.push_str("; an API that caches answers may allow it for as long again as it keeps them");
    }
    let finding = if satisfied { Finding::Passed } else { Finding::Failed };
    Check::new(&format!("rule {} {}", rule.method, rule.path), finding, &detail)
}
