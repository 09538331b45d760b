//! Adding, naming and removing passkeys.

use std::time::Duration;

use auth::{password::FindPassword as _, user::Email};
use axum::http::{Method, StatusCode};
use doubles::Authenticator;
use local::Functions as _;
use serde_json::json;
use tests::{Call, EMAIL, NOW, PASSWORD, Stack};

use super::{ORIGIN, add, begin, left, list, owner};

#[tokio::test]
async fn a_passkey_is_added_in_a_session_that_is_still_recent() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let mut device = Authenticator::new(ORIGIN);
    stack.clock.advance(400);
    let (_, options) = begin(&stack, &bearer).await;
    let body = json!({"credential": device.create(&options)});
    stack.clock.advance(200);

    let refused = stack
        .send(Call::post("/auth/factors/passkeys", &body).bearer(&bearer))
        .await;

    assert_eq!(refused.error(), "insufficient_user_authentication");
    assert_eq!(refused.json()["max_age"], 600);
    assert_eq!(list(&stack, &bearer).await["passkeys"], json!([]));
}

#[tokio::test]
async fn a_passkey_is_named_and_removed_and_the_last_takes_the_codes_with_it() {
    let (stack, device, login) = owner().await;
    let bearer = stack.refresh(&login.text("refresh_token")).await.text("access_token");
    let path = format!("/auth/factors/passkeys/{}", device.id());
    let rename = |path: &str| {
        let call = Call::patch(path, &json!({"label": "old phone"}));
        stack.send(call.bearer(&bearer))
    };

    assert_eq!(rename(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(rename("/auth/factors/passkeys/AQ").await.error(), "not_found");
    assert_eq!(list(&stack, &bearer).await["passkeys"][0]["label"], "old phone");
    let remove = |path: String| {
        let bearer = bearer.clone();
        let stack = &stack;
        async move { stack.send(Call::new(Method::DELETE, &path).bearer(&bearer)).await }
    };
    assert_eq!(
        remove("/auth/factors/passkeys/AQ".to_owned()).await.error(),
        "not_found"
    );
    assert_eq!(remove(path.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(remove(path).await.error(), "not_found");

    assert_eq!(
        list(&stack, &bearer).await,
        json!({"totp": null, "recovery_codes": 0, "passkeys": []})
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);
    assert_eq!(left(&stack, &device).await, 0, "the passkey is nobody's");
}

#[tokio::test]
async fn a_user_has_ten_passkeys_and_no_two_users_have_the_same() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let bearer = login.text("access_token");
    let mut devices: Vec<Authenticator> = (0..10).map(|_| Authenticator::new(ORIGIN)).collect();
    for (number, device) in devices.iter_mut().enumerate() {
        let added = add(&stack, device, &bearer, &number.to_string()).await;
        assert_eq!(added.status, StatusCode::OK, "{}", added.body);
        let codes = added.json()["recovery_codes"].as_array().unwrap().len();
        assert_eq!(codes, if number == 0 { 10 } else { 0 });
    }

    let (refused, _) = begin(&stack, &bearer).await;
    let other = stack.login_as_another_user().await.text("access_token");
    let taken = add(&stack, &mut devices[3], &other, "mine").await;

    assert_eq!(refused.error(), "conflict");
    assert_eq!(taken.error(), "conflict");
    assert_eq!(list(&stack, &bearer).await["passkeys"].as_array().unwrap().len(), 10);
    assert_eq!(list(&stack, &other).await["passkeys"], json!([]));
}

/// The answer to the first request may have been lost.
#[tokio::test]
async fn a_passkey_that_is_added_again_has_new_codes() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let mut device = Authenticator::new(ORIGIN);
    let (_, options) = begin(&stack, &bearer).await;
    let body = json!({"credential": device.create(&options)});
    let send = || stack.send(Call::post("/auth/factors/passkeys", &body).bearer(&bearer));

    let (first, second) = (send().await, send().await);

    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_eq!(second.text("id"), first.text("id"));
    assert_ne!(second.json()["recovery_codes"], first.json()["recovery_codes"]);
    assert_eq!(list(&stack, &bearer).await["passkeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_reset_by_an_operator_and_a_removal_leave_no_passkey_behind() {
    let (stack, device, _) = owner().await;
    let second = stack.login_as_another_user().await.text("access_token");
    let mut other = Authenticator::new(ORIGIN);
    add(&stack, &mut other, &second, "").await;
    assert_eq!((left(&stack, &device).await, left(&stack, &other).await), (1, 1));
    let id = stack.user.id.clone();

    let changes = stack.factor_changes();
    let is_reset = auth::factor::reset_factors(&id, "lost phone", NOW, &changes, &stack.feed).await;

    assert!(is_reset.unwrap());
    assert_eq!((left(&stack, &device).await, left(&stack, &other).await), (0, 1));
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_removal_of_an_account_leaves_no_passkey_behind() {
    let (stack, device, login) = owner().await;
    let bearer = stack.refresh(&login.text("refresh_token")).await.text("access_token");
    let call = Call::post("/auth/account/delete", &json!({"password": PASSWORD}));
    let deleted = stack.send(call.bearer(&bearer)).await;
    assert!(deleted.status.is_success(), "{}", deleted.body);
    stack.clock.advance(15 * 24 * 60 * 60);

    let removal = stack
        .functions
        .invoke("remove-accounts", "{}".to_owned(), Duration::from_mins(1));
    removal.await.unwrap();

    assert_eq!(left(&stack, &device).await, 0);
    let email = Email::parse(EMAIL).unwrap();
    assert!(stack.users.password_record(&email).await.unwrap().is_none());
}
