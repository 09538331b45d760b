//! A process that cannot start prints one line with the name of the variable.

use std::collections::BTreeMap;

use api::{Audit, StandardOutput};
use authorizer::Authorizer;
use compact_feed::CompactFeed;
use config::{ConfigError, Environment};
use jwks::WellKnown;
use login::Login;
use logout::Logout;
use password::OwnPassword;
use refresh::RefreshTokens;
use rotate_keys::RotateKeys;
use sessions::OwnSessions;
use store::Aws;
use tests::{Keys, NOW, TestClock, environment, template};

const FUNCTIONS: [&str; 10] = [
    "login",
    "refresh",
    "logout",
    "sessions",
    "password",
    "me",
    "jwks",
    "authorizer",
    "compact-feed",
    "rotate-keys",
];

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
        "PASSWORD_LEAST_CHARACTERS",
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
    let environment = Environment::from_iter(variables);
    let aws = || Aws::local("http://127.0.0.1:1", "http://127.0.0.1:1").unwrap();
    match function {
        "login" => Login::new(&environment, &aws(), NOW).await.map(drop),
        "refresh" => RefreshTokens::new(&environment, &aws(), NOW).await.map(drop),
        "logout" => Logout::new(&environment, &aws(), NOW).await.map(drop),
        "sessions" => OwnSessions::new(&environment, &aws()).map(drop),
        "password" => OwnPassword::new(&environment, &aws(), NOW).await.map(drop),
        "jwks" => WellKnown::new(&environment, async || Ok(aws())).await.map(drop),
        "authorizer" => {
            let audit = Audit::new(environment.telemetry().unwrap(), StandardOutput);
            Authorizer::new(&environment, async || Ok(aws()), TestClock::default(), audit)
                .await
                .map(drop)
        }
        "compact-feed" => {
            let audit = Audit::new(environment.telemetry().unwrap(), StandardOutput);
            CompactFeed::new(&environment, &aws(), TestClock::default(), audit).map(drop)
        }
        "rotate-keys" => {
            let audit = Audit::new(environment.telemetry().unwrap(), StandardOutput);
            RotateKeys::new(&environment, &aws(), TestClock::default(), audit).map(drop)
        }
        _ => Ok(()),
    }
}
