//! Listing a user's sessions, and ending one of them, all others, or all.

use auth::user::Email;
use axum::http::{Method, StatusCode};
use futures::future::join;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Answer, Call, Crossing, EMAIL, Fault, PASSWORD, Stack};

#[tokio::test]
async fn a_user_sees_each_live_session_and_which_one_asks() {
    let stack = Stack::start().await;
    let body = json!({"email": EMAIL, "password": PASSWORD, "label": "kitchen\u{7} tablet"});
    let labelled = stack
        .send(Call::post("/auth/login", &body).header("user-agent", "Tablet/1"))
        .await;
    stack.clock.advance(60);
    let asking = stack.login().await;
    let over = stack.login().await;
    stack.logout(&over.text("refresh_token")).await;
    stack.clock.advance(60);
    stack.refresh(&labelled.text("refresh_token")).await;

    let list = list(&stack, &asking).await;

    assert_eq!(
        list,
        json!([
            {
                "sid": asking.text("sid"), "current": true, "created_at": 1_700_000_060, "last_used_at": 1_700_000_060,
                "ip": "127.0.0.1", "user_agent": null, "label": null,
            },
            {
                "sid": labelled.text("sid"), "current": false, "created_at": 1_700_000_000, "last_used_at": 1_700_000_120,
                "ip": "127.0.0.1", "user_agent": "Tablet/1", "label": "kitchen tablet",
            },
        ])
    );
}

#[tokio::test]
async fn ending_a_session_ends_it_and_may_be_repeated() {
    let stack = Stack::start().await;
    let (asking, other) = (stack.login().await, stack.login().await);

    for _ in 0..2 {
        let ended = end(&stack, &asking, &other.text("sid")).await;
        assert_eq!((ended.status, ended.body.as_str()), (StatusCode::NO_CONTENT, ""));
    }

    assert_eq!(
        stack.refresh(&other.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        stack.refresh(&asking.text("refresh_token")).await.status,
        StatusCode::OK
    );
    assert!(stack.log.names().contains(&"session.revoked".to_owned()));
}

#[tokio::test]
async fn a_session_of_another_user_is_not_found_and_continues() {
    let stack = Stack::start().await;
    let asking = stack.login().await;
    let other = stack.login_as_another_user().await;

    for sid in [&other.text("sid"), "unknown", "%20", "a%2Fb"] {
        let refused = end(&stack, &asking, sid).await;

        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{sid}: {}", refused.body);
    }
    assert_eq!(stack.refresh(&other.text("refresh_token")).await.status, StatusCode::OK);
}

#[rstest]
#[case::list(Call::get("/auth/sessions"))]
#[case::end(Call::new(Method::DELETE, "/auth/sessions/x"))]
#[tokio::test]
async fn listing_and_ending_sessions_requires_an_access_token(#[case] call: Call) {
    let stack = Stack::start().await;
    let refresh_token = stack.login().await.text("refresh_token");

    assert_eq!(stack.send(call.clone()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        stack.send(call.bearer(&refresh_token)).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn logging_out_the_others_keeps_this_session_and_its_cookie() {
    let stack = Stack::start().await;
    let (other, asking) = (stack.login().await, stack.login_by_cookie().await);
    let token = asking.cookie("__Host-refresh").unwrap();

    let answer = stack
        .send(Call::post("/auth/logout", &json!({"scope": "others"})).with_cookie(&token))
        .await;

    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").is_none());
    assert_eq!(
        stack.refresh(&other.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    let call = Call::new(Method::POST, "/auth/refresh").with_cookie(&token);
    assert_eq!(stack.send(call).await.status, StatusCode::OK);
    assert_eq!(list(&stack, &asking).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn logging_out_everywhere_ends_every_session_and_no_later_one() {
    let stack = Stack::start().await;
    let (one, other) = (stack.login().await, stack.login().await);

    let answer = logout(&stack, &one, "all").await;
    let later = stack.login().await;
    let repeated = logout(&stack, &one, "all").await;

    assert_eq!(
        (answer.status, repeated.status),
        (StatusCode::NO_CONTENT, StatusCode::NO_CONTENT)
    );
    for dead in [&one, &other] {
        assert_eq!(
            stack.refresh(&dead.text("refresh_token")).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(stack.refresh(&later.text("refresh_token")).await.status, StatusCode::OK);
}

#[rstest]
#[case("others")]
#[case("all")]
#[tokio::test]
async fn a_token_of_a_session_that_is_over_ends_no_other(#[case] scope: &str) {
    let stack = Stack::start().await;
    let (lost, other) = (stack.login().await, stack.login().await);
    stack.logout(&lost.text("refresh_token")).await;

    let answer = logout(&stack, &lost, scope).await;

    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(stack.refresh(&other.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_changed_password_ends_the_sessions_of_the_old_one() {
    let stack = Stack::start().await;
    let login = stack.login().await;

    let password = auth::password::Password::parse("an entirely different phrase").unwrap();
    let (email, rng) = (Email::parse(EMAIL).unwrap(), &mut config::random());
    let hasher = &auth::password::Hasher::new(auth::password::HashCost::MIN);
    auth::accounts::set_password(&email, &password, tests::NOW, rng, hasher, &stack.users, &stack.feed)
        .await
        .unwrap();

    assert_eq!(
        stack.refresh(&login.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(stack.login().await.status, StatusCode::UNAUTHORIZED);
}

/// The refresh has already read the user when the logout raises the epochs of the user and the session together.
#[tokio::test]
async fn a_refresh_that_races_with_logging_out_the_others_is_not_refused() {
    let stack = Stack::start().await;
    let (login, _other) = (stack.login().await, stack.login().await);
    stack.wire.fail(|crossing: &Crossing| {
        let slow = crossing.function == "refresh" && crossing.operation == "UpdateItem";
        slow.then_some(Fault::Slow(std::time::Duration::from_millis(300)))
    });

    let token = login.text("refresh_token");
    let (refreshed, others) = join(stack.refresh(&token), logout(&stack, &login, "others")).await;

    assert_eq!(others.status, StatusCode::NO_CONTENT);
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    let reads = stack
        .wire
        .take()
        .into_iter()
        .filter(|crossing| crossing.function == "refresh" && crossing.operation == "GetItem");
    assert_eq!(reads.count(), 2);
}

async fn list(stack: &Stack, login: &Answer) -> Value {
    let answer = stack
        .send(Call::get("/auth/sessions").bearer(&login.text("access_token")))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["sessions"].clone()
}

async fn end(stack: &Stack, login: &Answer, sid: &str) -> Answer {
    let call = Call::new(Method::DELETE, &format!("/auth/sessions/{sid}"));
    stack.send(call.bearer(&login.text("access_token"))).await
}

async fn logout(stack: &Stack, login: &Answer, scope: &str) -> Answer {
    let body = json!({"refresh_token": login.text("refresh_token"), "scope": scope});
    stack.send(Call::post("/auth/logout", &body)).await
}
