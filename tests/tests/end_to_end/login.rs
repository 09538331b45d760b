//! `POST /auth/login`.

use auth::user::Status;
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Call, EMAIL, PASSWORD, Stack};

#[tokio::test]
async fn unknown_wrong_and_disabled_get_the_same_bytes() {
    let stack = Stack::start().await;
    let wrong = stack.send(login("ada@example.com", "not this one")).await;
    let unknown = stack.send(login("nobody@example.com", "not this one")).await;
    stack.set_status(Status::Disabled).await;
    let disabled = stack.send(login(EMAIL, PASSWORD)).await;

    for refused in [&wrong, &unknown, &disabled] {
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(without_request_id(refused.json()), without_request_id(wrong.json()));
        assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer realm="gatehouse""#));
        assert_eq!(header_names(refused), header_names(&wrong));
    }
    let reasons: Vec<Value> = stack.log.events().iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(reasons, ["wrong_password", "unknown_user", "disabled_user"]);
}

#[tokio::test]
async fn a_weak_hash_is_replaced_at_the_first_login() {
    let stack = Stack::start().await;
    stack.weaken_hash().await;

    let logins = [stack.login().await, stack.login().await];

    assert_eq!(logins.map(|login| login.status), [StatusCode::OK; 2]);
    let events = stack.log.events();
    let upgrades: Vec<&Value> = events.iter().map(|event| &event["hash_upgrade"]).collect();
    assert_eq!(upgrades, [&json!("done"), &Value::Null]);
}

#[rstest]
#[case::case("ADA@EXAMPLE.COM")]
#[case::white_space("  ada@example.com ")]
#[case::full_width("ａｄａ@example.com")]
#[tokio::test]
async fn an_address_is_found_however_it_is_typed(#[case] email: &str) {
    let stack = Stack::start().await;

    assert_eq!(stack.send(login(email, PASSWORD)).await.status, StatusCode::OK);
}

#[rstest]
#[case::upper_case("CORRECT HORSE BATTERY STAPLE")]
#[case::trailing_space("correct horse battery staple ")]
#[case::prefix("correct horse battery stapl")]
#[tokio::test]
async fn a_password_is_taken_to_the_letter(#[case] password: &str) {
    let stack = Stack::start().await;

    assert_eq!(
        stack.send(login(EMAIL, password)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[rstest]
#[case::no_email(json!({"password": "x"}), "`email` is missing")]
#[case::no_password(json!({"email": "a@b"}), "`password` is missing")]
#[case::null_password(json!({"email": "a@b", "password": null}), "`password` is missing")]
#[case::email_number(json!({"email": 1, "password": "x"}), "`email` must be a string")]
#[case::password_array(json!({"email": "a@b", "password": ["x"]}), "`password` must be a string")]
#[case::empty_password(json!({"email": "a@b", "password": ""}), "a password cannot be empty")]
#[case::no_at(json!({"email": "ab", "password": "x"}), "an email address has one @")]
#[case::two_ats(json!({"email": "a@b@c", "password": "x"}), "an email address has one @")]
#[case::delivery(json!({"email": "a@b", "password": "x", "delivery": "pigeon"}), "`delivery` must be one of: body, cookie")]
#[case::delivery_type(json!({"email": "a@b", "password": "x", "delivery": true}), "`delivery` must be a string")]
#[case::label_type(json!({"email": "a@b", "password": "x", "label": 1}), "`label` must be a string")]
#[tokio::test]
async fn a_field_that_is_wrong_is_named(#[case] body: Value, #[case] description: &str) {
    let stack = Stack::start().await;

    let refused = stack.send(Call::post("/auth/login", &body)).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    assert!(
        refused.text("error_description").starts_with(description),
        "{}",
        refused.body
    );
    assert!(stack.wire.take().is_empty());
}

#[tokio::test]
async fn a_password_of_more_than_1024_bytes_is_refused_before_anything() {
    let stack = Stack::start().await;

    let refused = stack.send(login(EMAIL, &"é".repeat(513))).await;
    let crossings = stack.wire.take();
    let taken = stack.send(login(EMAIL, &"é".repeat(512))).await;

    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(crossings.is_empty(), "{crossings:?}");
    assert_eq!(taken.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_reach_no_token() {
    let stack = Stack::start().await;
    let body =
        json!({"email": EMAIL, "password": PASSWORD, "role": "admin", "scope": "everything", "sub": "x", "exp": 9});

    let login = stack.send(Call::post("/auth/login", &body)).await;
    let me = stack.me(&login.text("access_token")).await;

    assert_eq!(
        (me.text("role").as_str(), me.text("scope").as_str()),
        ("analyst", "reports:read")
    );
}

fn login(email: &str, password: &str) -> Call {
    Call::post("/auth/login", &json!({"email": email, "password": password}))
}

fn without_request_id(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("request_id").unwrap();
    body
}

fn header_names(answer: &tests::Answer) -> Vec<&str> {
    answer.headers.keys().map(axum::http::HeaderName::as_str).collect()
}
