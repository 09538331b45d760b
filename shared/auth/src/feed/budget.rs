//! A feed with a budget per user. Every authorizer reads every announcement, so the requests of one user must not fill
//! the feed. Announcements beyond the budget are not dropped: in their place, the feed gets an entry that ends all
//! tokens issued to the user so far.

use std::time::Duration;

use claims::{Moment, Span, Timestamp, UserId};
use tokio::time::timeout;

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, CountAnnouncements, Revocation},
};

/// The length of the windows in which a user's announcements are counted.
pub const ANNOUNCEMENT_WINDOW: Span = Span::seconds(60 * 60);
/// The maximum number of a user's announcements in a window that get their own entries in the feed. This is more than a
/// person needs, and enough for a pipeline that logs in and out once a minute.
pub const ANNOUNCEMENTS: u64 = 60;

/// How long new tokens of a user are refused too after all tokens of the user have been announced as ended. A
/// concurrent request may still issue tokens until its time limit of four seconds, and the clocks of the functions that
/// issue tokens may differ by one second.
const UNDER_WAY: Span = Span::seconds(5);

/// The maximum time that a request waits for its share to be given back.
const GIVE_BACK: Duration = Duration::from_millis(500);

/// Whether an announcement is within its user's budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The announcement is within the budget.
    Own,
    /// The announcement is beyond the budget.
    UsedUp {
        /// All tokens issued to the user up to this second have already been announced as ended. `None` means that
        /// there was no such announcement.
        ended_until: Option<Timestamp>,
    },
}

/// Returns the first second of the announcement window that contains `now`.
#[must_use]
pub fn announcement_window(now: Moment) -> u64 {
    let now = now.timestamp().get();
    now.saturating_sub(now.checked_rem(ANNOUNCEMENT_WINDOW.get()).unwrap_or_default())
}

/// A feed for the revocations that users cause by their own requests. Each user has a budget.
#[derive(Clone, Debug)]
pub struct BudgetedFeed<F, B> {
    feed: F,
    budget: B,
}

impl<F, B> BudgetedFeed<F, B> {
    /// Makes a feed that is limited by these budgets.
    pub const fn new(feed: F, budget: B) -> Self {
        Self { feed, budget }
    }
}

impl<F: AnnounceRevocations, B: CountAnnouncements> AnnounceRevocations for BudgetedFeed<F, B> {
    async fn announce(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        let share = self.reserve(revocation.user_id(), now).await?;
        self.announce_reserved(share, revocation, now).await
    }

    async fn announce_again(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        let share = self.reserve(revocation.user_id(), now).await?;
        self.announce_reserved_again(share, revocation, now).await
    }

    async fn reserve(&self, user_id: &UserId, now: Moment) -> Result<Share, StoreError> {
        self.budget.count_announcement(user_id, now).await
    }

    async fn announce_reserved(&self, share: Share, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        match share {
            Share::Own => self.feed.announce(revocation, now).await,
            Share::UsedUp { ended_until } => self.end_all(revocation.user_id(), ended_until, now).await,
        }
    }

    async fn announce_reserved_again(
        &self,
        share: Share,
        revocation: &Revocation,
        now: Moment,
    ) -> Result<(), StoreError> {
        match share {
            Share::Own => self.feed.announce_again(revocation, now).await,
            Share::UsedUp { ended_until } => self.end_all(revocation.user_id(), ended_until, now).await,
        }
    }

    async fn give_back(&self, share: Share, user_id: &UserId, now: Moment) {
        if share == Share::Own {
            let given_back = self.budget.uncount_announcement(user_id, now);
            // An error is ignored: it costs the user only one announcement.
            drop(timeout(GIVE_BACK, given_back).await);
        }
    }
}

impl<F: AnnounceRevocations, B: CountAnnouncements> BudgetedFeed<F, B> {
    /// Announces the end of all tokens issued to a user so far, unless that has already been announced. The user's live
    /// sessions do not end and can still be refreshed.
    async fn end_all(&self, user_id: &UserId, ended: Option<Timestamp>, now: Moment) -> Result<(), StoreError> {
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
