//! Adding, removing and renewing factors.

use auth::{
    factor::{FactorError, FindFactors as _, SecondProof, list_factors, remove_totp, renew_recovery, reset_factors},
    mail::Notice,
    user::{FactorKinds, FindUser as _},
};
use claims::Acr;
use rand::{SeedableRng as _, rngs::StdRng};

use super::{Owner, begin, enrol, finish, finish_announced};
use crate::{
    doubles::Unreachable,
    world::{World, after},
};

#[tokio::test]
async fn an_enrolment_writes_nothing_until_it_is_confirmed() {
    let world = World::new().await;
    let sid = world.logged_in().await.sid;
    let before = world.store.user(&world.user.id).await.unwrap();

    begin(&world, &sid, 0).await.unwrap();

    assert_eq!(world.store.user(&world.user.id).await.unwrap(), before);
    assert!(world.store.factors(&world.user.id).await.unwrap().kinds().is_none());
    world.logged_in().await;
}

#[tokio::test]
async fn a_confirmed_app_ends_the_other_sessions_and_raises_this_one() {
    let world = World::new().await;
    let (own, other) = (world.logged_in().await, world.logged_in().await);

    let (_, enrolled) = enrol(&world, &own.sid, 5).await.unwrap();

    assert_eq!(enrolled.recovery.unwrap().as_slice().len(), 10);
    let user = world.store.user(&world.user.id).await.unwrap().unwrap();
    assert_eq!((user.factors, user.epoch), (FactorKinds::Totp, 1));
    assert!(world.refresh(other.refresh.expose(), 6).await.is_err());
    let refreshed = world.refresh(own.refresh.expose(), 6).await.unwrap().tokens;
    let claims = world.read(&refreshed, 6);
    assert_eq!(
        (claims.own().acr, claims.own().auth_time),
        (Acr::Aal2, after(5).timestamp())
    );
    assert_eq!(notices(&world), [Notice::FactorAdded]);
}

#[tokio::test]
async fn the_code_of_the_enrolment_is_used_up() {
    let owner = Owner::new().await;
    let code = owner.app.code(0);

    assert!(owner.login(SecondProof::Code(&code), 1).await.is_err());
    let next = owner.app.code(30);
    owner.login(SecondProof::Code(&next), 30).await.unwrap();
}

#[tokio::test]
async fn a_wrong_code_or_an_enrolment_that_is_not_this_sessions_adds_nothing() {
    let world = World::new().await;
    let (own, other) = (world.logged_in().await.sid, world.logged_in().await.sid);
    let (app, enrolment) = begin(&world, &own, 0).await.unwrap();
    let code = app.code(0);

    for (sid, enrolment, code, seconds) in [
        (&own, enrolment.as_str(), app.wrong_code(0).as_str(), 0),
        (&own, "x", &code, 0),
        (&other, &enrolment, &code, 0),
        (&own, &enrolment, &app.code(599 + 60), 599 + 1),
    ] {
        let outcome = finish(&world, sid, enrolment, code, seconds).await;

        assert!(
            matches!(outcome, Err(FactorError::Refused { .. } | FactorError::Demanded { .. })),
            "{outcome:?}"
        );
    }
    assert!(world.store.factors(&world.user.id).await.unwrap().kinds().is_none());
}

#[tokio::test]
async fn a_user_has_one_app() {
    let owner = Owner::new().await;
    let (world, sid) = (&owner.world, &owner.sid);

    assert!(matches!(begin(world, sid, 1).await, Err(FactorError::Conflict(_))));
    let outcome = finish(world, sid, "x", "000000", 1).await;
    assert!(matches!(outcome, Err(FactorError::Conflict(_))), "{outcome:?}");
}

#[tokio::test]
async fn factors_change_only_in_a_fresh_session() {
    let world = World::new().await;
    let sid = world.logged_in().await.sid;

    assert!(begin(&world, &sid, 599).await.is_ok());
    let Err(FactorError::Demanded { demand, .. }) = begin(&world, &sid, 600).await else {
        panic!("an old session may add a factor");
    };
    assert_eq!((demand.acr, demand.max_age.unwrap().get()), (None, 600));
}

