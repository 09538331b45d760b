//! `POST /auth/password`.

use auth::{attempts::PASSWORD_CHANGES, user::Status};
use axum::http::StatusCode;
use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Answer, Call, Crossing, EMAIL, Fault, PASSWORD, Stack};

use crate::throttling::assert_five_are_looked_at;

const NEW: &str = "another horse battery staple";
/// The poll interval of the authorizer, after which it has read every announcement.
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

/// The earlier failures of a device still count for it.
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

#[tokio::test]
async fn a_wrong_current_password_changes_nothing() {
    let stack = Stack::start().await;
    let [own, other] = [stack.login().await, stack.login().await];

    let refused = change(&stack, &own, "not this one", NEW).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_grant")
    );
    assert_eq!(stack.refresh(&other.text("refresh_token")).await.status, StatusCode::OK);
    assert_eq!(stack.login().await.status, StatusCode::OK);
    let events = stack.log.events();
    let event = events
        .iter()
        .find(|event| event["message"] == "password.refused")
        .unwrap();
    assert_eq!(
        (&event["reason"], &event["level"]),
        (&json!("wrong_password"), &json!("WARN"))
    );
}

#[rstest]
#[case::too_short(json!({"current_password": PASSWORD, "new_password": "fourteen chars"}), "weak_password")]
#[case::common(json!({"current_password": PASSWORD, "new_password": "passwordpassword"}), "weak_password")]
#[case::own_address(json!({"current_password": PASSWORD, "new_password": "ada example 1815"}), "weak_password")]
#[case::service_name(json!({"current_password": PASSWORD, "new_password": "Gatehouse 2026!"}), "weak_password")]
#[case::repeated_word(json!({"current_password": PASSWORD, "new_password": "monkey monkey monkey"}), "weak_password")]
#[case::keyboard_row(json!({"current_password": PASSWORD, "new_password": "qwertyuiop123456"}), "weak_password")]
#[case::too_long(json!({"current_password": PASSWORD, "new_password": "x".repeat(1_025)}), "invalid_request")]
#[case::missing(json!({"current_password": PASSWORD}), "invalid_request")]
#[case::of_the_wrong_type(json!({"current_password": 1, "new_password": NEW}), "invalid_request")]
#[tokio::test]
async fn a_request_that_cannot_be_granted_is_refused_before_anything(#[case] body: Value, #[case] error: &str) {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");
    let _ = stack.wire.take();

    let refused = stack.send(Call::post("/auth/password", &body).bearer(&token)).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, error)
    );
    assert!(
        stack
            .wire
            .take()
            .iter()
            .all(|crossing| crossing.function == "authorizer")
    );
}

#[tokio::test]
async fn guesses_wait_as_at_a_login_and_do_not_block_logins() {
    let stack = Stack::start().await;
    let stolen = stack.login().await;
    let guesses = join_all((0..50).map(|_| change(&stack, &stolen, "guess", NEW))).await;

    assert_five_are_looked_at(&guesses, "a session");
    let next = change(&stack, &stolen, PASSWORD, NEW).await;
    assert_eq!(
        (next.error().as_str(), next.header("retry-after")),
        ("throttled", Some("1"))
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);

    stack.clock.advance(1);
    assert_eq!(change(&stack, &stolen, PASSWORD, NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_thief_does_not_block_the_owner_from_changing_the_password() {
    let stack = Stack::start().await;
    let [stolen, own] = [stack.login().await, stack.login().await];
    stack.clock.advance(700);
    for _ in 0..5 {
        change(&stack, &stolen, "guess", NEW).await;
    }

    let in_theirs = change(&stack, &stolen, PASSWORD, NEW).await;
    let in_own = change(&stack, &own, PASSWORD, NEW).await;

    assert_eq!(in_theirs.error(), "throttled");
    assert!(in_own.status.is_success(), "{}", in_own.body);
}

#[tokio::test]
async fn a_fresh_login_can_change_the_password_whatever_others_have_used_up() {
    let stack = Stack::start().await;
    let old = stack.login().await;
    let mut stolen = Vec::new();
    for _ in 0..4 {
        stolen.push(stack.login().await);
    }
    stack.clock.advance(700);
    for session in &stolen {
        join_all((0..5).map(|_| change(&stack, session, "guess", NEW))).await;
    }

    let in_old = change(&stack, &old, PASSWORD, NEW).await;
    let fresh = stack.login().await;
    let in_fresh = change(&stack, &fresh, PASSWORD, NEW).await;

    assert_eq!(
        (in_old.error().as_str(), in_old.header("retry-after")),
        ("throttled", Some("900"))
    );
    assert!(in_fresh.status.is_success(), "{}", in_fresh.body);
    assert_eq!(change(&stack, &stolen[0], NEW, PASSWORD).await.error(), "invalid_token");
}

#[tokio::test]
async fn a_password_is_changed_so_often_in_an_hour() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    let mut passwords = [PASSWORD, NEW];
    for _ in 0..PASSWORD_CHANGES {
        let [current, new] = passwords;
        let changed = change(&stack, &own, current, new).await;
        assert!(changed.status.is_success(), "{}", changed.body);
        passwords.reverse();
    }

    let [current, new] = passwords;
    let refused = change(&stack, &own, current, new).await;

    assert_eq!(refused.error(), "throttled");
    assert_eq!(login(&stack, current, None).await.status, StatusCode::OK);
    let wait = refused.header("retry-after").unwrap().parse().unwrap();
    stack.clock.advance(wait);
    let again = login(&stack, current, None).await;
    assert!(change(&stack, &again, current, new).await.status.is_success());
}

#[tokio::test]
async fn a_user_who_is_logged_out_or_disabled_cannot_change_the_password() {
    let stack = Stack::with(&[("RevocationPollSeconds", "0")]).await;
    let [over, alive] = [stack.login().await, stack.login().await];
    stack.logout(&over.text("refresh_token")).await;

    let logged_out = change(&stack, &over, PASSWORD, NEW).await;
    stack.set_status(Status::Disabled).await;
    let disabled = change(&stack, &alive, PASSWORD, NEW).await;

    for refused in [logged_out, disabled] {
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_token")
        );
    }
}

/// A retry after a lost answer works for one minute only, since it reveals whether a guess is right.
#[tokio::test]
async fn the_same_change_again_succeeds_for_a_minute() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    assert_eq!(change(&stack, &own, PASSWORD, NEW).await.status, StatusCode::OK);

    stack.clock.advance(59);
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
