//! Access tokens that are refused before they expire: what is announced. Pure.

use claims::{Access, LEEWAY, Seconds, SessionId, Timestamp, TokenKind as _, UserId};

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

impl Revocation {
    /// The user whose tokens they are.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        match self {
            Self::Session { user_id, .. } | Self::Epoch { user_id, .. } | Self::Issued { user_id, .. } => user_id,
        }
    }
}

/// For how long a revocation matters: until every access token has expired that it could concern.
#[must_use]
pub const fn retention() -> Seconds {
    Access::MAX_LIFE.plus(LEEWAY).plus(LATE)
}
