//! Requests with refresh tokens in the body or in cookies, with several tokens, and without any.

use auth::session::FindSession as _;
use axum::http::{Method, StatusCode};
use claims::Clock as _;
use rstest::rstest;
use serde_json::json;
use tests::{Call, Stack};

const REFRESH: &str = "__Host-refresh";
const JSON: &str = "application/json";

#[rstest]
#[case::nothing(None, "")]
#[case::declared(Some(JSON), "")]
#[case::blanks(None, " \r\n\t")]
#[case::declared_blanks(Some(JSON), " ")]
#[case::null(None, "null")]
#[case::declared_null(Some(JSON), "null\n")]
#[case::object(Some(JSON), "{}")]
#[case::null_members(Some(JSON), r#"{"refresh_token":null,"scope":null}"#)]
#[tokio::test]
async fn no_body_is_the_same_however_it_is_written(#[case] content_type: Option<&str>, #[case] body: &str) {
    let stack = Stack::start().await;
    let login = stack.login_by_cookie().await;
    let token = login.cookie(REFRESH).unwrap();
    let call = |path: &str| {
        let call = Call::new(Method::POST, path).body(body);
        content_type
            .into_iter()
            .fold(call, |call, declared| call.header("content-type", declared))
    };

    let refresh_without = stack.send(call("/auth/refresh")).await;
    let logout_without = stack.send(call("/auth/logout")).await;
    let refresh = stack.send(call("/auth/refresh").with_cookie(&token)).await;
    let logout = stack.send(call("/auth/logout").with_cookie(&token)).await;

    assert_eq!(
        (refresh_without.status, refresh_without.error().as_str()),
        (StatusCode::UNAUTHORIZED, "login_required")
    );
    assert_eq!(
        refresh_without.header("www-authenticate"),
        Some(r#"Bearer realm="gatehouse""#)
    );
    assert!(refresh_without.header("set-cookie").is_none());
    assert_eq!(logout_without.status, StatusCode::NO_CONTENT);
    assert!(logout_without.header("set-cookie").is_none());
    assert_eq!(refresh.status, StatusCode::OK, "{}", refresh.body);
    assert_eq!(logout.status, StatusCode::NO_CONTENT, "{}", logout.body);
    assert!(is_over(&stack, &login.text("sid")).await);
}

#[rstest]
#[case::empty("")]
#[case::garbage("garbage")]
#[case::of_another_kind("a.b.c")]
#[tokio::test]
async fn a_bad_cookie_is_a_bad_grant_and_no_missing_one(#[case] token: &str) {
    let stack = Stack::start().await;

    let refused = stack
        .send(Call::new(Method::POST, "/auth/refresh").with_cookie(token))
        .await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_grant")
    );
}

#[rstest]
#[case::form(&[("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")], "csrf_failed")]
#[case::form_of_a_sandbox(&[("origin", "null"), ("content-type", "application/x-www-form-urlencoded")], "csrf_failed")]
#[case::form_without_origin(
    &[("sec-fetch-site", "cross-site"), ("content-type", "application/x-www-form-urlencoded")],
    "csrf_failed"
)]
#[case::script(&[("origin", "https://evil.example")], "csrf_failed")]
#[case::form_of_an_old_browser(&[("content-type", "application/x-www-form-urlencoded")], "unsupported_media_type")]
#[case::text_form(&[("content-type", "text/plain")], "unsupported_media_type")]
#[case::file_form(&[("content-type", "multipart/form-data; boundary=x")], "unsupported_media_type")]
#[tokio::test]
async fn the_empty_form_of_another_site_does_nothing(#[case] headers: &[(&str, &str)], #[case] error: &str) {
    let stack = Stack::start().await;
    let login = stack.login_by_cookie().await;
    let cookie = format!("{REFRESH}={}", login.cookie(REFRESH).unwrap());
    let _login = stack.wire.take();

    for path in ["/auth/refresh", "/auth/logout"] {
        let form = Call::new(Method::POST, path);
        let form = headers
            .iter()
            .fold(form, |form, (name, value)| form.header(name, value));
        for call in [form.clone(), form.clone().body(" "), form.header("cookie", &cookie)] {
            let refused = stack.send(call).await;

            assert_eq!(refused.error(), error, "{path}");
            assert!(refused.header("set-cookie").is_none());
        }
    }
    assert!(stack.wire.take().is_empty());
    assert!(!is_over(&stack, &login.text("sid")).await);
}

