//! Deleting an account, keeping it with the link of the letter, and removing it.

use auth::{
    accounts::MoveUser as _,
    deletion::{
        AccountDeletion, Deletion, DeletionError, KeepError, Keeping, Removals, delete_account, keep_account,
        remove_deleted,
    },
    factor::SecondProof,
    feed::AnnounceRevocations,
    mail::{Delivered, Purpose, deliver_notice},
    password::FindPassword as _,
    session::IssuedTokens,
    user::{FindUser as _, Status},
};
use claims::{Moment, Span, UserId};

use super::{CHOSEN, Post, STRANGER};
use crate::{
    doubles::Unreachable,
    world::{EMAIL, PASSWORD, after, email, factor_keys, password},
};

/// How long an account can be kept, in seconds.
const AFTER: u64 = 14 * 24 * 60 * 60;

#[tokio::test]
async fn a_deletion_closes_the_account_tells_its_owner_and_removes_it_in_the_end() {
    let post = Post::new().await;
    let store = &post.world.store;
    let session = post.world.logged_in().await;

    let deletion = post.delete(&session, PASSWORD, 1).await.unwrap();

    assert_eq!(deletion.delete_at, after(1 + AFTER).timestamp());
    let user = store.user(&post.world.user.id).await.unwrap().unwrap();
    assert_eq!((user.status, user.epoch), (Status::Deleting, 1));
    assert!(!post.logs_in(EMAIL, PASSWORD).await);
    assert!(post.world.refresh(session.refresh.expose(), 2).await.is_err());
    assert_eq!(super::reset::ended_epochs(store).await, [(user.id.clone(), 1, true)]);
    assert!(post.told(2).await.link.is_some());
    // The address is not free, and its owner can set a new password.
    for (purpose, name) in [(Purpose::Register, "registered"), (Purpose::Reset, "reset")] {
        let (letter, _) = post.letter(purpose, EMAIL, 3).await;
        assert_eq!(letter.name, name);
    }

    assert_eq!(post.remove(AFTER).await, []);
    assert_eq!(post.remove(1 + AFTER).await, [(deletion, true)]);
    assert_eq!(store.user(&post.world.user.id).await.unwrap(), None);
    assert_eq!(store.password_record(&email(EMAIL)).await.unwrap(), None);
    assert_eq!(post.remove(2 + AFTER).await, []);
}

/// The credentials stand under another address than the user's, for example since a table was restored.
#[tokio::test]
async fn an_account_that_cannot_be_removed_is_an_error() {
    let post = Post::new().await;
    let (store, pseudonyms) = (&post.world.store, &post.world.pseudonyms);
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    store.show_as(&post.world.user.id, &email(STRANGER)).await.unwrap();

    let removed = remove_deleted(None, after(1 + AFTER), pseudonyms, store, store, store, store).await;

    let [(_, outcome)] = removed.unwrap().outcomes.try_into().unwrap();
    assert!(outcome.is_err(), "{outcome:?}");
    assert!(store.user(&post.world.user.id).await.unwrap().is_some());
}

#[tokio::test]
async fn only_the_password_of_a_live_session_deletes() {
    let post = Post::new().await;
    let (session, other) = (post.world.logged_in().await, post.world.logged_in().await);

    let wrong = post.delete(&session, CHOSEN, 1).await;
    assert!(matches!(wrong, Err(DeletionError::WrongPassword(_))), "{wrong:?}");
    post.delete(&session, PASSWORD, 2).await.unwrap();
    // An operator ends the deletion. The sessions stay ended.
    post.world.set_status(Status::Enabled).await;
    let over = post.delete(&other, PASSWORD, 3).await;

    assert!(matches!(over, Err(DeletionError::Over(_))), "{over:?}");
    assert!(post.logs_in(EMAIL, PASSWORD).await);
    assert_eq!(post.remove(3 + AFTER).await.len(), 1);
    assert!(post.logs_in(EMAIL, PASSWORD).await);
}

