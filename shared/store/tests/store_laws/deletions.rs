//! The laws of `ScheduleDeletion`, `CancelDeletion`, `FindDeletions` and `RemoveDeleted`.

use auth::{
    accounts::Addition,
    deletion::{CancelDeletion, Deletion, FindDeletions, RemoveDeleted, ScheduleDeletion},
    mail::{Notice, QueuedNotice},
    user::{Status, User},
};
use claims::{Moment, Span, Timestamp};
use doubles::Everyone;
use futures::future::join_all;

use crate::{
    laws,
    users::{add, credentials, email, user},
};

laws! { users with deletions:
    a_deletion_closes_the_account_and_keeps_its_address
    only_the_same_password_and_address_delete_an_enabled_user
    of_ten_deletions_at_once_one_is_scheduled
    a_deletion_that_is_cancelled_removes_nothing
    of_ten_cancellations_one_succeeds
    an_operator_who_enables_the_user_cancels_the_deletion
    deletions_are_found_in_order_and_page_by_page
    a_removed_account_leaves_its_id_alone
    an_account_is_removed_only_with_its_own_deletion
}

trait Deletes: ScheduleDeletion + CancelDeletion + FindDeletions + RemoveDeleted {}
impl<T: ScheduleDeletion + CancelDeletion + FindDeletions + RemoveDeleted> Deletes for T {}

const ADDRESS: &str = "ada@example.com";
const NOW: Moment = Moment::new(1_700_000_000_000);

async fn a_deletion_closes_the_account_and_keeps_its_address(store: &impl Everyone, deletions: &impl Deletes) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, ADDRESS).await;
    add(store, &grace, "grace@example.com").await;

    assert!(schedule(deletions, &ada, 7).await);

    let deleted = User {
        status: Status::Deleting,
        delete_at: Some(at(7)),
        epoch: 1,
        epoch_raised_at: Some(NOW.timestamp()),
        ..ada.clone()
    };
    assert_eq!(store.user(&ada.id).await.unwrap(), Some(deleted));
    assert_eq!(store.user(&grace.id).await.unwrap(), Some(grace));
    let kept = store.password_record(&email(ADDRESS)).await.unwrap();
    assert_eq!(kept, Some(credentials(&ada.id, "first")));
    assert_eq!(add(store, &user(3), ADDRESS).await, Addition::Taken);
}

async fn only_the_same_password_and_address_delete_an_enabled_user(store: &impl Everyone, deletions: &impl Deletes) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, ADDRESS).await;
    add(store, &grace, "grace@example.com").await;
    let own = credentials(&ada.id, "first");
    let (deletion, notice) = (deletion(&ada, 7), notice(&ada));

    for (address, seen) in [
        (ADDRESS, credentials(&ada.id, "second")),
        ("grace@example.com", own.clone()),
        ("nobody@example.com", own.clone()),
    ] {
        let scheduled = deletions
            .schedule(&deletion, &email(address), &seen, &notice, NOW)
            .await;
        assert!(!scheduled.unwrap(), "{address}");
    }
    store.disable(&ada.id).await.unwrap();
    assert!(!schedule(deletions, &ada, 7).await);

    assert_eq!(store.user(&ada.id).await.unwrap().unwrap().status, Status::Disabled);
    assert_eq!(due(deletions, 7).await, []);
}

async fn of_ten_deletions_at_once_one_is_scheduled(store: &impl Everyone, deletions: &impl Deletes) {
    let ada = user(1);
    add(store, &ada, ADDRESS).await;
    let seen = credentials(&ada.id, "first");
    let all: Vec<Deletion> = (1..=10).map(|seconds| deletion(&ada, seconds)).collect();

    let mut done = Vec::new();
    // At most a few transactions at a time, since a transaction fails that meets too many others.
    for some in all.chunks(5) {
        let (address, notice) = (email(ADDRESS), notice(&ada));
        let scheduled = some
            .iter()
            .map(|deletion| deletions.schedule(deletion, &address, &seen, &notice, NOW));
        let outcomes = join_all(scheduled).await;
        done.extend(outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(true))));
    }

    assert_eq!(done.len(), 1);
    let marked = store.user(&ada.id).await.unwrap().unwrap();
    let [found] = due(deletions, 10).await.try_into().unwrap();
    assert_eq!((marked.epoch, marked.delete_at), (1, Some(found.delete_at)));
}

async fn a_deletion_that_is_cancelled_removes_nothing(store: &impl Everyone, deletions: &impl Deletes) {
    let ada = user(1);
    add(store, &ada, ADDRESS).await;
    schedule(deletions, &ada, 7).await;

    assert!(!deletions.cancel(&deletion(&ada, 8), None, NOW).await.unwrap());
    assert!(deletions.cancel(&deletion(&ada, 7), None, NOW).await.unwrap());

    let kept = User {
        epoch: 1,
        epoch_raised_at: Some(NOW.timestamp()),
        ..ada.clone()
    };
    assert_eq!(store.user(&ada.id).await.unwrap(), Some(kept));
    assert_eq!(due(deletions, 7).await, []);
    assert!(!remove(deletions, &ada, 7).await);
    assert!(store.password_record(&email(ADDRESS)).await.unwrap().is_some());
}

