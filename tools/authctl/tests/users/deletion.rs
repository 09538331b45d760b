//! Deleting a user: nothing is left of them, wherever it breaks off before it is done again.

use auth::{CredentialsStore as _, Email, Status, UserStore as _};
use axum::http::StatusCode;
use serde_json::json;
use tests::{Call, EMAIL, Fault, PASSWORD, Stack};

use crate::harness::{Gatehouse, file};

#[tokio::test]
async fn nothing_is_left_of_a_user_who_was_deleted() {
    let stack = Stack::start().await;
    let logins = [stack.login().await, stack.login().await];
    let other = stack.login_as_another_user().await;

    let ran = Gatehouse::of(&stack).authctl(&["user", "delete", EMAIL, "--yes"]).await;

    assert!(ran.succeeded, "{ran:?}");
    for table in ["UsersTable", "CredentialsTable", "RefreshTokensTable"] {
        let items = stack
            .client()
            .scan()
            .table_name(format!("{table}{}", stack.suffix()))
            .send()
            .await
            .unwrap();
        let text = format!("{:?}", items.items()).to_lowercase();
        assert!(
            !text.contains(stack.user.id.as_str()) && !text.contains("ada@"),
            "{text}"
        );
        assert!(text.contains("grace") || table == "RefreshTokensTable", "{text}");
    }
    assert_eq!(stack.login().await.status, StatusCode::UNAUTHORIZED);
    for login in logins {
        let refreshed = stack.refresh(&login.text("refresh_token")).await;
        assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            stack.me(&login.text("access_token")).await.status,
            StatusCode::FORBIDDEN
        );
    }
    let refreshed = stack.refresh(&other.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_deletion_that_broke_off_anywhere_is_completed_by_the_next_one() {
    for broken in 0.. {
        let stack = Stack::start().await;
        let gatehouse = Gatehouse::of(&stack);
        for _ in 0..2 {
            stack.login().await;
        }
        let mut calls = 0;
        stack.wire.fail(move |crossing| {
            let is_broken = crossing.function == "authctl" && crossing.operation != "GetItem" && calls >= broken;
            calls += u32::from(crossing.operation != "GetItem");
            is_broken.then_some(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))
        });

        let ran = gatehouse.authctl(&["user", "delete", EMAIL, "--yes"]).await;

        stack.wire.heal();
        if ran.succeeded {
            // Disabled, announced, listed, two sessions removed, user and credentials removed.
            assert_eq!(broken, 6);
            break;
        }
        let user = stack.users.user(&stack.user.id).await.unwrap().unwrap();
        assert_eq!(user.status == Status::Disabled, broken > 0, "{broken}");
        let again = gatehouse.authctl(&["user", "delete", EMAIL, "--yes"]).await;
        assert!(again.succeeded, "{broken}: {again:?}");
        assert_eq!(gatehouse.everybody().await, []);
    }
}

#[tokio::test]
async fn a_new_user_of_the_same_address_is_another_one() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let old = stack.login().await;
    let email = Email::parse(EMAIL).unwrap();
    let hash = stack.users.credentials(&email).await.unwrap().unwrap().password_hash;
    let line = json!({"email": EMAIL, "password_hash": hash.expose()});

    gatehouse.authctl(&["user", "delete", EMAIL, "--yes"]).await;
    gatehouse
        .authctl(&["user", "import", &file("same-address.jsonl", &line.to_string())])
        .await;

    let [user] = &gatehouse.everybody().await[..] else {
        panic!()
    };
    assert_ne!(user.id, stack.user.id);
    let login = stack
        .send(Call::post(
            "/auth/login",
            &json!({"email": EMAIL, "password": PASSWORD}),
        ))
        .await;
    assert_eq!(login.status, StatusCode::OK);
    let refreshed = stack.refresh(&old.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_is_deleted_unasked() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    let unasked = gatehouse.authctl(&["user", "delete", EMAIL]).await;
    let unknown = gatehouse
        .authctl(&["user", "delete", "nobody@example.com", "--yes"])
        .await;

    assert!(!unasked.succeeded && unasked.told.contains("say --yes"), "{unasked:?}");
    assert!(
        !unknown.succeeded && unknown.told.contains("no user has this address"),
        "{unknown:?}"
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);
}