/// If the announcement failed, access tokens are still accepted, so the request has to be able to come again.
#[tokio::test]
async fn a_deletion_that_was_not_announced_can_be_repeated() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    let unannounced = post.delete_announced(&session, PASSWORD, 1, &Unreachable).await;
    assert!(matches!(unannounced, Err(DeletionError::Store(_))), "{unannounced:?}");

    let wrong = post.delete(&session, CHOSEN, 2).await;
    let repeated = post.delete(&session, PASSWORD, 3).await.unwrap();

    assert!(matches!(wrong, Err(DeletionError::WrongPassword(_))), "{wrong:?}");
    assert_eq!(repeated.delete_at, after(1 + AFTER).timestamp());
    let user = post.world.store.user(&post.world.user.id).await.unwrap().unwrap();
    assert_eq!(user.epoch, 1);
}

#[tokio::test]
async fn the_link_and_the_password_keep_the_account() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let link = post.told(2).await.link.unwrap();

    let wrong = post.keep(&link, CHOSEN, 3).await;
    assert!(matches!(wrong, Err(KeepError::WrongPassword(_))), "{wrong:?}");
    assert!(!post.logs_in(EMAIL, PASSWORD).await);
    assert_eq!(post.keep(&link, PASSWORD, 4).await.unwrap(), post.world.user.id);

    assert!(post.logs_in(EMAIL, PASSWORD).await);
    assert!(post.world.refresh(session.refresh.expose(), 5).await.is_err());
    assert_eq!(post.remove(1 + AFTER).await, []);
    // The answer may have been lost.
    post.keep(&link, PASSWORD, 6).await.unwrap();
}

/// Someone who knows the password can change it before they delete the account. The mailbox still brings it back.
#[tokio::test]
async fn the_owner_keeps_an_account_whose_password_somebody_has_changed() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let link = post.told(2).await.link.unwrap();
    let (letter, _) = post.letter(Purpose::Reset, EMAIL, 3).await;
    post.reset(letter.by_link(), CHOSEN, 4).await.unwrap();
    assert!(!post.logs_in(EMAIL, CHOSEN).await, "a reset does not undo the deletion");

    post.keep(&link, CHOSEN, 5).await.unwrap();

    assert!(post.logs_in(EMAIL, CHOSEN).await);
}

#[tokio::test]
async fn each_deletion_has_its_own_letter_and_link() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let first = post.told(2).await.link.unwrap();
    post.keep(&first, PASSWORD, 3).await.unwrap();
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 60).await.unwrap();
    let second = post.told(61).await.link.unwrap();

    assert_eq!(refused(post.keep(&first, PASSWORD, 62).await), "used_link");
    post.keep(&second, PASSWORD, 63).await.unwrap();
}

/// The letter has the owner's only way back, so no flood of other letters may keep it away.
#[tokio::test]
async fn the_letter_is_sent_when_the_budget_is_used_up() {
    let mut post = Post::new().await;
    post.mails_per_hour = 0;
    let session = post.world.logged_in().await;

    post.delete(&session, PASSWORD, 1).await.unwrap();

    assert!(post.told(2).await.link.is_some());
}

#[tokio::test]
async fn of_two_deletions_at_once_both_succeed() {
    let post = Post::new().await;
    let (session, other) = (post.world.logged_in().await, post.world.logged_in().await);

    let both = futures::join!(post.delete(&session, PASSWORD, 1), post.delete(&other, PASSWORD, 1));

    assert_eq!(both.0.unwrap(), both.1.unwrap());
}

#[tokio::test]
async fn a_link_is_over_when_the_account_may_be_removed() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let link = post.told(2).await.link.unwrap();

    // Clocks may differ by half a minute.
    assert_eq!(
        refused(post.keep(&link, PASSWORD, 1 + AFTER + 30).await),
        "invalid_link"
    );
    post.keep(&link, PASSWORD, AFTER).await.unwrap();
}

#[tokio::test]
async fn wrong_passwords_at_a_link_are_counted() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let link = post.told(2).await.link.unwrap();
    for _ in 0..5 {
        post.keep(&link, CHOSEN, 3).await.unwrap_err();
    }

    let sixth = post.keep(&link, PASSWORD, 3).await;

    assert!(matches!(sixth, Err(KeepError::Throttled { .. })), "{sixth:?}");
}

