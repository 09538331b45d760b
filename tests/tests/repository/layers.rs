//! The permitted dependencies between crates. Cargo refuses cycles, and these tests refuse every other dependency that
//! is not permitted.

use std::collections::{BTreeMap, BTreeSet};

use crate::{folders, read, toml};

/// The crates of the workspace that each shared crate may depend on.
const SHARED: [(&str, &[&str]); 17] = [
    ("api", &["auth", "claims", "config", "runtime", "webauthn"]),
    ("auth", &["claims", "webauthn"]),
    ("blocklist", &[]),
    ("bus", &["config", "store"]),
    ("claims", &[]),
    ("config", &["auth", "claims", "webauthn"]),
    ("connections", &[]),
    ("keygen", &["claims"]),
    ("letters", &[]),
    ("mailer", &["auth", "claims", "config", "letters", "runtime", "store"]),
    ("reads", &["auth", "claims", "config", "connections"]),
    ("rotation", &["auth", "claims", "keygen"]),
    ("rules", &[]),
    ("runtime", &["auth", "claims", "config"]),
    ("site", &["config"]),
    (
        "store",
        &["auth", "claims", "config", "connections", "reads", "webauthn"],
    ),
    ("webauthn", &["claims"]),
];

#[test]
fn shared_crates_build_on_what_lies_below_them() {
    let allowed = BTreeMap::from(SHARED);
    let ours = ours();
    for name in folders("shared") {
        let found = dependencies(&format!("shared/{name}"));
        let within: BTreeSet<&str> = found
            .iter()
            .map(String::as_str)
            .filter(|other| ours.contains(*other))
            .collect();

        let may: BTreeSet<&str> = allowed[name.as_str()].iter().copied().collect();
        assert!(within.is_subset(&may), "{name} builds on {within:?}");
    }
}

#[test]
fn functions_do_not_know_each_other() {
    let functions: BTreeSet<String> = folders("functions").into_iter().collect();
    for name in &functions {
        let found = dependencies(&format!("functions/{name}"));

        assert!(found.is_disjoint(&functions), "{name}");
        assert!(!found.contains("local"), "{name}");
        // No request generates a key.
        assert!(!found.contains("keygen"), "{name}");
        assert_eq!(found.contains("rotation"), name == "rotate-keys", "{name}");
    }
}

#[test]
fn every_function_is_one_that_tests_can_start() {
    let mut tested = tests::FUNCTIONS.to_vec();
    tested.sort_unstable();

    assert_eq!(
        folders("functions"),
        tested,
        "a function without `api` or `store` needs a line of its own in tests/src/functions.rs"
    );
}

#[test]
fn each_foreign_thing_is_named_in_one_place() {
    let named_by = |wanted: fn(&str) -> bool| -> Vec<String> {
        let members = members().into_iter();
        members
            .filter(|member| dependencies(member).iter().any(|name| wanted(name)))
            .collect()
    };

    assert_eq!(named_by(|name| name == "jsonwebtoken"), ["shared/claims"]);
    // The local stack reads streams, as Lambda does in AWS. No function reads one.
    assert_eq!(named_by(|name| name == "aws-sdk-dynamodbstreams"), ["tools/local"]);
    // Each way to send mails has its own function, so that no other function links it. Events have their own too.
    // `authctl` shows what SES reports about an address.
    assert_eq!(
        named_by(|name| name == "aws-sdk-sesv2"),
        ["functions/mailer-ses", "tools/authctl"]
    );
    // `authctl` records what operators do, and who they are.
    assert_eq!(named_by(|name| name == "aws-sdk-cloudwatchlogs"), ["tools/authctl"]);
    assert_eq!(named_by(|name| name == "aws-sdk-sts"), ["tools/authctl"]);
    assert_eq!(named_by(|name| name == "aws-sdk-eventbridge"), ["shared/bus"]);
    // Only an operator has profiles and a network with a proxy, and looks for a stack.
    assert_eq!(named_by(|name| name == "aws-sdk-cloudformation"), ["tools/authctl"]);
    assert_eq!(named_by(|name| name == "rustls-native-certs"), ["tools/authctl"]);
    assert_eq!(
        named_by(|name| name == "bus"),
        ["functions/mailer-event", "functions/publish-events"]
    );
    assert_eq!(
        named_by(|name| {
            let elsewhere = [
                "aws-sdk-cloudformation",
                "aws-sdk-cloudwatchlogs",
                "aws-sdk-dynamodbstreams",
                "aws-sdk-eventbridge",
                "aws-sdk-sesv2",
                "aws-sdk-sts",
            ];
            name.starts_with("aws-") && !elsewhere.contains(&name)
        }),
        ["shared/store", "tools/authctl"]
    );
    // The blocklist is 1.5 megabytes long, and no login should load it.
    assert_eq!(
        named_by(|name| name == "blocklist"),
        [
            "functions/password",
            "functions/register",
            "functions/reset",
            "tools/authctl"
        ]
    );
    assert_eq!(named_by(|name| name == "lambda_runtime"), ["shared/runtime"]);
    assert_eq!(named_by(|name| name == "lambda_http"), ["shared/api"]);
    // A function that answers no HTTP requests does not depend on the HTTP crate.
    let answer_no_requests = [
        "authorizer",
        "compact-feed",
        "mailer-event",
        "mailer-ses",
        "publish-events",
        "remove-accounts",
        "rotate-keys",
    ];
    for function in folders("functions") {
        let found = dependencies(&format!("functions/{function}"));

        assert_eq!(
            found.contains("api"),
            !answer_no_requests.contains(&function.as_str()),
            "{function}"
        );
    }
}

