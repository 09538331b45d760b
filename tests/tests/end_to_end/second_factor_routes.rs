//! Every path on which a user with a second factor is asked for it.

use axum::http::Method;
use serde_json::{Value, json};
use tests::{Call, PASSWORD, Stack};

use crate::second_factor::wrong_code;

/// Every route that opens a session, sets a password, changes a factor or the address, or deletes or keeps the account:
/// with a request that lacks the second factor, and the error that it gets.
const PROTECTED: &[(&str, &str, &str, &str)] = &[
    (
        "POST",
        "/auth/login",
        r#"{"email": "Ada@Example.com", "password": "correct horse battery staple"}"#,
        "mfa_required",
    ),
    (
        "POST",
        "/auth/login/second",
        r#"{"mfa_token": "MFA", "code": "WRONG"}"#,
        "invalid_grant",
    ),
    // The user has no passkey.
    (
        "POST",
        "/auth/login/second/options",
        r#"{"mfa_token": "MFA"}"#,
        "invalid_grant",
    ),
    (
        "POST",
        "/auth/passkey",
        r#"{"credential": {"id": "AQ", "rawId": "AQ", "type": "public-key", "response":
            {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}}"#,
        "invalid_grant",
    ),
    (
        "POST",
        "/auth/factors/passkeys/options",
        "{}",
        "insufficient_user_authentication",
    ),
    // For a right response, see the tests of passkeys.
    (
        "POST",
        "/auth/factors/passkeys",
        r#"{"credential": {"id": "AQ", "rawId": "AQ", "type": "public-key", "response":
            {"clientDataJSON": "e30", "attestationObject": "AA"}}}"#,
        "invalid_grant",
    ),
    (
        "PATCH",
        "/auth/factors/passkeys/{id}",
        r#"{"label": "x"}"#,
        "insufficient_user_authentication",
    ),
    (
        "DELETE",
        "/auth/factors/passkeys/{id}",
        "",
        "insufficient_user_authentication",
    ),
    (
        "POST",
        "/auth/confirm",
        r#"{"password": "correct horse battery staple"}"#,
        "mfa_required",
    ),
    ("POST", "/auth/factors/totp", "{}", "insufficient_user_authentication"),
    (
        "POST",
        "/auth/factors/totp/confirm",
        r#"{"enrolment": "x", "code": "WRONG"}"#,
        "conflict",
    ),
    ("DELETE", "/auth/factors/totp", "", "insufficient_user_authentication"),
    (
        "POST",
        "/auth/factors/recovery",
        "{}",
        "insufficient_user_authentication",
    ),
    (
        "POST",
        "/auth/password",
        r#"{"current_password": "correct horse battery staple", "new_password": "another horse battery staple"}"#,
        "insufficient_user_authentication",
    ),
    (
        "POST",
        "/auth/reset",
        r#"{"token": "RESET", "new_password": "another horse battery staple"}"#,
        "mfa_required",
    ),
    (
        "POST",
        "/auth/address",
        r#"{"email": "ada@example.org", "password": "correct horse battery staple"}"#,
        "insufficient_user_authentication",
    ),
    (
        "POST",
        "/auth/account/delete",
        r#"{"password": "correct horse battery staple"}"#,
        "insufficient_user_authentication",
    ),
    (
        "POST",
        "/auth/account/keep",
        r#"{"token": "KEEP", "password": "correct horse battery staple"}"#,
        "mfa_required",
    ),
];

/// Every other route.
const HARMLESS: &[&str] = &[
    "GET /auth/factors",
    // These only ask for a challenge.
    "POST /auth/confirm/options",
    "POST /auth/passkey/options",
    "POST /auth/refresh",
    "POST /auth/logout",
    "GET /auth/sessions",
    "DELETE /auth/sessions/{sid}",
    "GET /auth/me",
    "POST /auth/register",
    "POST /auth/forgot",
    // A new user has no factor, and a repeated registration does not log in a user who has added one.
    "POST /auth/register/confirm",
    // The request for its link demands the factor. For a link that is older than the factor, see `second_factor`.
    "POST /auth/address/confirm",
];

#[tokio::test]
async fn no_path_gets_around_the_second_factor() {
    for route in tests::template(&[]).api().unwrap().routes {
        let is_protected = PROTECTED
            .iter()
            .any(|(method, path, ..)| route.key() == format!("{method} {path}"));
        let is_document = route.function == "pages" || route.function == "jwks";
        assert!(
            is_protected || is_document || HARMLESS.contains(&route.key().as_str()),
            "{} is missing here",
            route.key()
        );
    }
    for (method, path, body, expected) in PROTECTED {
        let stack = Stack::start().await;
        let login = stack.login().await;
        if *path == "/auth/account/keep" {
            let call = Call::post("/auth/account/delete", &json!({"password": PASSWORD}));
            let deleted = stack.send(call.bearer(&login.text("access_token"))).await;
            assert!(deleted.status.is_success(), "{}", deleted.body);
        }
        stack.add_factor().await;
        let before = stack.refresh(&login.text("refresh_token")).await;
        // After a deletion there is no access token.
        let bearer = before.json()["access_token"].as_str().unwrap_or_default().to_owned();
        let user_id = stack.user.id.as_str();
        let body = body
            .replace("MFA", &tests::second_token(user_id))
            .replace("WRONG", &wrong_code())
            .replace("RESET", &tests::reset_link(user_id))
            .replace("KEEP", &tests::keep_link(user_id));
        let path = path.replace("{id}", "AQ");
        let call = match serde_json::from_str::<Value>(&body) {
            Ok(body) if *method == "PATCH" => Call::patch(&path, &body),
            Ok(body) => Call::post(&path, &body),
            Err(_) => Call::new(method.parse::<Method>().unwrap(), &path),
        };

        let answer = stack.send(call.bearer(&bearer)).await;

        assert_eq!(answer.error(), *expected, "{method} {path}: {}", answer.body);
        assert!(!answer.body.contains("access_token"), "{method} {path}");
    }
}
