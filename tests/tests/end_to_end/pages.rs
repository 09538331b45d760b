//! The pages, as the function serves them.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::json;
use tests::{Call, EMAIL, PASSWORD, Stack};

use crate::requests::asset;

#[rstest]
#[case("/", "Log in")]
#[case("/account", "Your account")]
#[case("/account/sessions", "Your sessions")]
#[case("/account/address", "Change your email address")]
#[case("/account/password", "Change your password")]
#[case("/account/second-factor", "Second factor and passkeys")]
#[case("/address/confirm", "Confirm the change of address")]
#[case("/register", "Create an account")]
#[case("/register/confirm?token=x", "Choose a password")]
#[case("/forgot", "Forgot your password?")]
#[case("/reset?token=x", "Choose a new password")]
#[tokio::test]
async fn a_page_is_protected_and_checked_each_time(#[case] path: &str, #[case] title: &str) {
    let stack = Stack::start().await;

    let page = stack.send(Call::get(path)).await;

    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(&format!("<title>{title}</title>")), "{}", page.body);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    // Only `cargo dev` has the panel.
    assert!(!page.body.contains("panel"), "{}", page.body);
}

#[tokio::test]
async fn an_asset_is_kept_for_ever_and_one_of_another_version_is_not_found() {
    let stack = Stack::start().await;

    let kept = stack.send(Call::get(&asset("page.js"))).await;
    let gone = stack.send(Call::get("/assets/0123456789abcdef/page.js")).await;

    assert_eq!(kept.status, StatusCode::OK);
    assert_eq!(kept.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(
        kept.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert_eq!(gone.text("error"), "not_found");
    assert_eq!(gone.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_accent_colour_is_that_of_the_parameter() {
    let stack = Stack::with(&[("AccentColour", "#3355ff")]).await;
    let page = stack.send(Call::get("/")).await.body;
    let path = page
        .split("href=\"")
        .find(|rest| rest.contains("/accent.css\""))
        .unwrap();

    let style = stack.send(Call::get(path.split('"').next().unwrap())).await;

    assert!(style.body.contains("--accent: rgb(51 85 255);"), "{}", style.body);
}

#[rstest]
#[case("on", "https://issuer.example", StatusCode::OK)]
#[case("on", "https://issuer.example.evil.example", StatusCode::FORBIDDEN)]
#[case("on", "https://app.example.com", StatusCode::OK)]
#[case("off", "https://issuer.example", StatusCode::FORBIDDEN)]
#[tokio::test]
async fn pages_at_the_issuer_may_use_cookies_if_they_are_on(
    #[case] pages: &str,
    #[case] origin: &str,
    #[case] expected: StatusCode,
) {
    let stack = Stack::with(&[("Pages", pages)]).await;
    let body = json!({"email": EMAIL, "password": PASSWORD, "delivery": "cookie"});

    // The gateway passes on any `Host` header.
    let call = Call::post("/auth/login", &body)
        .header("host", origin.trim_start_matches("https://"))
        .header("origin", origin)
        .header("x-requested-with", "fetch");
    let answer = stack.send(call).await;

    assert_eq!(answer.status, expected, "{}", answer.body);
}

#[tokio::test]
async fn there_are_no_pages_by_default() {
    let stack = Stack::with(&[("Pages", "off")]).await;

    for call in [Call::get("/"), Call::get("/account"), Call::new(Method::POST, "/")] {
        assert_eq!(stack.send(call).await.status, StatusCode::NOT_FOUND);
    }
}
