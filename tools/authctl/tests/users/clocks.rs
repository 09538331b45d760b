//! These tests check that the effect of a command does not depend on the clock of the computer that it runs on.

use auth::{password::FindPassword as _, user::Email};
use axum::http::StatusCode;
use claims::{Clock as _, Timestamp};
use rstest::rstest;
use tests::{EMAIL, Stack, TestClock};

use crate::harness::Gatehouse;

/// Ten years in seconds, which is more than the difference between this computer's clock and that of the tests.
const YEARS: i64 = 315_360_000;

/// In one case, the clock of this computer is years ahead of the clock of the functions and DynamoDB. In the other
/// case, it is years behind.
#[rstest]
#[case::a_clock_that_is_ahead(0)]
#[case::a_clock_that_is_behind(YEARS)]
#[tokio::test]
async fn what_an_operator_ends_is_over_and_nothing_else(#[case] later: i64) {
    for command in [
        &["user", "disable", EMAIL, "--yes", "--reason", "ticket 4711"][..],
        &["user", "set-role", EMAIL, "auditor"],
        &["user", "set-email", EMAIL, "ADA@example.com"],
        &[
            "user",
            "set-password",
            EMAIL,
            "--generate",
            "--yes",
            "--reason",
            "ticket 4711",
        ],
        &["session", "revoke", EMAIL, "--all", "--yes", "--reason", "ticket 4711"],
        &["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"],
    ] {
        let stack = stack(later).await;
        let gatehouse = Gatehouse::of(&stack);
        let [ended, other] = [stack.login().await, stack.login_as_another_user().await];
        assert_eq!(stack.me(&ended.text("access_token")).await.status, StatusCode::OK);

        let ran = gatehouse.authctl(command).await;
        stack.clock.advance(5);

        assert!(ran.succeeded, "{ran:?}");
        let [ended, other] = [ended, other].map(|login| login.text("access_token"));
        assert_eq!(stack.me(&ended).await.status, StatusCode::FORBIDDEN, "{command:?}");
        assert_eq!(stack.me(&other).await.status, StatusCode::OK, "{command:?}");
    }
}

#[rstest]
#[case::a_clock_that_is_ahead(0)]
#[case::a_clock_that_is_behind(YEARS)]
#[tokio::test]
async fn a_login_after_a_change_gets_good_tokens(#[case] later: i64) {
    for command in [
        &["user", "set-role", EMAIL, "auditor"][..],
        &["user", "set-email", EMAIL, "ADA@example.com"],
    ] {
        let stack = stack(later).await;
        let ran = Gatehouse::of(&stack).authctl(command).await;
        assert!(ran.succeeded, "{ran:?}");

        stack.clock.advance(60);
        let login = stack.login().await;

        assert_eq!(
            stack.me(&login.text("access_token")).await.status,
            StatusCode::OK,
            "{command:?}"
        );
    }
}

#[tokio::test]
async fn what_is_written_bears_the_time_of_the_store() {
    let stack = stack(YEARS).await;
    let gatehouse = Gatehouse::of(&stack);

    let ran = gatehouse
        .authctl(&[
            "user",
            "set-password",
            EMAIL,
            "--generate",
            "--yes",
            "--reason",
            "ticket 4711",
        ])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    let credentials = stack
        .users
        .password_record(&Email::parse(EMAIL).unwrap())
        .await
        .unwrap();
    let written = credentials.unwrap().password_changed_at;
    let now = stack.clock.now().timestamp();
    assert!(
        written >= now && written <= Timestamp::new(now.get() + 60),
        "{written:?}"
    );
}

#[tokio::test]
async fn a_store_without_a_clock_is_reported() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    stack.wire.date("some day");

    let disable = ["user", "disable", EMAIL, "--yes", "--reason", "ticket 4711"];
    let ran = gatehouse.authctl(&disable).await;
    let for_programs = gatehouse.authctl(&[&disable[..], &["-o", "json"]].concat()).await;

    assert!(ran.succeeded, "{ran:?}");
    assert!(ran.told.contains("this computer's clock is used"), "{ran:?}");
    assert!(
        for_programs.told.starts_with("{\"note\":\"warning: "),
        "{for_programs:?}"
    );
}

async fn stack(later: i64) -> Stack {
    let clock = TestClock::default();
    clock.advance(later);
    Stack::by(clock, &[]).await
}
