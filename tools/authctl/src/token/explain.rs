//! `authctl token explain` makes the authorizer's checks one by one, without a gateway.

use std::path::Path;

use anyhow::Context as _;
use claims::{Access, AccessClaims, Claims, Jwks, KeySet, Refusal, Timestamp, Unverified, Verifier, VerifyingKeys};
use rules::{Called, Kept, Rule, RuleFile, Rules};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    arguments::{KeptFor, Parties},
    output::Row,
};

/// The rules of this checkout, with which its authorizer is built.
const ROUTES: &str = include_str!("../../../../functions/authorizer/routes.toml");

/// A check with its result.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    #[serde(rename = "check")]
    name: String,
    result: Finding,
    detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Finding {
    Passed,
    Failed,
    /// An earlier check failed.
    NotReached,
    /// The check needs more than the token and the keys.
    NotMade,
}

/// Reads the verifying keys of a folder: `jwks.json`, or the public keys of `access-keys.json`.
pub(crate) fn keys(folder: &Path) -> anyhow::Result<VerifyingKeys<Access>> {
    let (public, private) = (folder.join("jwks.json"), folder.join("access-keys.json"));
    if let Ok(json) = std::fs::read_to_string(&public) {
        let jwks = Jwks::from_json(&json).with_context(|| public.display().to_string())?;
        return Ok(jwks.verifying_keys()?);
    }
    let json = std::fs::read_to_string(&private).map(Zeroizing::new);
    let json = json.with_context(|| format!("cannot read {} or {}", public.display(), private.display()))?;
    let keys = KeySet::<Access>::from_json(&json).with_context(|| private.display().to_string())?;
    Ok(keys.verifying_keys())
}

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

/// Returns every check with its result, the decision last.
pub(crate) fn checks(
    token: &str,
    called: &Called,
    parties: Parties,
    keys: VerifyingKeys<Access>,
    rules: &Rules,
    now: Timestamp,
) -> Vec<Check> {
    let verifier = Verifier::access(parties.issuer, parties.audience, keys);
    let outcome = Unverified::parse(token).and_then(|token| verifier.verify(&token, now));
    let mut checks = of_token(outcome.as_ref().err());
    match outcome {
        Ok(claims) => {
            checks.push(Check::new("not revoked", Finding::NotMade, "this needs the feed"));
            checks.extend(of_route(&claims, called, rules));
        }
        Err(refusal) => {
            let detail = format!("refused, {}: 401, or 403 on an HTTP API", refusal.reason());
            checks.push(Check::new("decision", Finding::Failed, &detail));
        }
    }
    checks
}

fn of_token(refusal: Option<&Refusal>) -> Vec<Check> {
    let row = |check: &claims::Check| match refusal {
        Some(refusal) if *check == refusal.check() => Check::new(name(*check), Finding::Failed, &refusal.to_string()),
        Some(refusal) if *check > refusal.check() => Check::new(name(*check), Finding::NotReached, ""),
        Some(_) | None => Check::new(name(*check), Finding::Passed, ""),
    };
    claims::Check::ALL.iter().map(row).collect()
}

/// Returns the name of a check for people.
const fn name(check: claims::Check) -> &'static str {
    match check {
        claims::Check::Length => "length",
        claims::Check::Encoding => "three base64url parts",
        claims::Check::Header => "header is an object",
        claims::Check::Type => "typ",
        claims::Check::KeyId => "kid",
        claims::Check::KnownKey => "key is known",
        claims::Check::Algorithm => "alg is the key's",
        claims::Check::OtherHeaders => "nothing else in the header",
        claims::Check::Signature => "signature",
        claims::Check::Claims => "claims are an object",
        claims::Check::Issuer => "iss",
        claims::Check::Audience => "aud",
        claims::Check::Dates => "dates are dates",
        claims::Check::Expiry => "exp",
        claims::Check::NotBefore => "nbf",
        claims::Check::IssueTime => "iat",
        claims::Check::OwnClaims => "claims of an access token",
    }
}

