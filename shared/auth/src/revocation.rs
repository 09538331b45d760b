//! Access tokens that are refused before they expire: what is announced, and the set that a reader keeps of it. Pure.

use std::collections::HashMap;

use claims::{Access, Claims, LEEWAY, Millis, Seconds, SessionId, Timestamp, TokenKind as _, UserId};

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

/// When to announce again what was announced before, at `revoked_at`: never once no token can be left, and otherwise
/// so that many in a row are one entry of the feed.
pub(crate) fn again(revoked_at: Timestamp, now: Millis) -> Option<Millis> {
    let matters = now.timestamp() < revoked_at.plus(retention());
    matters.then(|| Millis::new(now.get().saturating_sub(now.get() % 10_000)))
}

impl Revocation {
    /// The user whose tokens they are.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        match self {
            Self::Session { user_id, .. } | Self::Epoch { user_id, .. } | Self::Issued { user_id, .. } => user_id,
        }
    }
}

/// The revocations that still matter. Looking one up takes the same time however many there are.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    sessions: HashMap<SessionId, (Millis, UserId)>,
    epochs: HashMap<UserId, Vec<Epoch>>,
    issued: HashMap<UserId, (Millis, Timestamp)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Epoch {
    at: Millis,
    least: u64,
    except: Option<SessionId>,
}

impl Epoch {
    fn concerns(&self, token: &Claims<Access>) -> bool {
        token.own().epoch < self.least && self.except.as_ref() != Some(token.sid())
    }

    /// Whether every token that `other` concerns is one that this does, for at least as long.
    fn covers(&self, other: &Self) -> bool {
        let exceptions = self.except.is_none() || self.except == other.except;
        exceptions && self.least >= other.least && self.at >= other.at
    }
}

impl Revocations {
    /// Adds a revocation that was announced at `at`; what is there already is not added twice.
    pub fn insert(&mut self, at: Millis, revocation: Revocation) {
        match revocation {
            Revocation::Session { user_id, sid } => {
                let latest = self.sessions.entry(sid).or_insert((at, user_id));
                latest.0 = latest.0.max(at);
            }
            Revocation::Epoch { user_id, least, except } => {
                let new = Epoch { at, least, except };
                let of_user = self.epochs.entry(user_id).or_default();
                if !of_user.iter().any(|known| known.covers(&new)) {
                    of_user.retain(|known| !new.covers(known));
                    of_user.push(new);
                }
            }
            Revocation::Issued { user_id, until } => {
                let latest = self.issued.entry(user_id).or_insert((at, until));
                *latest = (latest.0.max(at), latest.1.max(until));
            }
        }
    }

    /// Forgets what no token is left for.
    pub fn prune(&mut self, now: Timestamp) {
        let matters = |at: Millis| now < at.timestamp().plus(retention());
        self.sessions.retain(|_, (at, _)| matters(*at));
        self.issued.retain(|_, (at, _)| matters(*at));
        self.epochs.retain(|_, of_user| {
            of_user.retain(|epoch| matters(epoch.at));
            !of_user.is_empty()
        });
    }

    /// Whether this token is revoked.
    #[must_use]
    pub fn revoke(&self, token: &Claims<Access>) -> bool {
        let user = token.sub();
        let session = self.sessions.get(token.sid()).is_some_and(|(_, of)| of == user);
        let issued = self.issued.get(user).is_some_and(|(_, until)| token.iat() <= *until);
        let epochs = self.epochs.get(user).into_iter().flatten();
        session || issued || epochs.into_iter().any(|epoch| epoch.concerns(token))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let epochs: usize = self.epochs.values().map(Vec::len).sum();
        [self.sessions.len(), self.issued.len(), epochs].iter().sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// For how long a revocation matters: until every access token has expired that it could concern.
#[must_use]
pub const fn retention() -> Seconds {
    Access::LONGEST_LIFE.plus(LEEWAY).plus(LATE)
}
