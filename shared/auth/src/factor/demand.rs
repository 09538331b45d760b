//! What an endpoint demands of the session in which a request is made.

use claims::{Acr, Span, Timestamp};

use crate::{session::Session, user::User};

/// How long after a user has authenticated they may change their factors.
pub const RECENT: Span = Span::seconds(10 * 60);

/// What a session lacks for a request. The user can authenticate again and then repeat the request (RFC 9470).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The level that is required, if the session has a lower one.
    pub acr: Option<Acr>,
    /// How long ago the user may have authenticated at most, if it is required.
    pub max_age: Option<Span>,
}

/// Demands that a user who has a second factor proved it in this session.
pub(crate) fn demand_factor(user: &User, session: &Session) -> Result<(), Demand> {
    if user.factors.is_none() || session.amr.acr() >= Acr::Aal2 {
        return Ok(());
    }
    Err(Demand {
        acr: Some(Acr::Aal2),
        max_age: None,
    })
}

/// Demands the same, and that the user has authenticated within [`RECENT`].
pub(crate) fn demand_recent(user: &User, session: &Session, now: Timestamp) -> Result<(), Demand> {
    let acr = demand_factor(user, session).err().and_then(|demand| demand.acr);
    if acr.is_none() && now < session.auth_time.plus(RECENT) {
        return Ok(());
    }
    Err(Demand {
        acr: acr.or_else(|| (!user.factors.is_none()).then_some(Acr::Aal2)),
        max_age: Some(RECENT),
    })
}