#[tokio::test]
async fn without_the_app_a_password_is_enough_again() {
    let owner = Owner::new().await;
    let (store, id) = (&owner.world.store, &owner.world.user.id);

    let outcome = remove_totp(id, &owner.sid, after(600), store, store, store).await;
    assert!(matches!(outcome, Err(FactorError::Demanded { .. })), "{outcome:?}");
    remove_totp(id, &owner.sid, after(599), store, store, store)
        .await
        .unwrap();

    assert_eq!(store.user(id).await.unwrap().unwrap().factors, FactorKinds::None);
    let left = store.factors(id).await.unwrap();
    assert!(left.totp.is_none() && left.recovery.is_empty());
    owner.world.logged_in().await;
    assert_eq!(notices(&owner.world), [Notice::FactorAdded, Notice::FactorRemoved]);
    let again = remove_totp(id, &owner.sid, after(599), store, store, store).await;
    assert!(matches!(again, Err(FactorError::NotFound(_))), "{again:?}");
}

#[tokio::test]
async fn new_recovery_codes_replace_all_others() {
    let owner = Owner::new().await;
    let (store, id) = (&owner.world.store, &owner.world.user.id);
    let rng = &mut StdRng::seed_from_u64(99);

    let codes = renew_recovery(id, &owner.sid, after(1), rng, store, store, store)
        .await
        .unwrap();

    assert!(owner.login(SecondProof::Recovery(&owner.recovery[3]), 2).await.is_err());
    let new = codes.as_slice()[3].to_text();
    owner.login(SecondProof::Recovery(&new), 3).await.unwrap();
}

#[tokio::test]
async fn recovery_codes_come_with_a_factor_alone() {
    let world = World::new().await;
    let (store, sid) = (&world.store, world.logged_in().await.sid);
    let rng = &mut StdRng::seed_from_u64(99);

    let outcome = renew_recovery(&world.user.id, &sid, after(1), rng, store, store, store).await;

    assert!(matches!(outcome, Err(FactorError::NotFound(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_reset_by_an_operator_removes_all_factors_and_ends_all_sessions() {
    let owner = Owner::new().await;
    let (store, id) = (&owner.world.store, &owner.world.user.id);

    assert!(reset_factors(id, "lost phone", after(1), store, store).await.unwrap());

    let user = store.user(id).await.unwrap().unwrap();
    assert_eq!((user.factors, user.epoch), (FactorKinds::None, 2));
    let reset = store.factors(id).await.unwrap().reset.unwrap();
    assert_eq!((reset.at, reset.reason.as_str()), (after(1).timestamp(), "lost phone"));
    let listed = list_factors(id, &owner.sid, after(2), store, store, store).await;
    assert!(matches!(listed, Err(FactorError::Over(_))), "{listed:?}");
    owner.world.logged_in().await;
    let nobody = "nobody".parse().unwrap();
    assert!(
        !reset_factors(&nobody, "lost phone", after(1), store, store)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_confirmation_whose_answer_was_lost_succeeds_again_with_new_recovery_codes() {
    let world = World::new().await;
    let sid = world.logged_in().await.sid;
    let (app, enrolment) = begin(&world, &sid, 0).await.unwrap();
    let code = app.code(0);
    let lost = finish_announced(&world, &sid, &enrolment, &code, 0, &Unreachable).await;
    assert!(matches!(lost, Err(FactorError::Store(_))), "{lost:?}");

    let unannounced = finish_announced(&world, &sid, &enrolment, &code, 1, &Unreachable).await;
    let repeated = finish(&world, &sid, &enrolment, &code, 1).await.unwrap();

    assert!(matches!(unannounced, Err(FactorError::Store(_))), "{unannounced:?}");
    let stored = world.store.factors(&world.user.id).await.unwrap();
    assert_eq!(stored.recovery, repeated.recovery.unwrap().hashes());
    let other = app.code(30);
    let conflict = finish(&world, &sid, &enrolment, &other, 30).await;
    assert!(matches!(conflict, Err(FactorError::Conflict(_))), "{conflict:?}");
}

/// Returns the notices that wait, in the order of their kinds.
fn notices(world: &World) -> Vec<Notice> {
    let mut notices: Vec<Notice> = world.store.queued_notices().iter().map(|notice| notice.what).collect();
    notices.sort_unstable();
    notices
}