#[tokio::test]
async fn no_other_token_keeps_an_account_and_its_link_does_nothing_else() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    let (reset, _) = post.letter(Purpose::Reset, EMAIL, 0).await;
    let (register, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let link = post.told(2).await.link.unwrap();

    for token in [reset.link.as_deref().unwrap(), register.link.as_deref().unwrap()] {
        assert_eq!(refused(post.keep(token, PASSWORD, 3).await), "other_use");
    }
    for token in [session.access.expose(), session.refresh.expose(), "", "no.token.this"] {
        assert_eq!(refused(post.keep(token, PASSWORD, 3).await), "invalid_link");
    }
    let proof = auth::mail::Proof::Link(&link);
    assert_eq!(super::refused(post.register(proof, CHOSEN, 3).await), "other_use");
    assert_eq!(super::refused_reset(post.reset(proof, CHOSEN, 3).await), "other_use");
    assert!(post.world.claims(&link, 3).is_err());
}

/// The letter follows from the deletion, so a duplicate is the same letter.
#[tokio::test]
async fn a_duplicate_of_the_letter_has_the_same_link() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    post.delete(&session, PASSWORD, 1).await.unwrap();
    let [notice] = post.world.store.queued_notices().try_into().unwrap();
    let store = &post.world.store;
    for seconds in [2, 500] {
        // Nothing is marked as sent in an outbox that has not queued it.
        let outbox = doubles::Memory::default();
        deliver_notice(&notice, after(seconds), post.mailer(), store, &outbox, &post.mailboxes)
            .await
            .unwrap();
    }

    let [first, second] = post.letters().try_into().unwrap();
    assert_eq!(first, second);
}

#[track_caller]
fn refused(outcome: Result<UserId, KeepError>) -> &'static str {
    match outcome {
        Err(KeepError::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

impl Post {
    async fn delete(&self, session: &IssuedTokens, password: &str, seconds: u64) -> Result<Deletion, DeletionError> {
        self.delete_announced(session, password, seconds, &self.world.store)
            .await
    }

    async fn delete_announced(
        &self,
        session: &IssuedTokens,
        secret: &str,
        seconds: u64,
        feed: &impl AnnounceRevocations,
    ) -> Result<Deletion, DeletionError> {
        let (store, secret) = (&self.world.store, password(secret));
        let request = AccountDeletion {
            user_id: &self.world.user.id,
            sid: &session.sid,
            password: &secret,
            after: Span::seconds(AFTER),
        };
        let (now, hasher) = (after(seconds), &self.world.hasher);
        delete_account(request, now, &mut self.rng(), hasher, store, store, store, store, feed).await
    }

    async fn keep(&self, token: &str, secret: &str, seconds: u64) -> Result<UserId, KeepError> {
        self.keep_with(token, secret, None, seconds).await
    }

    async fn keep_with(
        &self,
        token: &str,
        secret: &str,
        second: Option<SecondProof<'_>>,
        seconds: u64,
    ) -> Result<UserId, KeepError> {
        let (store, secret) = (&self.world.store, password(secret));
        let keeping = Keeping {
            token,
            password: &secret,
            second,
        };
        let (now, hasher) = (after(seconds), &self.world.hasher);
        keep_account(
            keeping,
            now,
            &mut self.rng(),
            self.proofs(),
            hasher,
            &factor_keys(),
            store,
            store,
            store,
            store,
            store,
        )
        .await
        .map(|kept| kept.user_id)
    }

    /// Delivers the notice that waits, and returns it.
    async fn told(&self, seconds: u64) -> super::Sent {
        let [notice] = self.world.store.queued_notices().try_into().unwrap();
        let store = &self.world.store;
        let now: Moment = after(seconds);
        let delivered = deliver_notice(&notice, now, self.mailer(), store, store, &self.mailboxes).await;
        assert_eq!(delivered.unwrap(), Delivered::Sent);
        self.letters().pop().unwrap()
    }

    /// Removes what is due, and returns each deletion that was due and whether its account was removed.
    async fn remove(&self, seconds: u64) -> Vec<(Deletion, bool)> {
        let (store, pseudonyms) = (&self.world.store, &self.world.pseudonyms);
        let removed = remove_deleted(None, after(seconds), pseudonyms, store, store, store, store).await;
        let Removals { outcomes, next } = removed.unwrap();
        assert_eq!(next, None);
        let outcomes = outcomes.into_iter();
        outcomes
            .map(|(deletion, removed)| (deletion, removed.unwrap()))
            .collect()
    }
}
