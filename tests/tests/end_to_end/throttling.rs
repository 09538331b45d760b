//! Guessing passwords, and logging in while someone else guesses.

use auth::attempts::LOGINS;
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Call, Crossing, EMAIL, PASSWORD, Stack};

#[tokio::test]
async fn five_of_fifty_simultaneous_guesses_are_hashed_for_any_address() {
    let stack = Stack::start().await;
    for address in [EMAIL, "nobody@example.com"] {
        let guesses = (0..50).map(|number| stack.send(login(address, &format!("guess {number}"))));
        let answers = join_all(guesses).await;

        assert_five_are_looked_at(&answers, address);
    }
}

/// Asserts that of fifty concurrent guesses, five are checked and the others have to wait. A slow engine may turn some
/// answers into 503. Even then, no guess has to wait before five are counted, and at most five are checked.
pub(crate) fn assert_five_are_looked_at(answers: &[Answer], of: &str) {
    let with = |status| answers.iter().filter(move |answer| answer.status == status).count();
    let [refused, waiting, unanswered] = [
        StatusCode::UNAUTHORIZED,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ]
    .map(with);
    let counts = format!("{of}: {refused} looked at, {waiting} waiting, {unanswered} without an answer");

    assert_eq!([refused, waiting, unanswered].iter().sum::<usize>(), 50, "{counts}");
    assert!(refused <= 5 && refused.saturating_add(unanswered) >= 5, "{counts}");
    assert!(waiting > 0 && waiting.saturating_add(unanswered) >= 45, "{counts}");
}

