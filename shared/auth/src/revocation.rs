//! Access tokens that are refused before they expire: what is announced, and the set that a reader keeps of it. Pure.

use std::collections::HashMap;

use claims::{Access, Claims, LEEWAY, Millis, Seconds, SessionId, Timestamp, UserId};

/// The longest life of an access token that can be configured.
const LONGEST_ACCESS_TOKEN: Seconds = Seconds::new(3600);
/// Writers whose clocks disagree, and writes that are seen late.
const LATE: Seconds = Seconds::new(60);

/// Which access tokens are refused from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Those of one session.
    Session {
        /// Whose it is.
        user_id: UserId,
        /// Which it is.
        sid: SessionId,
    },
    /// Those of a user's sessions that are stamped with an earlier epoch.
    Epoch {
        /// The user.
        user_id: UserId,
        /// The epoch from which on they are good.
        least: u64,
        /// The one session that goes on: its tokens still bear the old epoch.
        except: Option<SessionId>,
    },
    /// Those that were issued to a user so far: they say what is true no longer.
    Issued {
        /// The user.
        user_id: UserId,
        /// The second up to which, itself included.
        until: Timestamp,
    },
}

/// For how long a revocation matters: until every access token has expired that it could concern.
#[must_use]
pub const fn retention() -> Seconds {
    Seconds::new(LONGEST_ACCESS_TOKEN.get() + LEEWAY.get() + LATE.get())
}

impl Revocation {
    /// The user whose tokens they are.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        match self {
            Self::Session { user_id, .. } | Self::Epoch { user_id, .. } | Self::Issued { user_id, .. } => user_id,
        }
    }

    /// Whether it concerns this token, of which it is known that the user is the same.
    fn concerns(&self, token: &Claims<Access>) -> bool {
        match self {
            Self::Session { sid, .. } => token.sid() == sid,
            Self::Epoch { least, except, .. } => token.own().epoch < *least && except.as_ref() != Some(token.sid()),
            Self::Issued { until, .. } => token.iat() <= *until,
        }
    }
}

/// The revocations that still matter, found by user.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    by_user: HashMap<UserId, Vec<(Millis, Revocation)>>,
}

impl Revocations {
    /// Adds a revocation of `at`; one that is there already is not added twice.
    pub fn insert(&mut self, at: Millis, revocation: Revocation) {
        let of_user = self.by_user.entry(revocation.user_id().clone()).or_default();
        if !of_user.iter().any(|known| *known == (at, revocation.clone())) {
            of_user.push((at, revocation));
        }
    }

    /// Forgets what no token is left for.
    pub fn prune(&mut self, now: Timestamp) {
        self.by_user.retain(|_, of_user| {
            of_user.retain(|(at, _)| now < at.timestamp().plus(retention()));
            !of_user.is_empty()
        });
    }

    /// Whether this token is revoked.
    #[must_use]
    pub fn revoke(&self, token: &Claims<Access>) -> bool {
        let of_user = self.by_user.get(token.sub());
        of_user.is_some_and(|of_user| of_user.iter().any(|(_, revocation)| revocation.concerns(token)))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_user.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_user.is_empty()
    }
}
