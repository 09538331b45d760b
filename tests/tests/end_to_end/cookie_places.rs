//! Cookies in every form in which an event can contain them.

use std::time::Duration;

use auth::session::FindSession as _;
use claims::Clock as _;
use local::Functions as _;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{EMAIL, PASSWORD, Stack};

const REFRESH: &str = "__Host-refresh";
const DEVICE: &str = "__Host-device";

/// The place of the cookies in an event.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Format 2.0, only `cookies`.
    Cookies,
    /// Format 2.0, only the header `cookie`.
    Header,
    /// Format 2.0, `cookies` and the header `cookie`, as some gateways send them.
    CookiesAndHeader,
    /// Format 2.0, `cookies` with one cookie twice.
    CookiesTwice,
    /// Format 1.0, only `headers`.
    Single,
    /// Format 1.0, only `multiValueHeaders`.
    Multiple,
    /// Format 1.0, `headers` and `multiValueHeaders`.
    SingleAndMultiple,
    /// Format 1.0, `multiValueHeaders` with one cookie twice.
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

const PATIENCE: Duration = Duration::from_secs(10);

/// Invokes a function with an event that has the cookies in this place and the headers of an allowed page.
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

/// Returns an event of format 1.0. Its `multiValueHeaders` is null if `multiple` is empty.
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
    json!({"content-type": "application/json", "origin": "https://app.example.com", "x-requested-with": "fetch"})
}

fn with(some: &Value, more: &Value) -> Value {
    let members = [some, more].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn by_cookie() -> String {
    json!({"email": EMAIL, "password": PASSWORD, "delivery": "cookie"}).to_string()
}

/// Returns the lane of the last login.
fn lane(stack: &Stack) -> String {
    let events = stack.log.events().into_iter().rev();
    let mut logins = events.filter(|event| event["message"] == "login.succeeded");
    logins.next().unwrap()["lane"].as_str().unwrap().to_owned()
}

async fn is_over(stack: &Stack, sid: &str) -> bool {
    let session = stack
        .sessions
        .session(&stack.user.id, &sid.parse().unwrap())
        .await
        .unwrap();
    session.unwrap().is_over(stack.clock.now().timestamp())
}
