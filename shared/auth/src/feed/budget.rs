//! A feed in which each user has a budget: every authorizer reads every announcement, so what one user's requests end must
//! not fill it. Beyond the budget nothing is left unannounced, but all of it is one entry, which ends at least as much.

use claims::{Millis, Seconds, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, CountAnnouncements, Revocation},
};

/// How long the announcements of a user count together.
pub const ANNOUNCEMENT_WINDOW: Seconds = Seconds::new(60 * 60);
/// How many of them have entries of their own: more than a person ends sessions in an hour, and as many as a pipeline does
/// that logs in and out once a minute.
pub const ANNOUNCEMENTS: u64 = 60;

/// How long a request may be under way, and another one that began before it ended anything; and a second for the clocks of
/// the functions that issue tokens.
const UNDER_WAY: Seconds = Seconds::new(5);

/// Whether an announcement is within its user's budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// It is.
    Own,
    /// It is not.
    UsedUp {
        /// Up to which second it is announced that all tokens are ended which were issued to the user.
        ended_until: Option<Timestamp>,
    },
}

/// The window of a user's announcements that `now` is in: its first second.
#[must_use]
pub fn announcement_window(now: Millis) -> u64 {
    let now = now.timestamp().get();
    now.saturating_sub(now.checked_rem(ANNOUNCEMENT_WINDOW.get()).unwrap_or_default())
}

/// A feed for what users' own requests end.
#[derive(Clone, Debug)]
pub struct BudgetedFeed<F, B> {
    feed: F,
    budget: B,
}

impl<F, B> BudgetedFeed<F, B> {
    /// This feed, with these budgets.
    pub const fn new(feed: F, budget: B) -> Self {
        Self { feed, budget }
    }
}

impl<F: AnnounceRevocations, B: CountAnnouncements> AnnounceRevocations for BudgetedFeed<F, B> {
    async fn announce(&self, revocation: &Revocation, now: Millis) -> Result<(), StoreError> {
        let user_id = revocation.user_id();
        match self.budget.count_announcement(user_id, now).await? {
            Share::Own => self.feed.announce(revocation, now).await,
            Share::UsedUp { ended_until } => self.end_all(user_id, ended_until, now).await,
        }
    }

    async fn announce_again(&self, revocation: &Revocation, now: Millis) -> Result<(), StoreError> {
        let user_id = revocation.user_id();
        match self.budget.count_announcement(user_id, now).await? {
            Share::Own => self.feed.announce_again(revocation, now).await,
            Share::UsedUp { ended_until } => self.end_all(user_id, ended_until, now).await,
        }
    }
}

impl<F: AnnounceRevocations, B: CountAnnouncements> BudgetedFeed<F, B> {
    /// Announces that all tokens are ended which were issued to a user so far, unless that is announced already. Their
    /// sessions that are alive refresh, and go on.
    async fn end_all(&self, user_id: &UserId, ended: Option<Timestamp>, now: Millis) -> Result<(), StoreError> {
        let until = now.timestamp().plus(UNDER_WAY);
        if ended.is_some_and(|ended| ended >= until) {
            return Ok(());
        }
        let all = Revocation::Issued {
            user_id: user_id.clone(),
            until,
        };
        self.feed.announce_again(&all, now).await?;
        self.budget.note_ended(user_id, until, now).await
    }
}
