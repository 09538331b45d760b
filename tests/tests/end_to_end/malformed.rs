//! Malformed requests, which get the answer that the contract defines, and cause no call to the store.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use tests::{Call, Stack};

const PATHS: [&str; 3] = ["/auth/login", "/auth/refresh", "/auth/logout"];

#[rstest]
#[case::empty_text(b"\"\"", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::not_json(b"{", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::word(b"true", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::array(b"[]", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::trailing(b"{} {}", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::byte_order_mark(b"\xef\xbb\xbf{}", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::not_utf8(b"{\"email\":\"\xff\"}", StatusCode::BAD_REQUEST, "invalid_request")]
#[case::twice(
    br#"{"refresh_token":"a","refresh_token":"b","email":"a","email":"a"}"#,
    StatusCode::BAD_REQUEST,
    "invalid_request"
)]
#[case::deep(&[b'['; 8000], StatusCode::BAD_REQUEST, "invalid_request")]
#[case::lone_surrogate(
    br#"{"email":"\ud800","refresh_token":"\ud800"}"#,
    StatusCode::BAD_REQUEST,
    "invalid_request"
)]
#[case::too_large(&[b' '; 8193], StatusCode::PAYLOAD_TOO_LARGE, "request_too_large")]
#[case::far_too_large(&vec![b' '; 1_000_000], StatusCode::PAYLOAD_TOO_LARGE, "request_too_large")]
#[tokio::test]
async fn a_malformed_body_is_refused(#[case] body: &[u8], #[case] status: StatusCode, #[case] error: &str) {
    let stack = Stack::start().await;

    for path in PATHS {
        let call = Call::new(Method::POST, path).header("content-type", "application/json");
        let refused = stack.send(call.body(body)).await;

        assert_eq!((refused.status, refused.error().as_str()), (status, error), "{path}");
        assert!(!refused.text("request_id").is_empty());
        assert_eq!(refused.json().as_object().unwrap().len(), 3);
    }
    assert!(stack.wire.take().is_empty());
}

#[rstest]
#[case::none(None, None)]
#[case::form(Some("application/x-www-form-urlencoded"), None)]
#[case::text(Some("text/plain"), None)]
#[case::prefix(Some("application/jsonx"), None)]
#[case::two(Some("application/json, text/plain"), None)]
#[case::gzip(Some("application/json"), Some("gzip"))]
#[tokio::test]
async fn a_body_of_another_type_is_refused(#[case] content_type: Option<&str>, #[case] coding: Option<&str>) {
    let stack = Stack::start().await;

    for path in PATHS {
        let call = Call::new(Method::POST, path).body(r#"{"refresh_token":"x","email":"a@b","password":"x"}"#);
        let headers = [("content-type", content_type), ("content-encoding", coding)];
        let given = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let refused = stack
            .send(given.fold(call, |call, (name, value)| call.header(name, value)))
            .await;

        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            "{path}"
        );
    }
    assert!(stack.wire.take().is_empty());
}

#[tokio::test]
async fn parameters_of_the_content_type_are_fine() {
    let stack = Stack::start().await;
    let call = Call::new(Method::POST, "/auth/logout").header("content-type", "Application/JSON; charset=UTF-8");

    let answer = stack.send(call.body(r#"{"refresh_token":"x"}"#)).await;

    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_header_or_a_query_that_is_odd_changes_nothing() {
    let stack = Stack::start().await;
    let call = |path: &str| Call::post(path, &serde_json::json!({"refresh_token": "x"}));

    for call in [
        call("/auth/logout?a=%3C%3E&b=%22&%"),
        call("/auth/logout?%ff"),
        call("/auth/logout").header("x-odd", b"\xff\xfe"),
        call("/auth/logout").header("x-forwarded-proto", "https, http"),
        call("/auth/logout").header("x-forwarded-proto", ""),
        call("/auth/logout").without("host").header("host", "{bad host}:port"),
        call("/auth/logout").without("host"),
    ] {
        let answer = stack.send(call.clone()).await;

        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{call:?}: {}", answer.body);
    }
}
