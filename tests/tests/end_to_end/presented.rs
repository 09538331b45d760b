//! Refresh tokens and device tokens in every shape of an event, several at once, and none at all.

use std::time::Duration;

use auth::FindSession as _;
use axum::http::{Method, StatusCode};
use claims::Clock as _;
use local::Functions as _;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Call, EMAIL, PASSWORD, Stack};

const REFRESH: &str = "__Host-refresh";
const DEVICE: &str = "__Host-device";
const JSON: &str = "application/json";

/// Where an event has its cookies.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Format 2.0, `cookies` alone.
    Cookies,
    /// Format 2.0, the header alone.
    Header,
    /// Format 2.0, both, as some gateways do.
    CookiesAndHeader,
    /// Format 2.0, `cookies` that has one cookie twice.
    CookiesTwice,
    /// Format 1.0, `headers` alone.
    Single,
    /// Format 1.0, `multiValueHeaders` alone.
    Multiple,
    /// Format 1.0, both.
    SingleAndMultiple,
    /// Format 1.0, `multiValueHeaders` that has one cookie twice.
    MultipleTwice,
}

#[rstest]
#[tokio::test]
async fn one_cookie_is_one_wherever_the_event_names_it(
    #[values(
        Place::Cookies,
        Place::Header,
        Place::CookiesAndHeader,
        Place::CookiesTwice,
        Place::Single,
        Place::Multiple,
        Place::SingleAndMultiple,
        Place::MultipleTwice
    )]
    place: Place,
) {
    let stack = Stack::start().await;
    let login = stack.login_by_cookie().await;
    let (refresh, device) = (login.cookie(REFRESH).unwrap(), login.cookie(DEVICE).unwrap());

    let again = invoke(&stack, "login", place, &format!("{DEVICE}={device}"), &by_cookie()).await;
    let refreshed = invoke(&stack, "refresh", place, &format!("{REFRESH}={refresh}"), "").await;
    let logout = invoke(&stack, "logout", place, &format!("{REFRESH}={refresh}"), "").await;

    assert_eq!(
        (again["statusCode"].as_u64(), lane(&stack)),
        (Some(200), "device".to_owned())
    );
    assert_eq!(refreshed["statusCode"], 200, "{refreshed}");
    assert_eq!(logout["statusCode"], 204, "{logout}");
    assert!(logout.to_string().contains("Max-Age=0"), "{logout}");
    assert!(is_over(&stack, &login.text("sid")).await);
}

#[rstest]
#[tokio::test]
async fn two_cookies_are_two_wherever_the_event_names_them(#[values("2.0", "1.0")] version: &str) {
    let stack = Stack::start().await;
    let (one, other) = (stack.login_by_cookie().await, stack.login_by_cookie().await);
    let named = |name: &str| [&one, &other].map(|login| format!("{name}={}", login.cookie(name).unwrap()));
    let event = |name: &str, body: &str| two_cookies(version, named(name), body);

    let login = stack
        .functions
        .invoke("login", event(DEVICE, &by_cookie()), PATIENCE)
        .await
        .unwrap();
    let refresh = stack
        .functions
        .invoke("refresh", event(REFRESH, ""), PATIENCE)
        .await
        .unwrap();
    let logout = stack
        .functions
        .invoke("logout", event(REFRESH, ""), PATIENCE)
        .await
        .unwrap();

    assert_eq!(
        (login["statusCode"].as_u64(), lane(&stack)),
        (Some(200), "address".to_owned())
    );
    assert_eq!(refresh["statusCode"], 401);
    assert!(refresh["body"].as_str().unwrap().contains("invalid_grant"));
    assert_eq!(logout["statusCode"], 204);
    for login in [one, other] {
        assert!(is_over(&stack, &login.text("sid")).await);
    }
}

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
async fn a_session_ends_by_whichever_way_its_token_is_shown() {
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
async fn where_several_are_shown_others_is_no_answer_to_which_goes_on() {
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

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a cookie from a page that may, in an event that names it in this place.
async fn invoke(stack: &Stack, function: &str, place: Place, cookie: &str, body: &str) -> Value {
    let header = json!({ "cookie": cookie });
    let event = match place {
        Place::Cookies => v2(&json!({}), &json!([cookie]), body),
        Place::Header => v2(&header, &json!(null), body),
        Place::CookiesAndHeader => v2(&header, &json!([cookie]), body),
        Place::CookiesTwice => v2(&json!({}), &json!([cookie, cookie]), body),
        Place::Single => v1(&header, &json!({}), body),
        Place::Multiple => v1(&json!({}), &json!({"Cookie": [cookie]}), body),
        Place::SingleAndMultiple => v1(&header, &json!({"Cookie": [cookie]}), body),
        Place::MultipleTwice => v1(&header, &json!({"Cookie": [cookie, cookie]}), body),
    };
    stack.functions.invoke(function, event, PATIENCE).await.unwrap()
}

fn two_cookies(version: &str, [one, other]: [String; 2], body: &str) -> String {
    match version {
        "2.0" => v2(&json!({ "cookie": one }), &json!([other]), body),
        _ => v1(&json!({ "cookie": one }), &json!({ "Cookie": [one, other] }), body),
    }
}

fn v2(headers: &Value, cookies: &Value, body: &str) -> String {
    json!({
        "version": "2.0",
        "rawPath": "/auth",
        "headers": with(headers, &of_page()),
        "cookies": cookies,
        "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}},
        "body": body,
    })
    .to_string()
}

/// With `multiValueHeaders` only where one of them is given.
fn v1(headers: &Value, multiple: &Value, body: &str) -> String {
    let page = of_page();
    let lists = page
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])));
    let lists = Value::Object(lists.collect());
    let given = multiple.as_object().is_some_and(|multiple| !multiple.is_empty());
    json!({
        "version": "1.0",
        "httpMethod": "POST",
        "path": "/auth",
        "headers": with(headers, &of_page()),
        "multiValueHeaders": if given { with(multiple, &lists) } else { json!(null) },
        "requestContext": {"identity": {"sourceIp": "192.0.2.1"}},
        "body": body,
    })
    .to_string()
}

fn of_page() -> Value {
    json!({"content-type": JSON, "origin": "https://app.example.com", "x-requested-with": "fetch"})
}

fn with(some: &Value, more: &Value) -> Value {
    let members = [some, more].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn by_cookie() -> String {
    json!({"email": EMAIL, "password": PASSWORD, "delivery": "cookie"}).to_string()
}

/// The lane of the last login.
fn lane(stack: &Stack) -> String {
    let logins = stack
        .log
        .events()
        .into_iter()
        .filter(|event| event["message"] == "login.succeeded");
    logins.last().unwrap()["lane"].as_str().unwrap().to_owned()
}

async fn is_over(stack: &Stack, sid: &str) -> bool {
    let session = stack
        .sessions
        .session(&stack.user.id, &sid.parse().unwrap())
        .await
        .unwrap();
    session.unwrap().is_over(stack.clock.now().timestamp())
}
