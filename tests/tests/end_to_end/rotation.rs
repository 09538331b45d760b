//! Keys in an emulator of Secrets Manager, from the empty secrets of a new deployment through a whole rotation.

use std::time::Duration;

use auth::keys::ReadSecret as _;
use axum::http::StatusCode;
use claims::{Access, Algorithm, Clock as _, KeySetDocument};
use futures::future::join_all;
use keygen::{LEAD, Withdrawn};
use local::{Functions as _, InvokeError};
use rstest::rstest;
use serde_json::json;
use tests::{Call, Secrets, Stack, template};

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

#[tokio::test]
async fn secrets_of_a_new_deployment_become_a_working_system_by_themselves() {
    let Some(secrets) = Secrets::make("secrets of a new deployment").await else {
        return;
    };
    let stack = Stack::with_secrets(secrets.clone(), &[]).await;
    let before = stack.login().await;
    assert_eq!(before.status, StatusCode::SERVICE_UNAVAILABLE, "{}", before.body);
    assert_eq!(before.header("retry-after"), Some("1"));
    assert_eq!(
        stack.send(Call::get("/.well-known/jwks.json")).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );

    rotate(&stack, &secrets, 0).await;

    let login = stack.login().await;
    assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    stack.clock.advance(5);
    let (access, refresh) = (login.text("access_token"), login.text("refresh_token"));
    assert_eq!(stack.me(&access).await.status, StatusCode::OK);
    assert_eq!(stack.refresh(&refresh).await.status, StatusCode::OK);
    assert_eq!(stack.logout(&refresh).await.status, StatusCode::NO_CONTENT);
    let rotations = stack.log.names().iter().filter(|name| *name == "key.rotated").count();
    assert_eq!(rotations, 2);
}

#[rstest]
#[case::rs256("RS256")]
#[case::es256("ES256")]
#[case::eddsa("EdDSA")]
#[case::hs256("HS256")]
#[tokio::test]
async fn no_token_is_refused_over_a_whole_rotation(#[case] algorithm: &str) {
    let Some(secrets) = Secrets::make("a whole rotation").await else {
        return;
    };
    let stack = Stack::with_secrets(secrets.clone(), &[("AccessTokenAlgorithm", algorithm)]).await;
    rotate(&stack, &secrets, 0).await;
    let first = stack.login().await;
    stack.clock.advance(5 * 24 * 60 * 60);
    let kept = stack.refresh(&first.text("refresh_token")).await;

    rotate(&stack, &secrets, 1).await;
    stack.clock.advance(301);
    let published = stack.login().await;
    stack.clock.advance(i64::try_from(LEAD.get()).unwrap());
    let successor = stack.login().await;

    assert_eq!(kid(&published.text("access_token")), kid(&first.text("access_token")));
    assert_ne!(kid(&successor.text("access_token")), kid(&first.text("access_token")));
    assert_ne!(kid(&successor.text("refresh_token")), kid(&first.text("refresh_token")));
    assert_eq!(stack.me(&successor.text("access_token")).await.status, StatusCode::OK);
    let refreshed = stack.refresh(&kept.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    let jwks = stack.send(Call::get("/.well-known/jwks.json")).await.json();
    let listed = jwks["keys"].as_array().unwrap().len();
    assert_eq!(listed, if algorithm == "HS256" { 0 } else { 2 });
    stack.clock.advance(3600 + 30);
    let jwks = stack.send(Call::get("/.well-known/jwks.json")).await.json();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), listed / 2);
}

#[tokio::test]
async fn steps_that_come_twice_and_at_once_make_one_successor() {
    let Some(secrets) = Secrets::make("steps that come twice").await else {
        return;
    };
    let stack = Stack::with_secrets(secrets.clone(), &[("AccessTokenAlgorithm", "EdDSA")]).await;

    for step in STEPS {
        for outcome in join_all((0..4).map(|_| invoke(&stack, step, &secrets.access, 0))).await {
            // If several invocations promote at once, one succeeds and the others are invoked again.
            if outcome.is_err() {
                invoke(&stack, step, &secrets.access, 0).await.unwrap();
            }
        }
    }

    let document = KeySetDocument::from_json(&secrets.access().read().await.unwrap()).unwrap();
    assert_eq!(document.keys.len(), 1);
}

