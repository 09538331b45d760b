//! Refresh tokens in cookies, and the pages that may use them.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tests::{Answer, Call, EMAIL, PASSWORD, Stack};

const COOKIE: &str = "__Host-refresh";

#[tokio::test]
async fn the_token_is_only_ever_in_the_cookie() {
    let stack = Stack::start().await;

    let login = stack.login_by_cookie().await;
    let token = login.cookie(COOKIE).unwrap();
    let refresh = stack.send(by_cookie("/auth/refresh", &token)).await;

    for answer in [&login, &refresh] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.json().get("refresh_token").is_none());
        assert!(!answer.body.contains(&answer.cookie(COOKIE).unwrap()));
        let header = answer.header("set-cookie").unwrap();
        assert!(
            header.ends_with("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=604800"),
            "{header}"
        );
        assert!(header.split(';').next().unwrap().len() <= 768);
    }
}

#[tokio::test]
async fn a_token_that_comes_by_the_other_way_refreshes_nothing() {
    let stack = Stack::start().await;
    let by_body = stack.login().await.text("refresh_token");
    let in_cookie = stack.login_by_cookie().await.cookie(COOKIE).unwrap();
    let _logins = stack.wire.take();

    for refused in [
        stack.send(by_cookie("/auth/refresh", &by_body)).await,
        stack.refresh(&in_cookie).await,
    ] {
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_grant")
        );
        assert!(refused.header("set-cookie").is_none());
    }
    assert!(stack.wire.take().is_empty());
}

#[tokio::test]
async fn logout_and_theft_delete_the_cookie_and_a_lost_race_does_not() {
    let stack = Stack::start().await;
    let first = stack.login_by_cookie().await.cookie(COOKIE).unwrap();
    let mut current = first.clone();
    for _ in 0..3 {
        current = stack
            .send(by_cookie("/auth/refresh", &current))
            .await
            .cookie(COOKIE)
            .unwrap();
        stack.clock.advance(60);
    }

    let theft = stack.send(by_cookie("/auth/refresh", &first)).await;
    let over = stack.send(by_cookie("/auth/refresh", &current)).await;
    let logout = stack.send(by_cookie("/auth/logout", &current)).await;

    assert!(deletes(&theft));
    assert!(over.header("set-cookie").is_none());
    assert!(deletes(&logout));
}

#[rstest]
#[case::no_custom_header(&["x-requested-with"], &[])]
#[case::other_origin(&["origin"], &[("origin", "https://evil.example")])]
#[case::null_origin(&["origin"], &[("origin", "null")])]
#[case::cross_site(&["sec-fetch-site"], &[("sec-fetch-site", "cross-site")])]
#[tokio::test]
async fn another_site_gets_403_and_changes_nothing(#[case] without: &[&str], #[case] with: &[(&str, &str)]) {
    let stack = Stack::start().await;
    let token = stack.login_by_cookie().await.cookie(COOKIE).unwrap();
    let _logins = stack.wire.take();
    let login = json!({"email": EMAIL, "password": PASSWORD, "delivery": "cookie"});

    for call in [
        Call::post("/auth/login", &login).from_page(),
        by_cookie("/auth/refresh", &token),
        by_cookie("/auth/logout", &token),
    ] {
        let call = without.iter().fold(call, |call, name| call.without(name));
        let call = with.iter().fold(call, |call, (name, value)| call.header(name, value));

        let refused = stack.send(call).await;

        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::FORBIDDEN, "csrf_failed")
        );
    }
    assert!(stack.wire.take().is_empty());
}

#[tokio::test]
async fn a_client_that_is_not_a_browser_needs_no_origin() {
    let stack = Stack::start().await;
    let token = stack.login_by_cookie().await.cookie(COOKIE).unwrap();
    let call = by_cookie("/auth/refresh", &token)
        .without("origin")
        .without("sec-fetch-site");

    assert_eq!(stack.send(call).await.status, StatusCode::OK);
}

#[tokio::test]
async fn foreign_cookies_do_no_harm_and_a_doubled_one_is_refused() {
    let stack = Stack::start().await;
    let token = stack.login_by_cookie().await.cookie(COOKIE).unwrap();
    let cookies = |header: &str| {
        Call::new(axum::http::Method::POST, "/auth/refresh")
            .from_page()
            .header("cookie", header)
    };

    let among_others = stack
        .send(cookies(&format!("a=\"b; c\"; caf\u{e9}=1; {COOKIE}={token}; =; d")))
        .await;
    let doubled = stack.send(cookies(&format!("{COOKIE}=x; {COOKIE}={token}"))).await;

    assert_eq!(among_others.status, StatusCode::OK, "{}", among_others.body);
    assert_eq!(doubled.status, StatusCode::UNAUTHORIZED);
}

fn by_cookie(path: &str, token: &str) -> Call {
    Call::new(axum::http::Method::POST, path).with_cookie(token)
}

fn deletes(answer: &Answer) -> bool {
    let header = answer.header("set-cookie").unwrap_or_default();
    answer.cookie(COOKIE).as_deref() == Some("") && header.ends_with("Max-Age=0")
}
