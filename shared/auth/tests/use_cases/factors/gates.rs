//! What a session without the second factor may not do.

use auth::{
    change_password::PasswordChangeError,
    factor::{SecondProof, StepUp as _},
    session::FindSession as _,
};
use claims::{Amr, SessionId};

use super::Owner;
use crate::world::{PASSWORD, after};

#[tokio::test]
async fn a_session_of_one_factor_changes_no_password_of_a_user_with_two() {
    let owner = Owner::new().await;
    let sid = session_of_one_factor(&owner).await;

    let outcome = owner.world.change_password(&sid, PASSWORD, 61).await;

    assert!(
        matches!(outcome, Err(PasswordChangeError::Demanded { .. })),
        "{outcome:?}"
    );
    owner.world.change_password(&owner.sid, PASSWORD, 61).await.unwrap();
}

/// Opens a session as a login would that did not ask for the factor.
async fn session_of_one_factor(owner: &Owner) -> SessionId {
    let done = owner.login(SecondProof::Code(&owner.app.code(60)), 60).await.unwrap();
    let (store, id) = (&owner.world.store, &owner.world.user.id);
    let session = store.session(id, &done.tokens.sid).await.unwrap().unwrap();
    let at = session.auth_time;
    assert!(
        store
            .step_up(&session, Amr::PASSWORD, at, None, after(60))
            .await
            .unwrap()
    );
    session.sid
}