#[test]
fn only_the_bench_builds_on_tests_and_nothing_builds_on_the_bench() {
    let of_tests = BTreeSet::from(["doubles", "engine", "tests"].map(str::to_owned));
    for member in members() {
        let found = dependencies(&member);

        assert_eq!(found.is_disjoint(&of_tests), member != "tools/bench", "{member}");
        assert!(!found.contains("bench"), "{member}");
    }
}

#[test]
fn what_the_bench_compares_with_is_built_as_the_functions_are() {
    let (ours, theirs) = (toml("Cargo.toml"), toml("tools/bench/contenders/Cargo.toml"));

    assert_eq!(ours["workspace"]["exclude"][0].as_str(), Some("tools/bench/contenders"));
    let lock = read("tools/bench/contenders/Cargo.lock");
    let mut profile = ours["profile"]["release"].clone();
    let packages = profile["package"].as_table_mut().unwrap();
    packages.retain(|name, _| name == "*" || lock.contains(&format!("name = \"{name}\"\n")));
    assert_eq!(theirs["profile"]["release"], profile);
    let versions = &ours["workspace"]["dependencies"];
    for package in theirs["workspace"]["members"].as_array().unwrap() {
        let package = package.as_str().unwrap();
        let manifest = toml(&format!("tools/bench/contenders/{package}/Cargo.toml"));
        for (name, dependency) in manifest["dependencies"].as_table().unwrap() {
            assert_eq!(version(dependency), version(&versions[name]), "{package}: {name}");
        }
    }
}

#[test]
fn no_feature_decides_what_is_linked_and_every_crate_has_the_lints() {
    for member in members() {
        let manifest = toml(&format!("{member}/Cargo.toml"));

        assert!(!manifest.contains_key("features"), "{member}");
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{member}");
    }
}

/// Returns the version in a manifest's entry for a dependency, if it has one.
fn version(dependency: &toml::Value) -> Option<&str> {
    dependency.as_str().or_else(|| dependency.get("version")?.as_str())
}

fn members() -> Vec<String> {
    let within = |parent: &str| {
        folders(parent)
            .into_iter()
            .map(move |name| format!("{parent}/{name}"))
            .collect()
    };
    let groups: [Vec<String>; 3] = [within("functions"), within("shared"), within("tools")];
    groups.concat()
}

fn ours() -> BTreeSet<String> {
    members()
        .iter()
        .filter_map(|member| member.split('/').nth(1).map(str::to_owned))
        .collect()
}

/// Returns the dependencies of a crate, without those of its tests.
pub(crate) fn dependencies(member: &str) -> BTreeSet<String> {
    let manifest = toml(&format!("{member}/Cargo.toml"));
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.into_iter().flat_map(|table| table.keys().cloned()).collect()
}
