//! What is refused, and what works once.

use auth::user::Status;
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doubles::Authenticator;
use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Answer, Call, Stack};

use super::{ORIGIN, add, begin, confirm_options, login_options, owner};

#[tokio::test]
async fn a_challenge_of_a_session_confirms_no_other() {
    let (stack, mut device, _) = owner().await;
    let body = json!({"credential": device.get(&login_options(&stack).await)});
    let one = stack
        .send(Call::post("/auth/passkey", &body))
        .await
        .text("access_token");
    let body = json!({"credential": device.get(&login_options(&stack).await)});
    let other = stack
        .send(Call::post("/auth/passkey", &body))
        .await
        .text("access_token");
    let options = confirm_options(&stack, &one).await;
    stack.clock.advance(1);
    let body = json!({"passkey": device.get(&options)});

    let refused = stack.send(Call::post("/auth/confirm", &body).bearer(&other)).await;
    let confirmed = stack.send(Call::post("/auth/confirm", &body).bearer(&one)).await;

    assert_eq!(refused.error(), "invalid_grant");
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.body);
}

#[tokio::test]
async fn of_fifty_answers_to_one_challenge_one_opens_a_session() {
    let (stack, mut device, _) = owner().await;
    let body = json!({"credential": device.get(&login_options(&stack).await)});

    let answers = join_all((0..50).map(|_| stack.send(Call::post("/auth/passkey", &body)))).await;

    let opened: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .collect();
    assert_eq!(opened.len(), 1);
    let refused = answers.iter().filter(|answer| answer.status != StatusCode::OK);
    for answer in refused {
        assert!(
            ["invalid_grant", "temporarily_unavailable"].contains(&answer.error().as_str()),
            "{}",
            answer.body
        );
    }
}

/// What is changed in a login with a passkey that would succeed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    OtherOrigin,
    OtherDomain,
    UserNotVerified,
    BecameSynced,
    NotAdded,
    Removed,
    Disabled,
    Late,
    OtherService,
    ForConfirmation,
    ForSecondStep,
    ForRegistration,
    SignedForAnother,
}

#[rstest]
#[case::none(None, "")]
#[case::other_origin(Some(Fault::OtherOrigin), "wrong_origin")]
#[case::other_domain(Some(Fault::OtherDomain), "wrong_rp_id")]
#[case::user_not_verified(Some(Fault::UserNotVerified), "user_not_verified")]
#[case::became_synced(Some(Fault::BecameSynced), "eligibility_changed")]
#[case::not_added(Some(Fault::NotAdded), "unknown_credential")]
#[case::removed(Some(Fault::Removed), "unknown_credential")]
#[case::disabled(Some(Fault::Disabled), "disabled_user")]
#[case::late(Some(Fault::Late), "expired_challenge")]
#[case::other_service(Some(Fault::OtherService), "foreign_challenge")]
#[case::for_confirmation(Some(Fault::ForConfirmation), "foreign_challenge")]
#[case::for_second_step(Some(Fault::ForSecondStep), "foreign_challenge")]
#[case::for_registration(Some(Fault::ForRegistration), "foreign_challenge")]
#[case::signed_for_another(Some(Fault::SignedForAnother), "bad_signature")]
#[tokio::test]
async fn a_login_with_a_fault_is_refused_with_the_one_answer(#[case] fault: Option<Fault>, #[case] reason: &str) {
    let (stack, mut device, login) = owner().await;
    let bearer = stack.refresh(&login.text("refresh_token")).await.text("access_token");
    let mut options = login_options(&stack).await;
    match fault {
        None | Some(Fault::SignedForAnother) => {}
        Some(Fault::OtherOrigin) => device.origin = "https://issuer.example.evil.example".to_owned(),
        Some(Fault::OtherDomain) => options["rpId"] = json!("evil.example"),
        Some(Fault::UserNotVerified) => device.verifies_user = false,
        Some(Fault::BecameSynced) => device.is_synced = true,
        Some(Fault::NotAdded) => {
            device = Authenticator::new(ORIGIN);
            device.create(&begin(&stack, &bearer).await.1);
        }
        Some(Fault::Removed) => {
            let path = format!("/auth/factors/passkeys/{}", device.id());
            let removed = stack.send(Call::new(Method::DELETE, &path).bearer(&bearer)).await;
            assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.body);
        }
        Some(Fault::Disabled) => stack.set_status(Status::Disabled).await,
        Some(Fault::Late) => stack.clock.advance(300),
        Some(Fault::OtherService) => options["challenge"] = json!(URL_SAFE_NO_PAD.encode([1; 41])),
        Some(Fault::ForConfirmation) => options = confirm_options(&stack, &bearer).await,
        Some(Fault::ForSecondStep) => {
            let body = json!({"mfa_token": stack.login().await.text("mfa_token")});
            let asked = stack.send(Call::post("/auth/login/second/options", &body)).await;
            options = asked.json()["publicKey"].clone();
        }
        Some(Fault::ForRegistration) => options["challenge"] = begin(&stack, &bearer).await.1["challenge"].clone(),
    }
    let mut response = device.get(&options);
    if fault == Some(Fault::SignedForAnother) {
        let other = login_options(&stack).await;
        response["response"]["clientDataJSON"] = device.get(&other)["response"]["clientDataJSON"].clone();
    }
    let before = stack.log.lines().len();

    let answer = stack
        .send(Call::post("/auth/passkey", &json!({"credential": response})))
        .await;

    if reason.is_empty() {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        return;
    }
    assert_eq!(
        (answer.status, answer.error()),
        (StatusCode::UNAUTHORIZED, "invalid_grant".to_owned())
    );
    let lines = format!("{:?}", &stack.log.lines()[before..]);
    assert!(
        lines.contains("login.failed") && lines.contains(reason),
        "{reason}: {lines}"
    );
}

#[tokio::test]
async fn the_second_step_takes_no_passkey_of_another_challenge_or_user() {
    let (stack, mut device, _) = owner().await;
    let other = stack.login_as_another_user().await.text("access_token");
    let mut stranger = Authenticator::new(ORIGIN);
    add(&stack, &mut stranger, &other, "other").await;
    let (one, two) = (
        stack.login().await.text("mfa_token"),
        stack.login().await.text("mfa_token"),
    );
    let asked = stack
        .send(Call::post("/auth/login/second/options", &json!({"mfa_token": one})))
        .await;
    let options = asked.json()["publicKey"].clone();
    let send = async |token: &str, passkey: Value| {
        let body = json!({"mfa_token": token, "passkey": passkey});
        stack.send(Call::post("/auth/login/second", &body)).await.error()
    };

    assert_eq!(send(&two, device.get(&options)).await, "invalid_grant", "another token");
    assert_eq!(
        send(&one, stranger.get(&options)).await,
        "invalid_grant",
        "another user"
    );
    let for_login = login_options(&stack).await;
    assert_eq!(
        send(&one, device.get(&for_login)).await,
        "invalid_grant",
        "another purpose"
    );
    let body = json!({"mfa_token": one, "passkey": device.get(&options)});
    let done = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

#[tokio::test]
async fn a_service_whose_host_is_an_address_has_no_passkeys() {
    let stack = Stack::with(&[("Issuer", "https://192.0.2.1")]).await;
    let bearer = stack.login().await.text("access_token");

    let answers = [
        stack.send(Call::post("/auth/passkey/options", &json!({}))).await,
        begin(&stack, &bearer).await.0,
    ];

    for answer in answers {
        assert_eq!(answer.error(), "not_found", "{}", answer.body);
    }
}