/// Returns the checks of the rules that apply to the request, and the decision.
fn of_route(claims: &Claims<Access>, called: &Called, rules: &Rules) -> Vec<Check> {
    let own = claims.own();
    let concerning = rules.concerning(called);
    let satisfied = |rule: &Rule| rule.is_satisfied_by(own.role.as_str(), own.scope.as_str());
    let mut checks: Vec<Check> = concerning
        .iter()
        .map(|rule| of_rule(rule, own, satisfied(rule)))
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

fn of_rule(rule: &Rule, own: &AccessClaims, satisfied: bool) -> Check {
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

impl Check {
    fn new(name: &str, result: Finding, detail: &str) -> Self {
        Self {
            name: name.to_owned(),
            result,
            detail: detail.to_owned(),
        }
    }
}

impl Row for Check {
    const COLUMNS: &'static [&'static str] = &["CHECK", "RESULT", "DETAIL"];

    fn cells(&self) -> Vec<String> {
        let result = match self.result {
            Finding::Passed => "passed",
            Finding::Failed => "failed",
            Finding::NotReached => "not reached",
            Finding::NotMade => "not made",
        };
        vec![self.name.clone(), result.to_owned(), self.detail.clone()]
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::PathBuf,
        sync::atomic::{AtomicU64, Ordering},
    };

    use claims::Millis;
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;
    use crate::{
        arguments::Mint,
        token::{inspect, mint},
    };

    const NOW: Millis = Millis::new(1_700_000_000_000);

    #[test]
    fn a_token_that_was_just_minted_passes_every_check() {
        let token = mint("user", "");

        let checks = explain(&token, "https://issuer.example", NOW.timestamp());

        let failed = checks.iter().filter(|check| check.result == Finding::Failed);
        assert_eq!(failed.count(), 0, "{checks:?}");
        assert_eq!(checks.last().unwrap().detail, "allowed, as minted-user");
    }

    #[test]
    fn the_first_check_that_fails_is_named_and_those_after_it_were_not_reached() {
        let token = mint("user", "");
        let later = Timestamp::new(1_800_000_000);
        for (token, issuer, now, failed) in [
            (token.as_str(), "https://other.example", NOW.timestamp(), "iss"),
            (token.as_str(), "https://issuer.example", later, "exp"),
            ("not.a-token", "https://issuer.example", later, "three base64url parts"),
        ] {
            let checks = explain(token, issuer, now);

            let results: Vec<Finding> = checks.iter().map(|check| check.result).collect();
            let place = checks.iter().position(|check| check.name == failed).unwrap();
            let (before, after) = results.split_at(place);
            assert!(before.iter().all(|found| *found == Finding::Passed), "{checks:?}");
            assert_eq!(after.first(), Some(&Finding::Failed));
            assert!(!after.contains(&Finding::Passed), "{checks:?}");
            assert_eq!(checks.last().unwrap().name, "decision");
        }
    }

    #[test]
    fn the_rules_of_a_route_are_shown_with_what_the_token_has() {
        let rule = |role: &str| Rule {
            api: None,
            method: "ANY".to_owned(),
            path: "/reports/{id}".to_owned(),
            role: Some(role.to_owned()),
            scope: Some("a".to_owned()),
        };
        let claims = claims(&mint("analyst", "a b"));
        for (role, decision) in [
            ("analyst", "allowed, as minted-user"),
            ("admin", "forbidden, insufficient_scope: 403"),
        ] {
            let rules = Rules::new(vec![rule(role)], 128);
            let checks = of_route(&claims, &reports(), &rules);

            let details: Vec<&str> = checks.iter().map(|check| check.detail.as_str()).collect();
            let expected = format!("requires role {role} and scope a; the token has role analyst, scope a b");
            assert_eq!(details, [expected.as_str(), decision]);
        }
    }

    /// For a rule that is finer than its route, the authorizer normalizes the path, and so does this command.
    #[test]
    fn a_spelling_is_refused_as_it_is_at_the_gateway() {
        let rule = Rule {
            api: None,
            method: "ANY".to_owned(),
            path: "/admin/{proxy+}".to_owned(),
            role: Some("admin".to_owned()),
            scope: None,
        };
        let rules = Rules::new(vec![rule], 128).with_parameter_routes(Vec::new());
        let claims = claims(&mint("analyst", ""));
        for (path, kept_for, allowed) in [
            ("/public", KeptFor::Nothing, true),
            ("/%2561dmin/users", KeptFor::Nothing, false),
            ("/a/../admin/users", KeptFor::Nothing, false),
            ("/public", KeptFor::Route, false),
            ("/public", KeptFor::Stage, false),
        ] {
            let called = called("GET", path, None, Some("ANY /{proxy+}".to_owned()), kept_for);

            let checks = of_route(&claims, &called, &rules);

            let passed = checks.last().unwrap().result == Finding::Passed;
            assert_eq!(passed, allowed, "{path} {kept_for:?}");
            assert_eq!(rules.refusing(&called, "analyst", "").is_empty(), allowed);
        }
    }

    #[test]
    fn no_check_shows_the_signature() {
        let token = mint("user", "");
        let signature = token.rsplit('.').next().unwrap();

        let checks = explain(&token, "https://issuer.example", NOW.timestamp());

        assert!(!serde_json::to_string(&checks).unwrap().contains(signature));
        assert!(!inspect::read(&token).unwrap().to_string().contains(signature));
    }

    fn explain(token: &str, issuer: &str, now: Timestamp) -> Vec<Check> {
        let folder = Folder::new();
        let keys = keys(&folder.0).unwrap();
        let parties = Parties {
            issuer: issuer.parse().unwrap(),
            ..parties()
        };
        checks(token, &reports(), parties, keys, &rules().unwrap(), now)
    }

    fn reports() -> Called {
        called("get", "/reports/7", None, None, KeptFor::Nothing)
    }

    fn claims(token: &str) -> Claims<Access> {
        let folder = Folder::new();
        let Parties { issuer, audience, .. } = parties();
        let verifier = Verifier::access(issuer, audience, keys(&folder.0).unwrap());
        verifier
            .verify(&Unverified::parse(token).unwrap(), NOW.timestamp())
            .unwrap()
    }

    fn mint(role: &str, scope: &str) -> String {
        let folder = Folder::new();
        let command = Mint {
            parties: parties(),
            sub: "minted-user".parse().unwrap(),
            role: role.parse().unwrap(),
            scope: scope.parse().unwrap(),
            seconds: 900,
            event: None,
        };
        mint::sign(&command, &folder.0, NOW, &mut StdRng::seed_from_u64(2))
            .unwrap()
            .to_string()
    }

    fn parties() -> Parties {
        Parties {
            issuer: "https://issuer.example".parse().unwrap(),
            audience: "dashboard".parse().unwrap(),
        }
    }

    /// A folder with a key set. Dropping it removes the folder.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static FOLDERS: AtomicU64 = AtomicU64::new(0);
            let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
            let folder = std::env::temp_dir().join(format!("authctl-{}-token-{number}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("access-keys.json"), ::tests::access_keys()).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).ok();
        }
    }
}
