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

#[test]
fn no_environment_of_a_function_refers_to_the_api() {
    // A variable that refers to the API makes a cycle: the API needs the function, and the function needs the API.
    let template = template(&[]);
    let apis: Vec<&String> = template.of_type("AWS::Serverless::HttpApi").map(|(id, _)| id).collect();
    assert!(!apis.is_empty());
    for (id, function) in template.functions().unwrap() {
        for (variable, value) in &function.variables {
            assert!(!apis.iter().any(|api| value.contains(*api)), "{variable} of {id}");
        }
    }
}
