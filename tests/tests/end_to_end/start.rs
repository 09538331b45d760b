//! The start of each function: which variables it reads, which values it accepts, and which error names a missing or
//! invalid variable.

use std::collections::{BTreeMap, BTreeSet};

use config::ConfigError;
use store::Aws;
use tests::{FUNCTIONS, Keys, Log, Parts, TestClock, Variable, aws_variables, environment, make, template_of};

#[tokio::test]
async fn the_template_gives_each_function_what_it_needs() {
    for function in FUNCTIONS {
        assert_eq!(start(function, variables(function)).await, Ok(()), "{function}");
    }
}

/// U+0001 is an invalid value of every variable, so a function that refuses it must have read the variable.
#[tokio::test]
async fn the_template_gives_each_function_exactly_what_it_reads() {
    let all: BTreeMap<String, String> = FUNCTIONS.iter().flat_map(|function| variables(function)).collect();

    for function in FUNCTIONS {
        for variable in all.keys() {
            let mut changed = all.clone();
            changed.insert(variable.clone(), "\u{1}".to_owned());

            let reads = start(function, changed)
                .await
                .is_err_and(|error| error.to_string().starts_with(variable));

            assert_eq!(
                reads,
                variables(function).contains_key(variable),
                "{function} and {variable}"
            );
        }
    }
}

#[tokio::test]
async fn a_missing_variable_is_named_or_has_a_default() {
    let optional: BTreeSet<String> = tests::variables()
        .into_iter()
        .filter(Variable::is_optional)
        .map(|variable| variable.name)
        .filter(|name| !NEEDED.contains(&name.as_str()))
        .collect();
    for function in FUNCTIONS {
        for variable in variables(function).keys() {
            let of_resource = LACKING.contains(&(function, variable.as_str()));
            let mut changed = variables(function);
            changed.remove(variable);

            let outcome = start(function, changed).await;

            match outcome {
                Ok(()) => assert!(
                    optional.contains(variable) || of_resource,
                    "{function} starts without {variable}"
                ),
                Err(error) => {
                    let line = error.to_string();
                    assert!(!optional.contains(variable), "{function} needs {variable}");
                    assert!(line.starts_with(&format!("{variable}: not set")), "{line}");
                    assert_eq!(line.lines().count(), 1);
                }
            }
        }
    }
}

/// The variables whose parameters have a default only because a stack without mail or without events does not need them.
const NEEDED: [&str; 2] = ["EVENT_BUS", "MAIL_FROM"];
/// The functions that can do without a resource, each with the variable that names it.
const LACKING: [(&str, &str); 7] = [
    ("confirm", "MAIL_TABLE"),
    ("delete-account", "MAIL_TABLE"),
    ("factors", "MAIL_TABLE"),
    ("mailer-ses", "MAIL_CONFIGURATION_SET"),
    ("password", "MAIL_TABLE"),
    ("remove-accounts", "MAIL_TABLE"),
    ("second-step", "MAIL_TABLE"),
];
/// A URL at which no engine listens.
const NOWHERE: &str = "http://127.0.0.1:1";
/// The variables for which the code accepts a wider range than the template.
const WIDER: [&str; 1] = ["AUTHORIZER_CACHE_SECONDS"];

#[tokio::test]
async fn a_number_has_the_same_range_in_the_template_and_in_the_code() {
    let ranges: BTreeMap<String, (u64, u64)> = tests::variables()
        .into_iter()
        .filter_map(|variable| Some((variable.name, variable.parameter?.range?)))
        .filter(|(name, _)| !WIDER.contains(&name.as_str()))
        .collect();
    for function in FUNCTIONS {
        let own = variables(function);
        let numbers: Vec<_> = ranges.iter().filter(|(name, _)| own.contains_key(*name)).collect();
        let ends: [fn((u64, u64)) -> u64; 2] = [|(minimum, _)| minimum, |(_, maximum)| maximum];
        for end in ends {
            let mut changed = own.clone();
            changed.extend(
                numbers
                    .iter()
                    .map(|(name, range)| ((*name).clone(), end(**range).to_string())),
            );
            assert_eq!(start(function, changed).await, Ok(()), "{function}");
        }

        for (name, (minimum, maximum)) in numbers {
            for outside in [minimum.checked_sub(1), maximum.checked_add(1)].into_iter().flatten() {
                let mut changed = own.clone();
                changed.insert(name.clone(), outside.to_string());

                let error = start(function, changed).await.unwrap_err().to_string();

                assert!(error.starts_with(name), "{function}, {outside}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_bad_key_set_names_the_key_and_not_its_bytes() {
    let mut changed = variables("logout");
    let keys = r#"{"keys":[{"kid":"one","alg":"HS256","activates_at":1,"k":"c2hvcnQ"}]}"#;
    changed.remove("REFRESH_KEYS_SECRET");
    changed.insert("REFRESH_KEYS".to_owned(), keys.to_owned());

    let line = start("logout", changed).await.unwrap_err().to_string();

    assert_eq!(line, "REFRESH_KEYS: key one: its secret is shorter than 32 bytes");
}

/// Returns a function's own variables in the template: without those that every function has for its log.
fn variables(function: &str) -> BTreeMap<String, String> {
    let mut variables = environment(&template_of(function), function, "", &Keys::AsDeployed);
    for name in ["AWS_LAMBDA_FUNCTION_NAME", "SERVICE_NAME", "LOG_ADDRESSES"] {
        variables.remove(name);
    }
    variables
}

async fn start(function: &str, variables: BTreeMap<String, String>) -> Result<(), ConfigError> {
    let parts = Parts {
        environment: variables.into_iter().chain(aws_variables(NOWHERE, NOWHERE)).collect(),
        aws: Aws::local(NOWHERE, NOWHERE),
        clock: TestClock::default(),
        log: Log::default(),
        rules: authorizer::built_in_rules(),
    };
    make(function, parts).await.map(drop)
}
