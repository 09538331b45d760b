//! The documents that other libraries need to verify our tokens.

use axum::http::{Method, StatusCode};
use claims::{Audience, Issuer, Jwks, Unverified, Verifier};
use rstest::rstest;
use serde_json::json;
use tests::{Call, NOW, Stack};

#[tokio::test]
async fn the_published_keys_verify_what_is_issued() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");

    let keys = stack.send(Call::get("/.well-known/jwks.json")).await;

    assert_eq!(keys.status, StatusCode::OK);
    assert_eq!(keys.header("cache-control"), Some("public, max-age=300"));
    let issuer = Issuer::parse("https://issuer.example").unwrap();
    let audience = Audience::parse("dashboard").unwrap();
    let verifying = Jwks::from_json(&keys.body).unwrap().verifying_keys().unwrap();
    let token = Unverified::parse(&token).unwrap();
    assert!(
        Verifier::access(issuer, audience, verifying)
            .verify(&token, NOW.timestamp())
            .is_ok()
    );
}

#[tokio::test]
async fn the_published_keys_are_public_ones() {
    let stack = Stack::start().await;

    let keys = stack.send(Call::get("/.well-known/jwks.json")).await.json();

    for key in keys["keys"].as_array().unwrap() {
        let mut names: Vec<&String> = key.as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(
            (&key["kty"], &key["alg"], &key["use"]),
            (&json!("RSA"), &json!("RS256"), &json!("sig"))
        );
    }
}

#[rstest]
#[case("/.well-known/openid-configuration")]
#[case("/.well-known/oauth-authorization-server")]
#[tokio::test]
async fn both_documents_lead_to_the_keys(#[case] path: &str) {
    let stack = Stack::start().await;

    let document = stack.send(Call::get(path)).await;

    assert_eq!(document.status, StatusCode::OK);
    assert_eq!(document.text("issuer"), "https://issuer.example");
    assert_eq!(
        document.text("jwks_uri"),
        "https://issuer.example/.well-known/jwks.json"
    );
}

#[tokio::test]
async fn they_are_read_only() {
    let stack = Stack::start().await;

    let refused = stack.send(Call::new(Method::POST, "/.well-known/jwks.json")).await;

    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}