#[tokio::test]
async fn a_leaked_key_is_refused_everywhere_and_the_next_login_works() {
    let Some(secrets) = Secrets::make("a leaked key").await else {
        return;
    };
    let stack = Stack::with_secrets(secrets.clone(), &[("AccessTokenAlgorithm", "ES256")]).await;
    rotate(&stack, &secrets, 0).await;
    let stolen = stack.login().await.text("access_token");
    stack.clock.advance(5);
    assert_eq!(stack.me(&stolen).await.status, StatusCode::OK);

    let (now, rng) = (stack.clock.now(), &mut config::random());
    let algorithm = Some(Algorithm::ES256);
    rotation::withdraw::<Access>(
        &Withdrawn::All,
        algorithm,
        now,
        rng,
        &secrets.access(),
        &stack.public_keys,
    )
    .await
    .unwrap();
    stack.clock.advance(5);

    assert_eq!(stack.me(&stolen).await.status, StatusCode::FORBIDDEN);
    stack.clock.advance(295);
    let fresh = stack.login().await.text("access_token");
    assert_eq!(stack.me(&fresh).await.status, StatusCode::OK);
}

/// The event is the one that the template's schedule sends each day.
#[tokio::test]
async fn the_daily_check_finds_key_sets_that_are_not_rotated_in_time() {
    let Some(secrets) = Secrets::make("the daily check").await else {
        return;
    };
    let parameters = [("KeyRotationDays", "30"), ("AccessTokenAlgorithm", "EdDSA")];
    let stack = Stack::with_secrets(secrets.clone(), &parameters).await;
    let function = template(&parameters).resource("RotateKeysFunction").unwrap().clone();
    let event = function["Properties"]["Events"]["EachDay"]["Properties"]["Input"]
        .as_str()
        .unwrap();
    let check = async || {
        let before = stack.log.lines().len();
        let wait = Duration::from_mins(1);
        let outcome = stack.functions.invoke("rotate-keys", event.to_owned(), wait).await;
        assert!(outcome.is_ok());
        let events = stack.log.events().into_iter().skip(before);
        events
            .map(|event| (event["message"].clone(), event["key_set"].clone()))
            .collect::<Vec<_>>()
    };
    let overdue = |key_set: &str| (json!("key.overdue"), json!(key_set));
    assert_eq!(
        check().await,
        [overdue("access"), overdue("refresh")],
        "no set has a key"
    );
    rotate(&stack, &secrets, 0).await;
    stack.clock.advance(32 * 24 * 60 * 60);
    assert_eq!(check().await, [], "a rotation may be two days late");
    for step in STEPS {
        invoke(&stack, step, &secrets.access, 1).await.unwrap();
    }
    stack.clock.advance(24 * 60 * 60);

    assert_eq!(check().await, [overdue("refresh")]);
}

#[rstest]
#[case::not_json("{")]
#[case::other_check(r#"{"rotation_days":30,"Step":"createSecret"}"#)]
#[case::no_step(r#"{"SecretId":"x","ClientRequestToken":"y"}"#)]
#[case::other_step(r#"{"Step":"deleteSecret","SecretId":"x","ClientRequestToken":"y"}"#)]
#[case::other_secret(r#"{"Step":"createSecret","SecretId":"x","ClientRequestToken":"y"}"#)]
#[tokio::test]
async fn an_event_that_is_not_about_these_secrets_is_refused(#[case] event: &str) {
    let Some(secrets) = Secrets::make("a foreign event").await else {
        return;
    };
    let stack = Stack::with_secrets(secrets, &[]).await;

    let outcome = stack
        .functions
        .invoke("rotate-keys", event.to_owned(), Duration::from_mins(1))
        .await;

    assert!(matches!(outcome, Err(InvokeError::Failed { .. })));
    assert_eq!(stack.log.names(), ["key.rotation_failed"]);
}

/// Rotates both key sets as Secrets Manager does. The ids of the new versions contain `number`.
pub(crate) async fn rotate(stack: &Stack, secrets: &Secrets, number: usize) {
    for secret in [&secrets.access, &secrets.refresh] {
        for step in STEPS {
            invoke(stack, step, secret, number).await.unwrap();
        }
    }
}

async fn invoke(stack: &Stack, step: &str, secret: &str, number: usize) -> Result<(), InvokeError> {
    let event = json!({
        "Step": step,
        "SecretId": secret,
        "ClientRequestToken": format!("00000000-0000-4000-8000-{number:012}"),
        "RotationToken": "unused",
    });
    let wait = Duration::from_mins(1);
    stack
        .functions
        .invoke("rotate-keys", event.to_string(), wait)
        .await
        .map(drop)
}

/// Returns the header of a token, which contains the key id.
fn kid(token: &str) -> &str {
    token.split('.').next().unwrap()
}
