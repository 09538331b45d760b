//! Revocations: which access tokens are refused before they expire.

use claims::{Access, LEEWAY, SessionId, Span, Timestamp, TokenKind as _, UserId};

/// The margin for writers whose clocks differ, and for writes that readers see late.
const LATE: Span = Span::seconds(60);

/// A set of access tokens to refuse from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The tokens of one session.
    Session {
        /// The user.
        user_id: UserId,
        /// The id of the session.
        sid: SessionId,
    },
    /// The user's tokens with an epoch below `least`.
    Epoch {
        /// The user.
        user_id: UserId,
        /// The first epoch whose tokens stay valid.
        least: u64,
        /// The one session that continues, if there is one. Its earlier tokens have an epoch below `least`, but are not
        /// revoked.
        except: Option<SessionId>,
    },
    /// All tokens issued to a user so far, because the claims of the user have changed or the user's budget for
    /// announcements is used up.
    Issued {
        /// The user.
        user_id: UserId,
        /// Tokens issued up to and including this second are refused.
        until: Timestamp,
    },
}

impl Revocation {
    /// Returns the user whose tokens are revoked.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        match self {
            Self::Session { user_id, .. } | Self::Epoch { user_id, .. } | Self::Issued { user_id, .. } => user_id,
        }
    }
}

/// Returns how long a revocation matters: until every access token that it could affect has expired.
#[must_use]
pub const fn retention() -> Span {
    Access::MAX_LIFE.plus(LEEWAY).plus(LATE)
}
