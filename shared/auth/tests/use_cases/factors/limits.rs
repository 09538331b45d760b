//! How many codes may be tried, and what ends it.

use auth::{
    attempts::{MAX_WAIT, SECOND_FAILURES},
    factor::{SECOND_STEP_LIFE, SecondProof, SecondStepError},
    login::LoginError,
    mail::Notice,
};

use super::Owner;
use crate::world::{EMAIL, NEW_PASSWORD, PASSWORD};

const DAY: u64 = 24 * 60 * 60;

#[tokio::test]
async fn wrong_codes_wait_longer_and_longer_and_are_refused_in_the_end() {
    let owner = Owner::new().await;

    let failed = guess_without_end(&owner, 1_000).await;

    assert_eq!(failed, SECOND_FAILURES);
    // Neither a right code nor time opens the lane again.
    let later = 1_000 + 90 * DAY;
    let outcome = owner.login(SecondProof::Code(&owner.app.code(later)), later).await;
    let Err(SecondStepError::Throttled { retry_after, .. }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(retry_after, MAX_WAIT);
}

#[tokio::test]
async fn the_owner_is_told_from_the_fifth_failure_on() {
    let owner = Owner::new().await;
    let told = || {
        let notices = owner.world.store.queued_notices();
        notices
            .iter()
            .filter(|notice| notice.what == Notice::SecondFactorRefused)
            .count()
    };
    for failure in 1..=4 {
        guess(&owner, 60 + failure).await.unwrap_err();
    }
    assert_eq!(told(), 0);

    guess(&owner, 65).await.unwrap_err();

    assert_eq!(told(), 1);
}

#[tokio::test]
async fn a_recovery_code_opens_a_closed_lane() {
    let owner = Owner::new().await;
    guess_without_end(&owner, 1_000).await;
    let now = 1_000 + 2 * DAY;

    owner
        .login(SecondProof::Recovery(&owner.recovery[0]), now)
        .await
        .unwrap();

    owner
        .login(SecondProof::Code(&owner.app.code(now + 60)), now + 60)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_password_has_a_lane_of_its_own() {
    let owner = Owner::new().await;
    let now = 1_000;
    let code = owner.app.code(now);
    let session = owner.login(SecondProof::Code(&code), now).await.unwrap();
    guess_without_end(&owner, now + 1).await;
    let later = now + 2 * DAY;

    // A session that has proven the factor may set another password.
    owner
        .world
        .change_password(&session.tokens.sid, PASSWORD, now + 2)
        .await
        .unwrap();

    let token = owner.first_step_with(NEW_PASSWORD, later).await.token;
    let code = owner.app.code(later);
    owner
        .second_step(token.expose(), SecondProof::Code(&code), later)
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_uses_up_codes_without_the_password() {
    let owner = Owner::new().await;
    let store = &owner.world.store;

    for _ in 0..5 {
        let outcome = owner.world.login(EMAIL, "wrong", store, store).await;
        assert!(matches!(outcome, Err(LoginError::WrongPassword(_))), "{outcome:?}");
    }

    owner.login(SecondProof::Code(&owner.app.code(DAY)), DAY).await.unwrap();
}

#[tokio::test]
async fn a_right_code_forgets_the_wrong_ones_before_it() {
    let owner = Owner::new().await;
    for failure in 1..=4 {
        guess(&owner, 60 + failure).await.unwrap_err();
    }

    owner.login(SecondProof::Code(&owner.app.code(90)), 90).await.unwrap();

    for failure in 1..=4 {
        let outcome = guess(&owner, 90 + failure).await;
        assert!(matches!(outcome, Err(SecondStepError::Refused { .. })), "{outcome:?}");
    }
}

/// Tries a wrong code.
async fn guess(owner: &Owner, seconds: u64) -> Result<(), SecondStepError> {
    let code = owner.app.wrong_code(seconds);
    owner.login(SecondProof::Code(&code), seconds).await.map(drop)
}

/// Tries wrong codes for a day, as often as they are admitted. Returns how many were checked. The token of a first step is
/// used as long as it is valid, because there may be only so many logins in an hour.
async fn guess_without_end(owner: &Owner, from: u64) -> u64 {
    let (mut now, mut failed) = (from, 0_u64);
    let (mut token, mut until) = (owner.first_step(now).await.token, valid_until(now));
    while now < from.saturating_add(DAY) {
        if now >= until {
            (token, until) = (owner.first_step(now).await.token, valid_until(now));
        }
        let code = owner.app.wrong_code(now);
        match owner.second_step(token.expose(), SecondProof::Code(&code), now).await {
            Err(SecondStepError::Refused { .. }) => failed = failed.saturating_add(1),
            Err(SecondStepError::Throttled { retry_after, .. }) => now = now.saturating_add(retry_after.get()),
            other => panic!("{other:?}"),
        }
    }
    failed
}

/// Returns until when the token of a first step is valid.
const fn valid_until(now: u64) -> u64 {
    now.saturating_add(SECOND_STEP_LIFE.get())
}
