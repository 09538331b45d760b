//! The laws of `ResetPassword`.

use auth::{
    accounts::MoveUser,
    password::PasswordRecord,
    reset_password::ResetPassword,
    user::{FactorKinds, User},
};
use claims::{Moment, Span, UserId};
use doubles::Everyone;
use futures::future::join_all;

use crate::{
    laws,
    users::{add, credentials, email, user},
};

laws! { users with resets:
    a_reset_replaces_the_password_and_raises_the_epoch
    of_fifty_resets_of_one_password_one_is_made
    a_password_that_changed_meanwhile_stays_as_it_is
    a_user_who_moved_meanwhile_keeps_the_password
    nobody_is_made_by_a_reset
}

const ADDRESS: &str = "ada@example.com";
const NOW: Moment = Moment::new(1_700_000_000_000);

async fn a_reset_replaces_the_password_and_raises_the_epoch(store: &impl Everyone, resets: &impl ResetPassword) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, ADDRESS).await;
    add(store, &grace, "grace@example.com").await;
    let (seen, new) = (credentials(&ada.id, "first"), later(&ada.id, "second", 7));

    let done = resets
        .reset(&email(" ADA@example.com"), &seen, &new, FactorKinds::None, None, NOW)
        .await
        .unwrap();

    assert!(done);
    let stored = store.password_record(&email(ADDRESS)).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&new));
    let raised = User {
        epoch: 1,
        epoch_raised_at: Some(new.password_changed_at),
        ..ada
    };
    assert_eq!(store.user(&raised.id).await.unwrap(), Some(raised));
    assert_eq!(store.user(&grace.id).await.unwrap(), Some(grace));
}

async fn of_fifty_resets_of_one_password_one_is_made(store: &impl Everyone, resets: &impl ResetPassword) {
    let (ada, address) = (user(1), email(ADDRESS));
    add(store, &ada, ADDRESS).await;
    let seen = credentials(&ada.id, "first");
    let new: Vec<PasswordRecord> = (0..50).map(|number| later(&ada.id, &number.to_string(), 1)).collect();

    // At most a few transactions at a time, since a transaction fails that meets too many others.
    let mut done = Vec::new();
    for some in new.chunks(5) {
        let outcomes = join_all(
            some.iter()
                .map(|new| resets.reset(&address, &seen, new, FactorKinds::None, None, NOW)),
        )
        .await;
        done.extend(outcomes.into_iter().map(|outcome| matches!(outcome, Ok(true))));
    }

    let stored = store.password_record(&address).await.unwrap().unwrap();
    let expected: Vec<bool> = new.iter().map(|new| *new == stored).collect();
    assert_eq!((done.iter().filter(|done| **done).count(), done), (1, expected));
    assert_eq!(store.user(&ada.id).await.unwrap().unwrap().epoch, 1);
}

/// A link is bound to the time alone, but a reset compares the hash, the time and the user.
async fn a_password_that_changed_meanwhile_stays_as_it_is(store: &impl Everyone, resets: &impl ResetPassword) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, ADDRESS).await;
    add(store, &grace, "grace@example.com").await;
    let new = later(&ada.id, "second", 7);
    let stored = credentials(&ada.id, "first");

    for seen in [credentials(&ada.id, "earlier"), later(&ada.id, "first", 1)] {
        assert!(
            !resets
                .reset(&email(ADDRESS), &seen, &new, FactorKinds::None, None, NOW)
                .await
                .unwrap(),
            "{seen:?}"
        );
    }
    let (of_grace, hers) = (credentials(&grace.id, "first"), later(&grace.id, "second", 7));
    assert!(
        !resets
            .reset(&email(ADDRESS), &of_grace, &hers, FactorKinds::None, None, NOW)
            .await
            .unwrap()
    );

    assert_eq!(store.password_record(&email(ADDRESS)).await.unwrap(), Some(stored));
    for user in [ada, grace] {
        assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
    }
}

async fn a_user_who_moved_meanwhile_keeps_the_password(
    store: &(impl Everyone + MoveUser),
    resets: &impl ResetPassword,
) {
    let (ada, moved) = (user(1), email("moved@example.com"));
    add(store, &ada, ADDRESS).await;
    let seen = credentials(&ada.id, "first");
    assert!(store.move_to(&seen, &email(ADDRESS), &moved).await.unwrap());

    let done = resets
        .reset(
            &email(ADDRESS),
            &seen,
            &later(&ada.id, "second", 7),
            FactorKinds::None,
            None,
            NOW,
        )
        .await;

    assert!(!done.unwrap());
    assert_eq!(store.password_record(&email(ADDRESS)).await.unwrap(), None);
    assert_eq!(store.password_record(&moved).await.unwrap(), Some(seen));
    assert_eq!(store.user(&ada.id).await.unwrap().unwrap().epoch, 0);
}

async fn nobody_is_made_by_a_reset(store: &impl Everyone, resets: &impl ResetPassword) {
    let nobody = user(1).id;
    let (seen, new) = (credentials(&nobody, "first"), later(&nobody, "second", 7));

    assert!(
        !resets
            .reset(&email(ADDRESS), &seen, &new, FactorKinds::None, None, NOW)
            .await
            .unwrap()
    );

    assert_eq!(store.password_record(&email(ADDRESS)).await.unwrap(), None);
    assert_eq!(doubles::everyone(store).await.unwrap(), []);
}

/// Returns credentials that were set this many seconds later.
fn later(user_id: &UserId, hash: &str, seconds: u64) -> PasswordRecord {
    let first = credentials(user_id, hash);
    PasswordRecord {
        password_changed_at: first.password_changed_at.plus(Span::seconds(seconds)),
        ..first
    }
}
