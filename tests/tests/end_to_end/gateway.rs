//! What the gateway does in front of the functions: its own answers, CORS, request ids, and the cache of the
//! authorizer's answers.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use tests::{Call, Stack};

#[rstest]
#[case::no_header(Call::get("/auth/me"), StatusCode::UNAUTHORIZED, "Unauthorized")]
#[case::empty_header(Call::get("/auth/me").header("authorization", ""), StatusCode::UNAUTHORIZED, "Unauthorized")]
#[case::no_token(Call::get("/auth/me").header("authorization", "Bearer"), StatusCode::FORBIDDEN, "Forbidden")]
#[case::garbage(Call::get("/auth/me").bearer("garbage"), StatusCode::FORBIDDEN, "Forbidden")]
#[case::no_route(Call::get("/nowhere"), StatusCode::NOT_FOUND, "Not Found")]
#[case::slash(Call::get("/auth/me/"), StatusCode::NOT_FOUND, "Not Found")]
#[case::method(Call::new(Method::PUT, "/auth/login"), StatusCode::NOT_FOUND, "Not Found")]
#[tokio::test]
async fn it_answers_in_its_own_words(#[case] call: Call, #[case] status: StatusCode, #[case] message: &str) {
    let stack = Stack::start().await;

    let answer = stack.send(call).await;

    assert_eq!(
        (answer.status, answer.body),
        (status, format!(r#"{{"message":"{message}"}}"#))
    );
}

#[tokio::test]
async fn several_tokens_are_refused() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");

    let doubled = stack.send(Call::get("/auth/me").bearer(&token).bearer(&token)).await;
    let joined = stack
        .send(Call::get("/auth/me").bearer(&format!("{token}, Bearer {token}")))
        .await;

    assert_eq!(
        (doubled.status, joined.status),
        (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN)
    );
}

#[tokio::test]
async fn a_token_elsewhere_than_in_its_header_does_not_count() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");

    for call in [
        Call::get(&format!("/auth/me?access_token={token}&authorization=Bearer%20{token}")),
        Call::get("/auth/me").header("cookie", format!("authorization=Bearer {token}; access_token={token}")),
        Call::get("/auth/me").header("x-authorization", format!("Bearer {token}")),
    ] {
        assert_eq!(stack.send(call).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_preflight_is_answered_with_the_rights_of_its_origin() {
    let stack = Stack::start().await;
    let preflight = |origin: &str| {
        Call::new(Method::OPTIONS, "/auth/login")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
    };

    let allowed = stack.send(preflight("https://app.example.com")).await;
    let other = stack.send(preflight("https://evil.example")).await;

    assert_eq!(allowed.status, StatusCode::NO_CONTENT);
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert_eq!(allowed.header("access-control-allow-credentials"), Some("true"));
    assert!(
        allowed
            .header("access-control-allow-headers")
            .unwrap()
            .contains("x-requested-with")
    );
    assert!(other.header("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn a_page_can_read_the_wait_the_challenge_and_the_request_id() {
    let stack = Stack::start().await;

    let refused = stack.send(Call::new(Method::POST, "/auth/refresh").from_page()).await;

    let exposed = refused.header("access-control-expose-headers").unwrap();
    assert_eq!(exposed, "retry-after,www-authenticate,apigw-requestid");
    assert!(refused.header("www-authenticate").is_some());
    let id = refused.text("request_id");
    assert_eq!(refused.header("apigw-requestid"), Some(id.as_str()));
    let logged = stack.log.events().pop().unwrap();
    assert_eq!(logged["correlation_id"], id.as_str());
    assert_ne!(logged["function_request_id"], id.as_str());
}

#[tokio::test]
async fn answers_of_the_gateway_itself_show_an_id_too() {
    let stack = Stack::start().await;

    for call in [Call::get("/nowhere"), Call::get("/auth/me")] {
        assert!(stack.send(call).await.header("apigw-requestid").is_some());
    }
}

#[tokio::test]
async fn without_origins_no_page_of_another_origin_is_allowed() {
    let stack = Stack::with(&[("AllowedOrigins", "")]).await;

    let answer = stack
        .send(Call::get("/.well-known/jwks.json").header("origin", "https://app.example.com"))
        .await;

    assert!(answer.header("access-control-allow-origin").is_none());
    assert_eq!(stack.login_by_cookie().await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn errors_are_readable_for_allowed_origins() {
    let stack = Stack::start().await;

    let refused = stack
        .send(Call::get("/auth/me").header("origin", "https://app.example.com"))
        .await;

    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
}

#[tokio::test]
async fn a_cached_answer_serves_its_own_token_for_the_time_in_the_template() {
    let stack = Stack::with(&[("AuthorizerCacheSeconds", "60")]).await;
    let token = stack.login().await.text("access_token");

    stack.clock.advance(900);
    assert_eq!(stack.me(&token).await.status, StatusCode::OK);
    stack.clock.advance(59);
    assert_eq!(
        stack.me(&token).await.status,
        StatusCode::OK,
        "kept past the token's end"
    );
    stack.clock.advance(1);
    assert_eq!(stack.me(&token).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stack.me("garbage").await.status, StatusCode::FORBIDDEN);
}
