//! The functions of the template: their names, timeouts and environments.

use std::time::Duration;

use tests::template;

use crate::{folders, toml};

/// The minimum window of the refresh rule. A function behind the API has a shorter timeout, so that a client that gets
/// no answer can retry within the window.
const MIN_WINDOW: Duration = Duration::from_secs(5);

#[test]
fn each_function_of_the_folder_is_one_of_the_template() {
    let mut functions = template(&[]).functions().unwrap();
    // A stack has only one of the two mailers.
    functions.extend(template(&[("MailVia", "event")]).functions().unwrap());

    let mut names: Vec<&str> = functions.values().map(|function| function.name.as_str()).collect();
    names.sort_unstable();

    assert_eq!(names, folders("functions"));
    for (id, function) in &functions {
        let words = function
            .name
            .split('-')
            .map(|word| word[..1].to_uppercase() + &word[1..]);
        assert_eq!(*id, format!("{}Function", words.collect::<String>()));
        let others = [
            "compact-feed",
            "mailer-event",
            "mailer-ses",
            "publish-events",
            "remove-accounts",
            "rotate-keys",
        ];
        let behind_the_api = !others.contains(&function.name.as_str());
        assert_eq!(function.timeout < MIN_WINDOW, behind_the_api, "{id}");
    }
}

/// Variables that the manifest sets for `cargo lambda watch` override those of its command line. With such variables,
/// two stacks of one checkout would write to the same database.
#[test]
fn no_environment_of_the_manifest_overrides_that_of_a_stack() {
    let manifest = toml("Cargo.toml");
    let settings = &manifest["workspace"]["metadata"]["lambda"];

    for place in [settings, &settings["watch"]] {
        for name in ["env", "env_file", "env_var"] {
            assert!(place.get(name).is_none(), "{name}");
        }
    }
}

/// The functions refer to the API, so the API must not refer to a function. That would be a cycle.
#[test]
fn every_function_gets_the_issuer_after_one_deployment() {
    let domain = [
        ("DomainName", "auth.example.com"),
        ("CertificateArn", "arn:aws:acm:eu-west-1:000000000000:certificate/one"),
    ];
    let given = ("Issuer", "https://proxy.example");
    for (parameters, expected) in [
        (vec![("Issuer", "")], "https://Api.execute-api.local.localhost"),
        ([&domain[..], &[("Issuer", "")]].concat(), "https://auth.example.com"),
        ([&domain[..], &[given]].concat(), "https://proxy.example"),
    ] {
        let template = template(&parameters);

        let functions = template.functions().unwrap();
        let issuers: Vec<&String> = functions
            .values()
            .filter_map(|function| function.variables.get("ISSUER"))
            .collect();
        assert!(issuers.len() > 10);
        assert!(issuers.iter().all(|issuer| *issuer == expected), "{issuers:?}");
        let api = template.resource("Api").unwrap().to_string();
        assert!(!api.contains("Function"), "{api}");
    }
}
