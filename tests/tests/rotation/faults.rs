//! Faults of Secrets Manager: it refuses a call, or does not answer. The errors contain nothing secret, and no step is
//! left half done.

use std::time::{Duration, Instant};

use auth::{
    error::StoreError,
    keys::{KeySetVersions as _, ReadSecret as _},
};
use aws_sdk_secretsmanager::{
    Client,
    error::ErrorMetadata,
    operation::{
        get_secret_value::{GetSecretValueError, GetSecretValueOutput},
        put_secret_value::{PutSecretValueError, PutSecretValueOutput},
        update_secret_version_stage::UpdateSecretVersionStageError,
    },
    primitives::Blob,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use claims::{Access, Algorithm, KeySet, KeySetDocument, Timestamp};
use rotation::steps::{RotationError, create, finish, publish, test};
use rstest::rstest;
use store::{Aws, Secret};
use tokio::net::TcpListener;

use crate::vault::Feed;

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const EMPTY: &str = r#"{"keys":[]}"#;
/// A secret string that must not appear in errors.
const CANARY: &str = "canary-7c31";
/// The maximum time of a read. A function waits at most a second, and the rest is for a slow test machine.
const SLOWEST: Duration = Duration::from_secs(3);

#[rstest]
#[case("ThrottlingException")]
#[case("InternalServiceError")]
#[case("AccessDeniedException")]
#[case("DecryptionFailure")]
#[tokio::test]
async fn a_refusal_is_reported_by_its_code_only(#[case] code: &'static str) {
    let secret = secret(&[reading(code)]);

    let told = secret.read().await.unwrap_err();

    assert_eq!(
        told.to_string(),
        format!("read secret: the store is unavailable: {code}")
    );
    assert!(!format!("{told:?}").contains(CANARY));
}

#[tokio::test]
async fn a_secret_without_a_string_is_malformed() {
    let binary = mock!(Client::get_secret_value).then_output(|| version("v").secret_binary(Blob::new(CANARY)).build());

    let told = secret(&[binary]).read().await.unwrap_err();

    assert!(matches!(told, StoreError::Malformed { .. }), "{told:?}");
}

#[tokio::test]
async fn one_that_hangs_costs_a_second() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let aws = Aws::local(
        "http://localhost:0",
        &format!("http://{}", listener.local_addr().unwrap()),
    );
    let secret = Secret::new(aws.secrets_manager(), "keys".to_owned());

    let began = Instant::now();
    let told = secret.read().await.unwrap_err();

    assert_eq!(told.to_string(), "read secret: the store is unavailable: timed out");
    assert!(began.elapsed() < SLOWEST, "{:?}", began.elapsed());
}

#[rstest]
#[case("ResourceNotFoundException", true)]
#[case("InvalidRequestException", true)]
#[case("InternalServiceError", false)]
#[tokio::test]
async fn what_does_not_wait_is_not_there_and_what_fails_is_not_called_that(
    #[case] code: &'static str,
    #[case] nothing: bool,
) {
    let found = secret(&[reading(code)]).pending("r-1").await;

    assert_eq!(found.is_ok_and(|found| found.is_none()), nothing);
}

#[tokio::test]
async fn a_version_that_somebody_else_has_written_first_is_the_one() {
    let there =
        mock!(Client::put_secret_value).then_error(|| PutSecretValueError::generic(coded("ResourceExistsException")));
    let broken =
        mock!(Client::put_secret_value).then_error(|| PutSecretValueError::generic(coded("InternalServiceError")));

    assert!(secret(&[there]).put_pending("r-1", EMPTY).await.is_ok());
    assert!(secret(&[broken]).put_pending("r-1", EMPTY).await.is_err());
}

