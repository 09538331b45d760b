//! Logging in with a passkey alone and as the second step, and confirming with one.

use axum::http::StatusCode;
use doubles::Authenticator;
use serde_json::json;
use tests::{Call, NOW, Stack};

use super::{ORIGIN, add, begin, claim, confirm_options, list, login_options, owner};

#[tokio::test]
async fn a_user_adds_a_passkey_and_logs_in_with_it_alone() {
    let stack = Stack::start().await;
    let (login, other) = (stack.login().await, stack.login().await);
    let mut device = Authenticator::new(ORIGIN);

    let added = add(&stack, &mut device, &login.text("access_token"), "my phone").await;

    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    assert_eq!(added.text("id"), device.id());
    assert_eq!(added.json()["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(
        stack.refresh(&other.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(claim(&refreshed, "acr"), "phr");
    stack.clock.advance(60);

    let options = login_options(&stack).await;
    assert_eq!(
        (
            &options["rpId"],
            &options["allowCredentials"],
            &options["userVerification"]
        ),
        (&json!("issuer.example"), &json!([]), &json!("required"))
    );
    let body = json!({"credential": device.get(&options), "label": "a browser"});
    let done = stack.send(Call::post("/auth/passkey", &body)).await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        (claim(&done, "sub"), claim(&done, "acr"), claim(&done, "amr")),
        (json!(stack.user.id), json!("phr"), json!(["hwk", "user", "mfa"]))
    );
    assert_eq!(stack.me(&done.text("access_token")).await.status, StatusCode::OK);
    let refreshed = stack.refresh(&done.text("refresh_token")).await;
    assert_eq!(claim(&refreshed, "amr"), json!(["hwk", "user", "mfa"]));
    let listed = list(&stack, &refreshed.text("access_token")).await;
    let now = NOW.timestamp().get();
    assert_eq!(
        listed["passkeys"],
        json!([{"id": device.id(), "label": "my phone", "added_at": now, "last_used_at": now + 60, "synced": false}])
    );
    assert_eq!(listed["recovery_codes"], 10);
}

#[tokio::test]
async fn a_passkey_is_the_second_step_after_the_password() {
    let (stack, mut device, _) = owner().await;
    let required = stack.login().await;
    assert_eq!(
        (required.error(), &required.json()["factors"]),
        ("mfa_required".to_owned(), &json!(["passkey", "recovery"]))
    );
    let token = required.text("mfa_token");
    let asked = stack
        .send(Call::post("/auth/login/second/options", &json!({"mfa_token": token})))
        .await;
    let options = &asked.json()["publicKey"];
    assert_eq!(
        options["allowCredentials"],
        json!([{"type": "public-key", "id": device.id(), "transports": ["internal"]}])
    );
    let body = json!({"mfa_token": token, "passkey": device.get(options)});

    let done = stack.send(Call::post("/auth/login/second", &body)).await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        (claim(&done, "acr"), claim(&done, "amr")),
        (json!("phr"), json!(["pwd", "hwk", "user", "mfa"]))
    );
    let again = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(again.error(), "invalid_grant");
}

#[tokio::test]
async fn a_passkey_confirms_who_a_user_is_once() {
    let (stack, mut device, login) = owner().await;
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    let bearer = refreshed.text("access_token");
    stack.clock.advance(700);
    let (refused, _) = begin(&stack, &bearer).await;
    assert_eq!(refused.error(), "insufficient_user_authentication");
    let options = confirm_options(&stack, &bearer).await;
    let body = json!({"passkey": device.get(&options)});
    let confirm = || stack.send(Call::post("/auth/confirm", &body).bearer(&bearer));

    let first = confirm().await;
    stack.clock.advance(1);
    let second = confirm().await;

    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(
        (claim(&first, "acr"), claim(&first, "auth_time")),
        (json!("phr"), json!(NOW.timestamp().get() + 700))
    );
    assert_eq!(second.error(), "invalid_grant");
    let (begun, _) = begin(&stack, &bearer).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_a_signal_and_no_refusal() {
    let (stack, mut device, _) = owner().await;
    device.counter = 8;
    let body = json!({"credential": device.get(&login_options(&stack).await)});
    stack.send(Call::post("/auth/passkey", &body)).await;
    assert!(!format!("{:?}", stack.log.lines()).contains("factor.counter_went_back"));
    device.counter = 3;
    let body = json!({"credential": device.get(&login_options(&stack).await)});

    let answer = stack.send(Call::post("/auth/passkey", &body)).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let lines = format!("{:?}", stack.log.lines());
    assert!(lines.contains("factor.counter_went_back"), "{lines}");
}

#[tokio::test]
async fn a_synced_passkey_is_named_as_such() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let mut device = Authenticator::new(ORIGIN);
    device.is_synced = true;
    add(&stack, &mut device, &bearer, "").await;
    let body = json!({"credential": device.get(&login_options(&stack).await)});

    let done = stack.send(Call::post("/auth/passkey", &body)).await;

    assert_eq!(claim(&done, "amr"), json!(["swk", "user", "mfa"]));
    let listed = list(&stack, &done.text("access_token")).await;
    assert_eq!(
        (&listed["passkeys"][0]["synced"], &listed["passkeys"][0]["label"]),
        (&json!(true), &json!("Passkey"))
    );
}