#[tokio::test]
async fn a_throttled_address_is_answered_the_same_whether_or_not_it_is_known() {
    let stack = Stack::start().await;
    let mut answers = Vec::new();
    for address in [EMAIL, "nobody@example.com"] {
        for _ in 0..5 {
            stack.send(login(address, "guess")).await;
        }
        answers.push(stack.send(login(address, PASSWORD)).await);
    }

    for answer in &answers {
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.error(), "throttled");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    let [known, unknown] = answers.try_into().unwrap();
    assert_eq!(described(&known), described(&unknown));
    assert_eq!(
        known.headers.keys().collect::<Vec<_>>(),
        unknown.headers.keys().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_user_who_waits_as_long_as_required_is_admitted() {
    let stack = Stack::start().await;
    for _ in 0..5 {
        stack.send(login(EMAIL, "guess")).await;
    }
    for expected in [1, 2, 4] {
        let refused = stack.login().await;
        assert_eq!(refused.header("retry-after"), Some(expected.to_string().as_str()));
        stack.clock.advance(expected);
        stack.send(login(EMAIL, "guess")).await;
    }

    stack.clock.advance(8);
    let right = stack.login().await;
    let after_it = stack.send(login(EMAIL, "guess")).await;

    assert_eq!(right.status, StatusCode::OK, "{}", right.body);
    assert_eq!(
        after_it.status,
        StatusCode::UNAUTHORIZED,
        "the failures before it are cleared"
    );
}

/// For an hour, a stranger guesses once a second. The owner, whose device is known, can log in at any time.
#[tokio::test]
async fn an_owner_is_not_locked_out_by_a_stranger() {
    // Without a limit per source, the stranger can guess as if from many network addresses.
    let stack = Stack::with(&[("SourceFailureLimit", "0")]).await;
    let mut device = stack.login().await.text("device_token");
    let mut hashed = 0;
    for second in 0..3_600 {
        stack.clock.advance(1);
        let guess = stack.send(login(EMAIL, "guess")).await;
        hashed += u32::from(guess.status == StatusCode::UNAUTHORIZED);
        if second % 600 == 599 {
            let body = json!({"email": EMAIL, "password": PASSWORD, "device_token": device});
            let owner = stack.send(Call::post("/auth/login", &body)).await;
            assert_eq!(owner.status, StatusCode::OK, "after {second} s: {}", owner.body);
            device = owner.text("device_token");
        }
    }

    // Five guesses are checked without a wait, ten while the wait doubles, and then one in each quarter of an hour.
    assert_eq!(hashed, 5 + 10 + 2);
    assert_eq!(stack.login().await.status, StatusCode::TOO_MANY_REQUESTS);
}

/// For two minutes, someone guesses the owner's password from one network address. The owner logs in from another, on
/// an unknown device.
#[tokio::test]
async fn an_attacker_elsewhere_does_not_lock_out_an_owner_without_a_device() {
    let stack = Stack::start().await;
    let mut admitted = 0;
    for _ in 0..26 {
        stack.clock.advance(5);
        let guess = stack.send(login(EMAIL, "guess").from_ip("192.0.2.1")).await;
        admitted += u32::from(guess.status == StatusCode::UNAUTHORIZED);

        let owner = stack.send(login(EMAIL, PASSWORD).from_ip("198.51.100.1")).await;

        assert_eq!(owner.status, StatusCode::OK, "{}", owner.body);
    }
    assert!(admitted < 15, "{admitted}");
}

/// A login stores its session and counts its success at the same time. If the user has too many successes, the login is
/// refused and its session is revoked. The process remembers the refusal, and stores no session at the next login.
#[tokio::test]
async fn a_user_with_endless_logins_must_wait() {
    let stack = Stack::start().await;
    for _ in 0..LOGINS {
        let login = stack.login().await;
        assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    }
    let _ = stack.wire.take();

    let refused = stack.login().await;
    let first = stack.wire.take();
    let refused_again = stack.login().await;
    let second = stack.wire.take();
    let wrong = stack.send(login(EMAIL, "guess")).await;

    for refused in [&refused, &refused_again] {
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::TOO_MANY_REQUESTS, "throttled")
        );
    }
    let writes_of_sessions = |calls: &[Crossing]| -> Vec<String> {
        let writes = calls
            .iter()
            .filter(|call| call.table.starts_with("RefreshTokensTable") && call.operation != "Query");
        writes.map(|call| call.operation.clone()).collect()
    };
    assert_eq!(writes_of_sessions(&first), ["PutItem", "UpdateItem"]);
    assert_eq!(writes_of_sessions(&second), [""; 0]);
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let wait = refused.header("retry-after").unwrap().parse().unwrap();
    stack.clock.advance(wait);
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_browser_is_a_known_device_by_its_cookie() {
    let stack = Stack::start().await;
    let first = stack.login_by_cookie().await;
    let cookies: Vec<&str> = first
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    let device = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-device="))
        .unwrap();
    assert!(
        device.ends_with("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=15552000"),
        "{device}"
    );
    assert_eq!(first.json().get("device_token"), None);
    for _ in 0..5 {
        stack.send(login(EMAIL, "guess")).await;
    }

    let body = json!({"email": EMAIL, "password": PASSWORD, "delivery": "cookie"});
    let (pair, _) = device.split_once(';').unwrap();
    let owner = stack
        .send(Call::post("/auth/login", &body).header("cookie", pair).from_page())
        .await;

    assert_eq!(owner.status, StatusCode::OK, "{}", owner.body);
    assert_eq!(stack.log.events().last().unwrap()["lane"], "device");
}

#[tokio::test]
async fn a_source_is_whom_the_gateway_saw_and_not_whom_a_header_names() {
    let stack = Stack::with(&[("SourceFailureLimit", "8")]).await;
    for number in 0..8 {
        let guess = login(&format!("{number}@example.com"), "guess");
        let guess = guess.header("x-forwarded-for", format!("198.51.100.{number}"));
        assert_eq!(stack.send(guess).await.status, StatusCode::UNAUTHORIZED);
    }

    let next = login("8@example.com", "guess").header("x-forwarded-for", "198.51.100.8");
    let refused = stack.send(next).await;

    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(stack.log.events().last().unwrap()["reason"], "source");
    let wait = refused.header("retry-after").unwrap().parse().unwrap();
    stack.clock.advance(wait);
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_closed_source_is_refused_without_a_read_in_the_same_words() {
    let stack = Stack::with(&[("SourceFailureLimit", "3")]).await;
    let device = stack.login().await.text("device_token");
    for number in 0..3 {
        stack.send(login(&format!("{number}@example.com"), "guess")).await;
    }
    let asked = stack.send(login("3@example.com", "guess")).await;
    let _before = stack.wire.take();

    for address in [EMAIL, "nobody@example.com"] {
        let known = stack.send(login(address, PASSWORD)).await;
        assert_eq!(known.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(known.header("retry-after"), asked.header("retry-after"));
        assert_eq!(
            known.headers.keys().collect::<Vec<_>>(),
            asked.headers.keys().collect::<Vec<_>>()
        );
        assert_eq!(without_id(&known), without_id(&asked));
    }
    assert_eq!(stack.wire.take(), []);
    let body = json!({"email": EMAIL, "password": PASSWORD, "device_token": device});
    let owner = stack.send(Call::post("/auth/login", &body)).await;

    assert_eq!(owner.status, StatusCode::OK, "{}", owner.body);
    stack
        .clock
        .advance(asked.header("retry-after").unwrap().parse().unwrap());
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_user_mistypes_is_no_fault_of_the_service_and_names_no_address() {
    let stack = Stack::start().await;
    for _ in 0..5 {
        stack.send(login(EMAIL, "guess")).await;
        stack.send(login("nobody@example.com", "guess")).await;
    }
    stack.send(login(EMAIL, "guess")).await;
    stack.send(login("no address", "guess")).await;
    stack.send(login(EMAIL, "")).await;
    stack.send(Call::post("/auth/login", &json!([]))).await;

    let events = stack.log.events();

    assert!(events.iter().all(|event| event["level"] != "ERROR"), "{events:?}");
    let unknown: Vec<&Value> = events
        .iter()
        .filter(|event| event["reason"] == "unknown_user")
        .collect();
    let throttled: Vec<&Value> = events
        .iter()
        .filter(|event| event["message"] == "login.throttled")
        .collect();
    assert_eq!((unknown.len(), throttled.len()), (5, 1));
    assert!(
        unknown
            .iter()
            .all(|event| event["identifier"] == unknown[0]["identifier"])
    );
    assert_ne!(throttled[0]["identifier"], unknown[0]["identifier"]);
    assert_eq!(throttled[0]["identifier"].as_str().unwrap().len(), 22);
    assert!(!stack.log.lines().join("\n").to_lowercase().contains("example.com"));
}

fn login(email: &str, password: &str) -> Call {
    Call::post("/auth/login", &json!({"email": email, "password": password}))
}

/// Returns the body without its request id.
fn without_id(answer: &Answer) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("request_id");
    body
}

fn described(answer: &Answer) -> String {
    answer.text("error_description")
}