#[tokio::test]
async fn a_session_ends_by_a_token_in_the_body_or_in_the_cookie() {
    let stack = Stack::start().await;
    let (by_body, by_cookie) = (stack.login().await, stack.login_by_cookie().await);

    let body_as_cookie = Call::new(Method::POST, "/auth/logout").with_cookie(&by_body.text("refresh_token"));
    let body_as_cookie = stack.send(body_as_cookie).await;
    let cookie_as_body = stack.logout(&by_cookie.cookie(REFRESH).unwrap()).await;

    assert_eq!(body_as_cookie.status, StatusCode::NO_CONTENT);
    assert_eq!(body_as_cookie.cookie(REFRESH).as_deref(), Some(""));
    assert_eq!(cookie_as_body.status, StatusCode::NO_CONTENT);
    assert!(cookie_as_body.header("set-cookie").is_none());
    for login in [by_body, by_cookie] {
        assert!(is_over(&stack, &login.text("sid")).await);
    }
}

#[rstest]
#[case::session("session")]
#[case::all("all")]
#[tokio::test]
async fn a_token_in_the_body_does_not_hide_one_in_the_cookie(#[case] scope: &str) {
    let stack = Stack::start().await;
    let (by_body, by_cookie) = (stack.login().await, stack.login_by_cookie().await);
    let body = json!({"refresh_token": by_body.text("refresh_token"), "scope": scope});
    let both = Call::post("/auth/logout", &body).with_cookie(&by_cookie.cookie(REFRESH).unwrap());

    let answer = stack.send(both).await;

    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    assert_eq!(answer.cookie(REFRESH).as_deref(), Some(""));
    let refreshes = [
        stack.refresh(&by_body.text("refresh_token")).await,
        stack
            .send(Call::new(Method::POST, "/auth/refresh").with_cookie(&by_cookie.cookie(REFRESH).unwrap()))
            .await,
    ];
    assert!(
        refreshes
            .iter()
            .all(|refresh| refresh.status == StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn with_several_tokens_the_scope_others_is_refused() {
    let stack = Stack::start().await;
    let (by_body, by_cookie) = (stack.login().await, stack.login_by_cookie().await);
    let body = json!({"refresh_token": by_body.text("refresh_token"), "scope": "others"});
    let both = Call::post("/auth/logout", &body).with_cookie(&by_cookie.cookie(REFRESH).unwrap());

    let refused = stack.send(both).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    for login in [by_body, by_cookie] {
        assert!(!is_over(&stack, &login.text("sid")).await);
    }
}

#[tokio::test]
async fn a_page_that_may_not_use_the_cookie_ends_neither_session() {
    let stack = Stack::start().await;
    let (by_body, by_cookie) = (stack.login().await, stack.login_by_cookie().await);
    let body = json!({"refresh_token": by_body.text("refresh_token")});
    let both = Call::post("/auth/logout", &body).with_cookie(&by_cookie.cookie(REFRESH).unwrap());

    let refused = stack.send(both.without("x-requested-with")).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::FORBIDDEN, "csrf_failed")
    );
    assert!(refused.text("error_description").contains("X-Requested-With"));
    for login in [by_body, by_cookie] {
        assert!(!is_over(&stack, &login.text("sid")).await);
    }
}

async fn is_over(stack: &Stack, sid: &str) -> bool {
    let session = stack
        .sessions
        .session(&stack.user.id, &sid.parse().unwrap())
        .await
        .unwrap();
    session.unwrap().is_over(stack.clock.now().timestamp())
}