/// In each case but the last, one of a step's calls fails, and so does the step. In the last case, no call fails, and
/// the step succeeds.
#[tokio::test]
async fn a_step_whose_call_fails_does_nothing_more_and_can_come_again() {
    let feed = Feed::default();
    feed.at(NOW);
    let key_set = made_from_v0();
    let current = || mock!(Client::get_secret_value).then_output(|| version("v-0").secret_string(EMPTY).build());
    let waiting = || {
        let text = key_set.clone();
        mock!(Client::get_secret_value).then_output(move || version("r-1").secret_string(text.clone()).build())
    };
    let nothing = || reading("ResourceNotFoundException");
    let fails = || reading("InternalServiceError");
    let unwritten =
        mock!(Client::put_secret_value).then_error(|| PutSecretValueError::generic(coded("InternalServiceError")));
    let written = mock!(Client::put_secret_value).then_output(|| PutSecretValueOutput::builder().build());

    for rules in [
        vec![fails()],
        vec![current(), fails()],
        vec![current(), nothing(), unwritten],
    ] {
        let rng = &mut config::random();
        let fault = create::<Access>("r-1", Algorithm::EdDSA, NOW, rng, &secret(&rules)).await;
        assert!(matches!(fault, Err(RotationError::Store(_))), "{fault:?}");
        assert!(rules.iter().all(|rule| rule.num_calls() == 1));
    }
    for rules in [vec![fails()], vec![current(), fails()]] {
        assert!(publish::<Access>("r-1", &secret(&rules), &feed).await.is_err());
    }
    for rules in [vec![fails()], vec![current(), fails()]] {
        assert!(test::<Access>("r-1", NOW, &secret(&rules), &feed).await.is_err());
    }
    assert_eq!(feed.jwks_at(NOW), None, "nothing is published of what was not read");
    let rules = [current(), waiting(), unpromoted(), current()];
    let fault = finish::<Access>("r-1", &secret(&rules), &feed).await;
    assert!(matches!(fault, Err(RotationError::Store(_))), "{fault:?}");

    let rules = [current(), nothing(), written];
    let rng = &mut config::random();
    create::<Access>("r-1", Algorithm::EdDSA, NOW, rng, &secret(&rules))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_operator_who_was_faster_decides_the_public_keys() {
    let feed = Feed::default();
    feed.at(NOW);
    let waiting = made_from_v0();
    let theirs = keygen::access_key_set(Algorithm::EdDSA, NOW, &mut config::random()).unwrap();
    let theirs = theirs.to_string();
    let jwks = KeySet::<Access>::from_json(&theirs).unwrap().jwks().to_json();
    let answer = |id: &'static str, text: String| {
        mock!(Client::get_secret_value).then_output(move || version(id).secret_string(text.clone()).build())
    };
    let rules = [
        answer("v-0", EMPTY.to_owned()),
        answer("r-1", waiting),
        unpromoted(),
        answer("operator", theirs),
    ];

    let fault = finish::<Access>("r-1", &secret(&rules), &feed).await.unwrap_err();

    assert!(matches!(fault, RotationError::Store(_)), "{fault:?}");
    assert_eq!(feed.jwks(), jwks);
}

/// Returns a pending key set that was made from the version `v-0`.
fn made_from_v0() -> String {
    let new = keygen::access_key_set(Algorithm::EdDSA, NOW, &mut config::random()).unwrap();
    let document = KeySetDocument {
        made_from: Some("v-0".to_owned()),
        ..KeySetDocument::from_json(&new).unwrap()
    };
    document.to_json().to_string()
}

/// Returns a mock rule that refuses a promotion, as if the version to be replaced were no longer current.
fn unpromoted() -> Rule {
    mock!(Client::update_secret_version_stage)
        .then_error(|| UpdateSecretVersionStageError::generic(coded("InvalidParameterException")))
}

/// Returns a secret whose calls are answered by these mock rules, one after the other.
fn secret(rules: &[Rule]) -> Secret {
    let client = mock_client!(aws_sdk_secretsmanager, RuleMode::Sequential, rules, |config| config
        .retry_config(aws_sdk_secretsmanager::config::retry::RetryConfig::disabled()));
    Secret::new(client, "keys".to_owned())
}

fn reading(code: &'static str) -> Rule {
    mock!(Client::get_secret_value).then_error(move || GetSecretValueError::generic(coded(code)))
}

fn coded(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(CANARY).build()
}

fn version(id: &str) -> aws_sdk_secretsmanager::operation::get_secret_value::builders::GetSecretValueOutputBuilder {
    GetSecretValueOutput::builder().version_id(id)
}
