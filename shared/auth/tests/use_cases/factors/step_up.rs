//! Confirming in a session who one is.

use auth::factor::{ConfirmError, SecondProof, remove_totp};
use claims::{Acr, Amr, Unverified};

use super::{Owner, confirm_in};
use crate::world::{PASSWORD, World, after};

#[tokio::test]
async fn a_password_alone_moves_the_time_and_nothing_else() {
    let world = World::new().await;
    let tokens = world.logged_in().await;

    let confirmed = confirm_in(&world, &tokens.sid, PASSWORD, None, 700).await.unwrap();

    assert_eq!((confirmed.acr, confirmed.expires_in.get()), (Acr::Aal1, 900));
    let refreshed = world.refresh(tokens.refresh.expose(), 701).await.unwrap().tokens;
    let claims = world.read(&refreshed, 701);
    assert_eq!(
        (claims.own().auth_time, claims.own().acr),
        (after(700).timestamp(), Acr::Aal1)
    );
    assert_eq!(world.session(&tokens.sid).await.created_at, after(0).timestamp());
    assert!(Unverified::<claims::Access>::parse(confirmed.access.expose()).is_ok());
}

#[tokio::test]
async fn a_user_with_a_factor_has_to_prove_it() {
    let owner = Owner::new().await;

    let without = owner.confirm(&owner.sid, PASSWORD, None, 60).await;
    assert!(
        matches!(without, Err(ConfirmError::SecondRequired { .. })),
        "{without:?}"
    );
    let wrong = owner.app.wrong_code(60);
    let refused = owner
        .confirm(&owner.sid, PASSWORD, Some(SecondProof::Code(&wrong)), 60)
        .await;
    assert!(matches!(refused, Err(ConfirmError::Refused { .. })), "{refused:?}");
    assert_eq!(owner.world.session(&owner.sid).await.auth_time, after(0).timestamp());

    let code = owner.app.code(60);
    let confirmed = owner
        .confirm(&owner.sid, PASSWORD, Some(SecondProof::Code(&code)), 60)
        .await;

    assert_eq!(confirmed.unwrap().acr, Acr::Aal2);
    assert_eq!(owner.world.session(&owner.sid).await.auth_time, after(60).timestamp());
    let again = owner
        .confirm(&owner.sid, PASSWORD, Some(SecondProof::Code(&code)), 61)
        .await;
    assert!(matches!(again, Err(ConfirmError::Refused { .. })), "{again:?}");
}

/// What the session proved before belongs to an earlier time.
#[tokio::test]
async fn a_password_alone_is_one_factor_after_the_app_was_removed() {
    let owner = Owner::new().await;
    let world = &owner.world;
    let code = owner.app.code(60);
    let proof = Some(SecondProof::Code(&code));
    assert_eq!(
        owner.confirm(&owner.sid, PASSWORD, proof, 60).await.unwrap().acr,
        Acr::Aal2
    );
    remove_totp(
        &world.user.id,
        &owner.sid,
        after(61),
        &world.store,
        &world.store,
        &world.store,
    )
    .await
    .unwrap();

    let confirmed = owner.confirm(&owner.sid, PASSWORD, None, 700).await.unwrap();

    assert_eq!(confirmed.acr, Acr::Aal1);
    assert_eq!(world.session(&owner.sid).await.amr, Amr::PASSWORD);
}

#[tokio::test]
async fn a_wrong_password_uses_up_no_code() {
    let owner = Owner::new().await;
    let code = owner.app.code(60);

    let refused = owner
        .confirm(&owner.sid, "wrong", Some(SecondProof::Code(&code)), 60)
        .await;
    assert!(matches!(refused, Err(ConfirmError::Refused { .. })), "{refused:?}");

    owner
        .confirm(&owner.sid, PASSWORD, Some(SecondProof::Code(&code)), 61)
        .await
        .unwrap();
}

#[tokio::test]
async fn guesses_at_the_password_wait_as_for_a_change_of_it() {
    let world = World::new().await;
    let sid = world.logged_in().await.sid;
    for _ in 0..5 {
        let refused = confirm_in(&world, &sid, "wrong", None, 0).await;
        assert!(matches!(refused, Err(ConfirmError::Refused { .. })), "{refused:?}");
    }

    let outcome = confirm_in(&world, &sid, PASSWORD, None, 0).await;

    assert!(matches!(outcome, Err(ConfirmError::Throttled { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_session_that_is_over_confirms_nothing() {
    let owner = Owner::new().await;
    let other = "another".parse().unwrap();

    let outcome = owner.confirm(&other, PASSWORD, None, 60).await;

    assert!(matches!(outcome, Err(ConfirmError::Over(_))), "{outcome:?}");
}
