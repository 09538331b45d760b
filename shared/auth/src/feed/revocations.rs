//! The revocations that a reader has read. Adding or looking up a revocation takes the same time however many there
//! are.

mod snapshot;

use std::collections::HashMap;

use claims::{Access, Claims, Identifier, Timestamp};
use ring::digest;

pub use self::snapshot::Snapshot;
use crate::feed::{Revocation, retention};

/// The revocations that still matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revocations {
    /// The time of the last announcement, by session and user.
    sessions: HashMap<Name, Second>,
    /// The announced epochs, by user.
    epochs: HashMap<Name, Epochs>,
    /// The second up to which issued tokens are refused, by user.
    issued: HashMap<Name, Issued>,
}

/// An id in compact form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Name([u8; 16]);

/// A time in compact form: seconds since the Unix epoch, up to 2106.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Second(u32);

/// The announced epochs of one user. Two of them are enough to decide about every token. A token whose epoch is below
/// `least` is refused, unless it belongs to the session `except`. A token of that session is refused if its epoch is
/// below `second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Epochs {
    /// When the last announcement was made. The epochs are kept as long as any of their announcements matters.
    at: Second,
    /// The greatest announced epoch.
    least: u64,
    /// The session whose tokens the greatest epoch does not end, if there is one.
    except: Option<Name>,
    /// The greatest announced epoch that also ends tokens of the session `except`. It is 0 if there is none.
    second: u64,
}

/// The second up to which tokens issued to one user are refused, and when this was last announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Issued {
    at: Second,
    until: Second,
}

impl Revocations {
    /// Adds a revocation that was announced at `at`. A second call with the same arguments changes nothing.
    pub fn insert(&mut self, at: Timestamp, revocation: &Revocation) {
        let (at, user) = (Second::from_timestamp(at), Name::from_id(revocation.user_id()));
        match revocation {
            Revocation::Session { sid, .. } => {
                let name = Name::from_id(sid).combine_with_user(user);
                let latest = self.sessions.entry(name).or_insert(at);
                *latest = at.max(*latest);
            }
            Revocation::Epoch { least, except, .. } => {
                let except = except.as_ref().map(Name::from_id);
                let new = Epochs {
                    at,
                    least: *least,
                    except,
                    second: 0,
                };
                let of_user = self.epochs.entry(user).or_insert(new);
                *of_user = of_user.merge(&new);
            }
            Revocation::Issued { until, .. } => {
                let until = Second::from_timestamp(*until);
                let latest = self.issued.entry(user).or_insert(Issued { at, until });
                *latest = Issued {
                    at: latest.at.max(at),
                    until: latest.until.max(until),
                };
            }
        }
    }

    /// Removes the revocations that no longer matter, because all their tokens have expired.
    pub fn prune(&mut self, now: Timestamp) {
        let matters = |at: Second| now < at.timestamp().plus(retention());
        self.sessions.retain(|_, at| matters(*at));
        self.epochs.retain(|_, epochs| matters(epochs.at));
        self.issued.retain(|_, issued| matters(issued.at));
    }

    /// Returns whether this token is revoked.
    #[must_use]
    pub fn covers(&self, token: &Claims<Access>) -> bool {
        let (user, sid) = (Name::from_id(token.sub()), Name::from_id(token.sid()));
        let issued = self.issued.get(&user);
        let epochs = self.epochs.get(&user);
        self.sessions.contains_key(&sid.combine_with_user(user))
            || issued.is_some_and(|issued| token.iat() <= issued.until.timestamp())
            || epochs.is_some_and(|epochs| epochs.covers(token.own().epoch, sid))
    }

    /// Returns the number of revocations. All epochs of one user count as one, and so do all revocations of tokens
    /// issued to one user.
    #[must_use]
    pub fn len(&self) -> usize {
        [self.sessions.len(), self.epochs.len(), self.issued.len()].iter().sum()
    }

    /// Returns whether there are no revocations.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Epochs {
    fn covers(&self, epoch: u64, sid: Name) -> bool {
        let least = if self.except == Some(sid) {
            self.second
        } else {
            self.least
        };
        epoch < least
    }

    /// Returns the epochs that result from the announcements in `self` and in `other` together.
    fn merge(&self, other: &Self) -> Self {
        let (first, last) = if other.least > self.least {
            (other, self)
        } else {
            (self, other)
        };
        let beside = if last.except == first.except {
            last.second
        } else {
            last.least
        };
        Self {
            at: first.at.max(last.at),
            second: first.second.max(beside),
            ..*first
        }
    }
}

impl Name {
    /// Returns the name of an id: the bytes of a UUID, or half of the SHA-256 of any other id. In practice, two
    /// different ids never have the same name.
    fn from_id<K>(id: &Identifier<K>) -> Self {
        id.as_uuid().map_or_else(
            || {
                let hash = digest::digest(&digest::SHA256, id.as_str().as_bytes());
                let half = hash.as_ref().first_chunk().copied();
                Self(half.unwrap_or_default())
            },
            Self,
        )
    }

    /// Returns one name for a session and its user. No user can choose either id, so two such names collide as rarely
    /// as two new ids.
    const fn combine_with_user(self, user: Self) -> Self {
        let (sid, user) = (u128::from_be_bytes(self.0), u128::from_be_bytes(user.0));
        Self((sid ^ user.rotate_left(64)).to_be_bytes())
    }
}

impl Second {
    fn from_timestamp(at: Timestamp) -> Self {
        Self(u32::try_from(at.get()).unwrap_or(u32::MAX))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::new(self.0.into())
    }
}
