//! These tests check what `token explain` shows for tokens and routes.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use claims::{Claims, Moment, Unverified};
use rand::{SeedableRng as _, rngs::StdRng};
use rules::{Assurance, Caller, Rule};

use super::*;
use crate::token::{
    arguments::{KeptFor, Mint},
    inspect, mint,
};

const NOW: Moment = Moment::new(1_700_000_000_000);
const ANALYST: Caller<'static> = Caller {
    role: "analyst",
    scope: "",
    acr: "aal1",
    age: 0,
};

#[test]
fn a_token_that_was_just_minted_passes_every_check() {
    let token = mint("user", "");

    let checks = explain(&token, "https://issuer.example", NOW.timestamp());

    let failed = checks.iter().filter(|check| check.result == Finding::Failed);
    assert_eq!(failed.count(), 0, "{checks:?}");
    assert_eq!(checks.last().unwrap().detail, "allowed, as minted-user");
}

#[test]
fn the_first_failed_check_is_named_and_later_ones_are_not_made() {
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
        acr: None,
        max_age: None,
    };
    let claims = claims(&mint("analyst", "a b"));
    for (role, decision) in [
        ("analyst", "allowed, as minted-user"),
        ("admin", "forbidden, insufficient_scope: 403"),
    ] {
        let rules = Rules::new(vec![rule(role)], 128);
        let checks = check_route(&claims, &reports(), &rules, NOW.timestamp());

        let details: Vec<&str> = checks.iter().map(|check| check.detail.as_str()).collect();
        let expected = format!("requires role {role} and scope a; the token has role analyst, scope a b");
        assert_eq!(details, [expected.as_str(), decision]);
    }
}

#[test]
fn a_rule_about_the_login_is_shown_with_what_the_token_has() {
    let rule = Rule {
        api: None,
        method: "GET".to_owned(),
        path: "/reports/{id}".to_owned(),
        role: None,
        scope: None,
        acr: Some(Assurance::Aal2),
        max_age: Some(600),
    };
    let claims = claims(&mint("analyst", "a"));

    let checks = check_route(&claims, &reports(), &Rules::new(vec![rule], 128), NOW.timestamp());

    let details: Vec<&str> = checks.iter().map(|check| check.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "requires acr aal2 and max_age 600; the token has role analyst, scope a, acr aal1, and its user \
             authenticated 0 s ago; an API that caches answers may allow it for as long again as it keeps them",
            "forbidden, insufficient_user_authentication: 403",
        ]
    );
}

/// If a rule covers only a part of a route, the authorizer normalises the path. This command does the same.
#[test]
fn a_spelling_is_refused_as_it_is_at_the_gateway() {
    let rule = Rule {
        api: None,
        method: "ANY".to_owned(),
        path: "/admin/{proxy+}".to_owned(),
        role: Some("admin".to_owned()),
        scope: None,
        acr: None,
        max_age: None,
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

        let checks = check_route(&claims, &called, &rules, NOW.timestamp());

        let passed = checks.last().unwrap().result == Finding::Passed;
        assert_eq!(passed, allowed, "{path} {kept_for:?}");
        assert_eq!(rules.refusing_rules(&called, &ANALYST).is_empty(), allowed);
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
    run_checks(token, &reports(), parties, keys, &rules().unwrap(), now)
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
