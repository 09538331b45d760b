//! How often a user may request their list of sessions.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use claims::{Span, Timestamp, UserId};

/// The length of the windows in which the lists of one user are counted.
const WINDOW: Span = Span::seconds(60);
/// The maximum number of lists that one process gives a user in a window.
const MAX_LISTS: u64 = 60;
/// The maximum number of users whose lists are counted, which limits the memory. The lists of further users are not
/// counted.
const MAX_USERS: usize = 4_096;

/// Counts how many times each user has requested their list of sessions from this process. Each process counts on its
/// own. A shared count in a table would cost a write for each request, even for a refused one. A refusal by this count
/// costs almost nothing, and a user who requests lists in a loop causes few reads.
#[derive(Debug, Default)]
pub struct ListLimit {
    counts: Mutex<HashMap<UserId, Count>>,
}

/// A user requested the list of sessions too many times.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests for the list of sessions")]
pub struct TooManyLists {
    /// The user.
    pub user_id: UserId,
    /// How long the client has to wait.
    pub retry_after: Span,
}

#[derive(Debug)]
struct Count {
    /// The first second of the window.
    window: u64,
    lists: u64,
}

impl ListLimit {
    /// Counts a request of this user for their list of sessions.
    ///
    /// # Errors
    /// If the user has no lists left in the window. In that case, nothing is counted.
    pub fn admit(&self, user_id: &UserId, now: Timestamp) -> Result<(), TooManyLists> {
        let past = now.get().checked_rem(WINDOW.get()).unwrap_or_default();
        let window = now.get().saturating_sub(past);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_USERS && !counts.contains_key(user_id) {
            counts.retain(|_, count| count.window == window);
            if counts.len() >= MAX_USERS {
                return Ok(());
            }
        }
        let count = counts.entry(user_id.clone()).or_insert(Count { window, lists: 0 });
        if count.window != window {
            *count = Count { window, lists: 0 };
        }
        if count.lists >= MAX_LISTS {
            return Err(TooManyLists {
                user_id: user_id.clone(),
                retry_after: Span::seconds(WINDOW.get().saturating_sub(past)),
            });
        }
        count.lists = count.lists.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use claims::Moment;

    use super::*;

    /// Twenty seconds after the start of a window.
    const NOW: Timestamp = Timestamp::new(1_700_000_000);

    #[test]
    fn each_user_has_60_lists_a_minute_of_their_own() {
        let limit = ListLimit::default();

        let admitted = (0..100).filter(|_| limit.admit(&user(0), NOW).is_ok()).count();

        assert_eq!(admitted, 60);
        assert_eq!(limit.admit(&user(1), NOW), Ok(()));
        let refused = limit.admit(&user(0), NOW).unwrap_err();
        assert_eq!(refused.user_id, user(0));
        let later = NOW.plus(refused.retry_after);
        assert!(limit.admit(&user(0), Timestamp::new(later.get() - 1)).is_err());
        assert_eq!(limit.admit(&user(0), later), Ok(()));
    }

    #[test]
    fn past_windows_are_forgotten_and_users_beyond_the_capacity_are_admitted() {
        let limit = ListLimit::default();
        for number in 0..10_000 {
            assert_eq!(limit.admit(&user(number), NOW), Ok(()));
        }
        assert_eq!(limit.counts.lock().unwrap().len(), MAX_USERS);

        limit.admit(&user(9_999), NOW.plus(WINDOW)).unwrap();

        assert_eq!(limit.counts.lock().unwrap().len(), 1);
    }

    fn user(number: u64) -> UserId {
        UserId::new(Moment::new(number), [1; 10])
    }
}
