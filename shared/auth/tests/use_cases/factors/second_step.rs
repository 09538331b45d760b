//! The second step of a login.

use auth::{
    accounts,
    factor::{FindFactors as _, SecondProof, SecondStepError},
    mail::Notice,
    session::FindSession as _,
    user::FactorKinds,
};
use claims::{Acr, Delivery, Unverified};

use super::Owner;
use crate::world::{EMAIL, World, after, email};

#[tokio::test]
async fn a_right_password_asks_for_the_second_step_and_opens_no_session() {
    let owner = Owner::new().await;

    let required = owner.first_step(60).await;

    assert_eq!((required.factors, required.expires_in.get()), (FactorKinds::Totp, 300));
    let claims = owner.claims(required.token.expose(), 60).unwrap();
    let store = &owner.world.store;
    let session = store.session(&owner.world.user.id, &claims.own().sid).await;
    assert_eq!(session.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_password_never_mentions_the_second_step() {
    let owner = Owner::new().await;
    let store = &owner.world.store;

    let outcome = owner.world.login(EMAIL, "wrong", store, store).await;

    assert!(
        matches!(outcome, Err(auth::login::LoginError::WrongPassword(_))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_right_code_opens_a_session_with_two_factors_that_refresh_passes_on() {
    let owner = Owner::new().await;

    let done = owner.login(SecondProof::Code(&owner.app.code(60)), 60).await.unwrap();

    assert_eq!((done.method, done.tokens.delivery), ("totp", Delivery::Body));
    let claims = owner.world.read(&done.tokens, 60);
    assert_eq!(claims.own().acr, Acr::Aal2);
    assert_eq!(format!("{:?}", claims.own().amr), r#"["pwd", "otp", "mfa"]"#);
    let refreshed = owner
        .world
        .refresh(done.tokens.refresh.expose(), 90)
        .await
        .unwrap()
        .tokens;
    let later = owner.world.read(&refreshed, 90);
    assert_eq!(
        (later.own().amr, later.own().auth_time),
        (claims.own().amr, after(60).timestamp())
    );
}

#[tokio::test]
async fn a_code_and_all_before_it_work_once() {
    let owner = Owner::new().await;
    let [earlier, code] = [owner.app.code(60), owner.app.code(90)];

    owner.login(SecondProof::Code(&code), 90).await.unwrap();

    for used in [&code, &earlier] {
        let outcome = owner.login(SecondProof::Code(used), 91).await;
        assert!(matches!(outcome, Err(SecondStepError::Refused { .. })), "{outcome:?}");
    }
    owner.login(SecondProof::Code(&owner.app.code(120)), 91).await.unwrap();
}

#[tokio::test]
async fn a_token_opens_one_session() {
    let owner = Owner::new().await;
    let token = owner.first_step(60).await.token;
    let [first, second] = [owner.app.code(60), owner.app.code(90)];

    let done = owner
        .second_step(token.expose(), SecondProof::Code(&first), 60)
        .await
        .unwrap();
    let again = owner.second_step(token.expose(), SecondProof::Code(&second), 90).await;

    assert!(matches!(again, Err(SecondStepError::Refused { .. })), "{again:?}");
    // The session of the first use goes on, and the second code was not used up.
    owner.world.refresh(done.tokens.refresh.expose(), 91).await.unwrap();
    owner.login(SecondProof::Code(&second), 92).await.unwrap();
}

#[tokio::test]
async fn a_token_is_over_after_five_minutes_and_once_anything_about_the_user_changes() {
    let owner = Owner::new().await;
    let (world, store) = (&owner.world, &owner.world.store);
    let token = owner.first_step(60).await.token;
    let late = owner.app.code(400);
    assert!(
        owner
            .second_step(token.expose(), SecondProof::Code(&late), 400)
            .await
            .is_err()
    );

    let token = owner.first_step(410).await.token;
    accounts::disable_user(&email(EMAIL), after(411), store, store)
        .await
        .unwrap();
    let code = owner.app.code(412);
    assert!(
        owner
            .second_step(token.expose(), SecondProof::Code(&code), 412)
            .await
            .is_err()
    );
    accounts::enable_user(&email(EMAIL), store).await.unwrap();
    let raised = owner.second_step(token.expose(), SecondProof::Code(&code), 413).await;
    assert!(raised.is_err(), "the epoch was raised: {raised:?}");
    assert_eq!(world.store.factors(&world.user.id).await.unwrap().recovery.len(), 10);
}

#[tokio::test]
async fn a_token_of_the_second_step_is_no_other_token_and_no_other_is_one() {
    let owner = Owner::new().await;
    let required = owner.first_step(60).await;
    let text = required.token.expose();
    let now = after(60).timestamp();
    let refresh = &owner.world.keys.refresh;

    assert!(
        refresh
            .verifier()
            .verify(&Unverified::parse(text).unwrap(), now)
            .is_err()
    );
    assert!(
        refresh
            .devices()
            .verify(&Unverified::parse(text).unwrap(), now)
            .is_err()
    );
    let other = World::new().await.logged_in().await;
    assert!(owner.claims(other.refresh.expose(), 0).is_none());
    assert!(owner.claims(other.access.expose(), 0).is_none());
}

#[tokio::test]
async fn a_recovery_code_works_once_and_is_replaced() {
    let owner = Owner::new().await;
    let code = &owner.recovery[4];

    let done = owner.login(SecondProof::Recovery(code), 60).await.unwrap();

    assert_eq!(
        (done.method, owner.world.read(&done.tokens, 60).own().acr),
        ("recovery", Acr::Aal2)
    );
    let replacement = done.replacement.unwrap().to_text();
    assert!(replacement.starts_with("4-") && **replacement != **code);
    let again = owner.login(SecondProof::Recovery(code), 61).await;
    assert!(matches!(again, Err(SecondStepError::Refused { .. })), "{again:?}");
    owner.login(SecondProof::Recovery(&replacement), 62).await.unwrap();
    let told = owner.world.store.queued_notices();
    assert!(told.iter().any(|notice| notice.what == Notice::RecoveryCodeUsed));
}