async fn of_ten_cancellations_one_succeeds(store: &impl Everyone, deletions: &impl Deletes) {
    let ada = user(1);
    add(store, &ada, ADDRESS).await;
    schedule(deletions, &ada, 7).await;
    let deletion = deletion(&ada, 7);

    let mut done = Vec::new();
    for _ in 0..2 {
        let outcomes = join_all((0..5).map(|_| deletions.cancel(&deletion, None, NOW))).await;
        done.extend(outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(true))));
    }

    assert_eq!(done.len(), 1);
}

async fn an_operator_who_enables_the_user_cancels_the_deletion(store: &impl Everyone, deletions: &impl Deletes) {
    let ada = user(1);
    add(store, &ada, ADDRESS).await;
    schedule(deletions, &ada, 7).await;

    assert!(store.enable(&ada.id).await.unwrap());

    let enabled = store.user(&ada.id).await.unwrap().unwrap();
    assert_eq!((enabled.status, enabled.delete_at), (Status::Enabled, None));
    assert!(!remove(deletions, &ada, 7).await);
    deletions.drop_deletion(&deletion(&ada, 7)).await.unwrap();
    assert_eq!(due(deletions, 7).await, []);
}

async fn deletions_are_found_in_order_and_page_by_page(store: &impl Everyone, deletions: &impl Deletes) {
    for (number, seconds) in [(1, 30), (2, 10), (3, 20), (4, 40)] {
        let (user, address) = (user(number), format!("{number}@example.com"));
        add(store, &user, &address).await;
        let (seen, notice) = (credentials(&user.id, "first"), notice(&user));
        let deletion = deletion(&user, seconds);
        let scheduled = deletions
            .schedule(&deletion, &email(&address), &seen, &notice, NOW)
            .await;
        assert!(scheduled.unwrap());
    }
    let expected = [(2, 10), (3, 20), (1, 30)].map(|(number, seconds)| deletion(&user(number), seconds));

    assert_eq!(due(deletions, 9).await, []);
    assert_eq!(due(deletions, 30).await, expected);
    let first = deletions.due(None, at(30), 2).await.unwrap();
    assert_eq!(first, expected[..2]);
    assert_eq!(deletions.due(first.last(), at(30), 2).await.unwrap(), expected[2..]);
}

async fn a_removed_account_leaves_its_id_alone(store: &impl Everyone, deletions: &impl Deletes) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, ADDRESS).await;
    add(store, &grace, "grace@example.com").await;
    schedule(deletions, &ada, 7).await;

    assert!(remove(deletions, &ada, 7).await);

    assert_eq!(store.user(&ada.id).await.unwrap(), None);
    assert_eq!(store.password_record(&email(ADDRESS)).await.unwrap(), None);
    assert_eq!(due(deletions, 7).await, []);
    assert_eq!(doubles::everyone(store).await.unwrap(), [grace]);
    assert_eq!(
        add(store, &ada, ADDRESS).await,
        Addition::Taken,
        "an id is never used again"
    );
    assert_eq!(add(store, &user(3), ADDRESS).await, Addition::Added);
    assert!(!remove(deletions, &ada, 7).await);
}

async fn an_account_is_removed_only_with_its_own_deletion(store: &impl Everyone, deletions: &impl Deletes) {
    let ada = user(1);
    add(store, &ada, ADDRESS).await;
    schedule(deletions, &ada, 7).await;

    assert!(!remove(deletions, &ada, 8).await);
    let elsewhere = email("grace@example.com");
    assert!(!deletions.remove_deleted(&deletion(&ada, 7), &elsewhere).await.unwrap());

    assert!(store.user(&ada.id).await.unwrap().is_some());
    assert_eq!(due(deletions, 7).await, [deletion(&ada, 7)]);
}

async fn schedule(deletions: &impl Deletes, ada: &User, seconds: u64) -> bool {
    let seen = credentials(&ada.id, "first");
    let (deletion, notice) = (deletion(ada, seconds), notice(ada));
    let scheduled = deletions
        .schedule(&deletion, &email(ADDRESS), &seen, &notice, NOW)
        .await;
    scheduled.unwrap()
}

async fn remove(deletions: &impl Deletes, ada: &User, seconds: u64) -> bool {
    let removed = deletions.remove_deleted(&deletion(ada, seconds), &email(ADDRESS)).await;
    removed.unwrap()
}

async fn due(deletions: &impl Deletes, seconds: u64) -> Vec<Deletion> {
    deletions.due(None, at(seconds), 25).await.unwrap()
}

fn deletion(user: &User, seconds: u64) -> Deletion {
    Deletion {
        user_id: user.id.clone(),
        delete_at: at(seconds),
    }
}

fn notice(user: &User) -> QueuedNotice {
    QueuedNotice::new(user.id.clone(), Notice::AccountDeleted, NOW)
}

fn at(seconds: u64) -> Timestamp {
    NOW.timestamp().plus(Span::seconds(seconds))
}
