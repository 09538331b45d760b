//! These tests name users by their ids, as logs do.

use axum::http::StatusCode;
use serde_json::json;
use tests::{EMAIL, Stack};

use crate::harness::{Gatehouse, HASHES, file};

#[tokio::test]
async fn every_command_about_a_user_takes_the_id() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let id = stack.user.id.as_str();
    let why = ["--reason", "ticket 4711"];

    for command in [
        &["user", "show", id][..],
        &["user", "factors", id],
        &["user", "reset", id],
        &["user", "set-role", id, "admin"],
        &["user", "set-scope", id, "a b"],
        &["user", "set-claims", id, "{}"],
        &["user", "set-email", id, "ada@new.example"],
        &["user", "unlock", id],
        &["session", "list", id],
        &["mail", "status", id, "--via", "event"],
        &["session", "revoke", id, "--all", "--yes", why[0], why[1]],
        &["user", "set-password", id, "--generate", "--yes", why[0], why[1]],
        &["user", "reset-factors", id, "--yes", why[0], why[1]],
        &["user", "disable", id, "--yes", why[0], why[1]],
        &["user", "enable", id],
        &["user", "delete", id, "--yes", why[0], why[1]],
    ] {
        let ran = gatehouse.authctl(command).await;

        assert!(ran.succeeded, "{command:?}: {ran:?}");
    }
    assert_eq!(gatehouse.everybody().await, []);
}

#[tokio::test]
async fn an_id_that_looks_like_an_address_is_found_after_the_addresses() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let old = json!({"email": "grace@example.com", "password_hash": HASHES[1], "user_id": "grace@old.example"});
    let mine = json!({"email": "hedy@example.com", "password_hash": HASHES[1], "user_id": "grace@example.com"});
    let users = file("ids-like-addresses.jsonl", &format!("{old}\n{mine}"));
    assert!(gatehouse.authctl(&["user", "import", &users]).await.succeeded);

    let by_id = gatehouse
        .authctl(&["user", "show", "grace@old.example", "-o", "json"])
        .await;
    let by_address = gatehouse
        .authctl(&["user", "show", "GRACE@example.com", "-o", "json"])
        .await;

    assert_eq!(by_id.json()["email"], "grace@example.com");
    assert_eq!(by_address.json()["user_id"], "grace@old.example");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_reported() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    for (name, told) in [
        ("nobody@example.com", "error: no user has this address\n"),
        ("01a2108a-621e-79da-a158-729f76b918c0", "error: no user has this id\n"),
    ] {
        let ran = gatehouse
            .authctl(&["user", "disable", name, "--yes", "--reason", "ticket 4711"])
            .await;

        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert_eq!(ran.told, told);
    }
    assert_eq!(stack.login().await.status, StatusCode::OK);
    assert!(gatehouse.authctl(&["user", "show", EMAIL]).await.succeeded);
}
