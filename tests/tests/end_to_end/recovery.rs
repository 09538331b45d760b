//! Recovery from lost answers, and thefts that look like a lost answer.

use axum::http::StatusCode;
use tests::{Answer, Stack};

#[tokio::test]
async fn a_lost_answer_is_forgiven_at_any_time_and_any_number_of_times() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    let lost = stack.refresh(&first).await.text("refresh_token");

    for _ in 0..3 {
        stack.clock.advance(3600);
        let retried = stack.refresh(&first).await;

        assert_eq!(retried.status, StatusCode::OK);
        assert_eq!(retried.text("refresh_token"), lost);
    }
    stack.clock.advance(3600);
    assert_rotates(&stack, &lost).await;
    assert!(stack.log.names().contains(&"refresh.recovered".to_owned()));
}

#[tokio::test]
async fn a_late_replay_in_two_generations_running_is_a_theft() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    let second = stack.refresh(&first).await.text("refresh_token");
    stack.clock.advance(60);
    assert_eq!(stack.refresh(&first).await.status, StatusCode::OK);
    stack.clock.advance(60);
    let third = assert_rotates(&stack, &second).await;

    stack.clock.advance(60);
    let late_again = stack.refresh(&second).await;

    assert_eq!(late_again.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stack.refresh(&third).await.status, StatusCode::UNAUTHORIZED);
    assert!(stack.log.names().contains(&"refresh.theft".to_owned()));
}

#[tokio::test]
async fn a_generation_without_a_late_replay_in_between_earns_forgiveness_again() {
    let stack = Stack::start().await;
    let mut token = stack.login().await.text("refresh_token");
    for _ in 0..3 {
        let next = assert_rotates(&stack, &token).await;
        stack.clock.advance(60);
        assert_eq!(stack.refresh(&token).await.text("refresh_token"), next);
        stack.clock.advance(60);
        token = assert_rotates(&stack, &next).await;
        stack.clock.advance(60);
    }
}

#[tokio::test]
async fn where_recovery_is_off_late_means_theft() {
    let stack = Stack::with(&[("RefreshRecovery", "off")]).await;
    let first = stack.login().await.text("refresh_token");
    let second = stack.refresh(&first).await.text("refresh_token");

    stack.clock.advance(11);
    let late = stack.refresh(&first).await;

    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stack.refresh(&second).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_straggler_gets_the_current_token_within_twice_the_window() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    let second = assert_rotates(&stack, &first).await;
    stack.clock.advance(11);
    let third = assert_rotates(&stack, &second).await;

    stack.clock.advance(9);
    assert_eq!(stack.refresh(&first).await.text("refresh_token"), third);
    stack.clock.advance(1);
    assert_eq!(stack.refresh(&first).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_clock_that_steps_back_ends_no_session() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    stack.clock.advance(20);
    let second = assert_rotates(&stack, &first).await;

    stack.clock.advance(-15);
    assert_eq!(stack.refresh(&first).await.text("refresh_token"), second);
    assert_eq!(stack.refresh(&second).await.text("refresh_token"), second);
    stack.clock.advance(60);
    assert_rotates(&stack, &second).await;
}

async fn assert_rotates(stack: &Stack, token: &str) -> String {
    let answer: Answer = stack.refresh(token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_ne!(answer.text("refresh_token"), token);
    answer.text("refresh_token")
}
