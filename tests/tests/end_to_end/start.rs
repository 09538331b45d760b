//! A process that cannot start prints one line with the name of the variable.

use std::collections::BTreeMap;

use config::{ConfigError, Environment};
use store::Aws;
use tests::{FUNCTIONS, Keys, Log, Parts, TestClock, environment, make, template};

#[tokio::test]
async fn the_template_gives_each_function_what_it_needs() {
    for function in FUNCTIONS {
        assert_eq!(start(function, variables(function)).await, Ok(()), "{function}");
    }
}

/// No variable may have this value. A function that refuses it must have read the variable.
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
    const OPTIONAL: [&str; 20] = [
        "ACCESS_TOKEN_ALGORITHM",
        "ACCESS_TOKEN_SECONDS",
        "ALLOWED_ORIGINS",
        "AUTHORIZER_CACHE_SECONDS",
        "AUTHORIZER_QUERY_PARAMETER",
        "AUTHORIZER_RESPONSE",
        "CLIENT_ID",
        "EDGE_KEYS_SECRET",
        "JWKS",
        "MAX_SESSIONS",
        "PASSWORD_MIN_LENGTH",
        "PASSWORD_MEMORY_KIB",
        "PASSWORD_PASSES",
        "REFRESH_ABSOLUTE_SECONDS",
        "REFRESH_IDLE_SECONDS",
        "REFRESH_RECOVERY",
        "REFRESH_WINDOW_SECONDS",
        "REVOCATION_FAIL",
        "REVOCATION_POLL_SECONDS",
        "SOURCE_FAILURE_LIMIT",
    ];
    for function in FUNCTIONS {
        for variable in variables(function).keys() {
            let mut changed = variables(function);
            changed.remove(variable);

            let outcome = start(function, changed).await;

            match outcome {
                Ok(()) => assert!(
                    OPTIONAL.contains(&variable.as_str()),
                    "{function} starts without {variable}"
                ),
                Err(error) => {
                    let line = error.to_string();
                    assert!(line.starts_with(&format!("{variable}: not set")), "{line}");
                    assert_eq!(line.lines().count(), 1);
                }
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

/// Returns a function's variables in the template, without those of Lambda itself and of its log lines.
fn variables(function: &str) -> BTreeMap<String, String> {
    let mut variables = environment(&template(&[]), function, "", &Keys::AsDeployed);
    variables.remove("AWS_LAMBDA_FUNCTION_NAME");
    variables.remove("SERVICE_NAME");
    variables
}

async fn start(function: &str, variables: BTreeMap<String, String>) -> Result<(), ConfigError> {
    let parts = Parts {
        environment: Environment::from_iter(variables),
        aws: Aws::local("http://127.0.0.1:1", "http://127.0.0.1:1").unwrap(),
        clock: TestClock::default(),
        log: Log::default(),
        rules: authorizer::built_in_rules(),
    };
    make(function, parts).await.map(drop)
}
