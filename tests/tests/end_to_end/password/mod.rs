//! `POST /auth/password`.

mod limits;
mod refusals;

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;
use tests::{Answer, Call, Crossing, EMAIL, Fault, PASSWORD, Stack};

const NEW: &str = "another horse battery staple";
/// A time in seconds that is longer than the poll interval. After this time, the authorizer reads the feed again at the
/// next request.
const POLL: i64 = 6;

#[tokio::test]
async fn a_change_keeps_the_session_that_asks_and_ends_all_others() {
    let stack = Stack::start().await;
    let [own, other] = [stack.login().await, stack.login().await];

    let changed = change(&stack, &own, PASSWORD, NEW).await;

    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    stack.clock.advance(POLL);
    assert_eq!(stack.me(&own.text("access_token")).await.status, StatusCode::OK);
    assert_eq!(
        stack.me(&other.text("access_token")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(stack.refresh(&own.text("refresh_token")).await.status, StatusCode::OK);
    assert_eq!(
        stack.refresh(&other.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    assert_eq!(stack.login().await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&stack, NEW, None).await.status, StatusCode::OK);
    assert!(stack.log.names().contains(&"password.changed".to_owned()));
}

#[tokio::test]
async fn only_the_device_that_changed_the_password_stays_known() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    stack.clock.advance(1);
    let changed = change(&stack, &own, PASSWORD, NEW).await;
    let expected = json!({"device_token": changed.text("device_token")});
    assert_eq!((changed.status, changed.json()), (StatusCode::OK, expected));

    let mut lanes = Vec::new();
    for device in [own.text("device_token"), changed.text("device_token")] {
        assert_eq!(login(&stack, NEW, Some(&device)).await.status, StatusCode::OK);
        lanes.push(stack.log.events().last().unwrap()["lane"].clone());
    }

    assert_eq!(lanes, ["address", "device"]);
}

/// The failures of a device before the change of the password still count after it.
#[tokio::test]
async fn a_device_stays_the_same_one_when_the_password_changes() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    let device = own.text("device_token");
    for _ in 0..5 {
        login(&stack, "guess", Some(&device)).await;
    }
    let body = json!({"current_password": PASSWORD, "new_password": NEW, "device_token": device});
    let call = Call::post("/auth/password", &body).bearer(&own.text("access_token"));
    let changed = stack.send(call).await;

    let next = login(&stack, NEW, Some(&changed.text("device_token"))).await;

    assert_eq!(next.error(), "throttled");
    assert_eq!(stack.log.events().last().unwrap()["reason"], "device");
}

#[tokio::test]
async fn a_browser_gets_its_device_token_in_the_cookie_alone() {
    let stack = Stack::start().await;
    let own = stack.login_by_cookie().await;
    stack.clock.advance(1);
    let body = json!({"current_password": PASSWORD, "new_password": NEW, "delivery": "cookie"});
    let call = Call::post("/auth/password", &body).bearer(&own.text("access_token"));

    let from_elsewhere = stack.send(call.clone()).await;
    let changed = stack.send(call.from_page()).await;

    assert_eq!(from_elsewhere.error(), "csrf_failed");
    assert_eq!((changed.status, changed.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let device = changed.cookie("__Host-device").unwrap();
    let body = json!({"email": EMAIL, "password": NEW, "delivery": "cookie"});
    let call = Call::post("/auth/login", &body).header("cookie", format!("__Host-device={device}"));
    assert_eq!(stack.send(call.from_page()).await.status, StatusCode::OK);
    assert_eq!(stack.log.events().last().unwrap()["lane"], "device");
}

/// A client that got no answer can send the same change again, but only for one minute. The answer to such a request
/// shows whether its new password is the user's password, so the request could be used to guess the password.
#[tokio::test]
async fn the_same_change_again_succeeds_for_a_minute() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    assert_eq!(change(&stack, &own, PASSWORD, NEW).await.status, StatusCode::OK);

    // The password was changed within the second in which it was first set, so the time of the change is a second later.
    stack.clock.advance(60);
    let soon = change(&stack, &own, PASSWORD, NEW).await;
    stack.clock.advance(1);
    let late = change(&stack, &own, PASSWORD, NEW).await;

    assert_eq!(soon.status, StatusCode::OK);
    assert_eq!(late.error(), "invalid_grant");
}

#[tokio::test]
async fn an_unannounced_change_is_completed_at_once_after_any_failures() {
    let stack = Stack::start().await;
    let [own, other] = [stack.login().await, stack.login().await];
    let mut wait = 0;
    for _ in 0..9 {
        stack.clock.advance(wait);
        change(&stack, &own, "guess", NEW).await;
        let refused = change(&stack, &own, "guess", NEW).await;
        wait = refused.header("retry-after").map_or(0, |wait| wait.parse().unwrap());
    }
    assert!(wait > 1, "{wait}");
    stack.clock.advance(wait);
    let announcing = |crossing: &Crossing| crossing.function == "password" && crossing.operation == "PutItem";
    let refused = Fault::Refused(StatusCode::BAD_REQUEST, "ThrottlingException");
    stack.wire.fail(move |crossing| announcing(crossing).then_some(refused));

    let failed = change(&stack, &own, PASSWORD, NEW).await;
    stack.wire.heal();
    let retried = change(&stack, &own, PASSWORD, NEW).await;

    assert_eq!(failed.error(), "temporarily_unavailable");
    assert_eq!(retried.status, StatusCode::OK, "{}", retried.body);
    stack.clock.advance(POLL);
    assert_eq!(stack.me(&own.text("access_token")).await.status, StatusCode::OK);
    assert_eq!(
        stack.me(&other.text("access_token")).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins_whole() {
    for _ in 0..5 {
        let stack = Stack::start().await;
        let own = stack.login().await;
        let news = ["the first new password", "the second new password"];

        let answers = join_all(news.map(|new| change(&stack, &own, PASSWORD, new))).await;

        let won: Vec<bool> = answers.iter().map(|answer| answer.status == StatusCode::OK).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        for (new, won) in news.iter().zip(won) {
            assert_eq!(login(&stack, new, None).await.status.is_success(), won, "{new}");
        }
    }
}

async fn change(stack: &Stack, asker: &Answer, current: &str, new: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": new});
    let call = Call::post("/auth/password", &body).bearer(&asker.text("access_token"));
    stack.send(call).await
}

async fn login(stack: &Stack, password: &str, device: Option<&str>) -> Answer {
    let body = json!({"email": EMAIL, "password": password, "device_token": device});
    stack.send(Call::post("/auth/login", &body)).await
}
