//! What the authorizer comes to, before it is put into an API's words.

use auth::{following::FollowError, keys::TokenError};
use claims::{Access, Claims, Refusal};
use rules::{Rules, Unsatisfied};
use runtime::{AuditEvent, Event};

use crate::event::{Question, Wording};

/// What the authorizer comes to, with all that an answer says of it.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    /// The token is good, and the route demands nothing that its bearer does not have.
    Allowed {
        claims: Box<Claims<Access>>,
        /// The rules of other routes, which demand more.
        unsatisfied: Unsatisfied<'a>,
    },
    /// The token is good, but the route demands more.
    Forbidden {
        claims: Box<Claims<Access>>,
        /// The rules of this route and of others, which demand more.
        unsatisfied: Unsatisfied<'a>,
    },
    /// There is no good token, for this reason.
    Refused(&'static str),
    /// There is no token that one of our keys signed, for this reason.
    Unsigned(&'static str),
    /// The authorizer itself is at fault: nothing is said about the token.
    Undecided(Cause),
}

/// Why nothing can be decided. It is never a token's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The keys, or the revocations, are not known.
    #[error(transparent)]
    Unknown(#[from] FollowError),
    /// A policy could be longer than the gateway takes.
    #[error("the stage has a longer name than routes.toml says")]
    LongStage,
}

impl<'a> Outcome<'a> {
    /// What becomes of a good token: a decision about nothing but its arguments.
    pub(crate) fn of(claims: Claims<Access>, question: &'a Question, rules: &'a Rules) -> Self {
        match (&question.stage, question.wording) {
            (None, Wording::Policy | Wording::PolicyOrError) => return Self::Refused("malformed_arn"),
            (Some(stage), Wording::Policy | Wording::PolicyOrError) if !rules.fit(stage.length()) => {
                return Self::Undecided(Cause::LongStage);
            }
            (_, Wording::Simple | Wording::Policy | Wording::PolicyOrError) => {}
        }
        let (own, called) = (claims.own(), &question.called);
        let unsatisfied = rules.unsatisfied(called.api.as_deref(), own.role.as_str(), own.scope.as_str());
        let is_allowed = unsatisfied.refusing(called).is_empty();
        let claims = Box::new(claims);
        if is_allowed {
            Self::Allowed { claims, unsatisfied }
        } else {
            Self::Forbidden { claims, unsatisfied }
        }
    }

    /// The line for the log; none where all is well.
    pub(crate) fn audit_event(&self) -> Option<AuditEvent> {
        let denied = || AuditEvent::new(Event::AuthorizerDenied);
        match self {
            Self::Allowed { .. } => None,
            Self::Forbidden { claims, .. } => {
                let event = denied().user(claims.sub()).session(claims.sid());
                Some(event.reason("insufficient_scope"))
            }
            Self::Refused(reason) => Some(denied().reason(reason)),
            Self::Unsigned(reason) => Some(AuditEvent::counted(Event::AuthorizerDenied, reason)),
            Self::Undecided(cause) => {
                let event = AuditEvent::new(Event::AuthorizerUndecided);
                Some(event.field("cause", &cause.to_string()))
            }
        }
    }
}

/// A token that does not verify.
impl From<Refusal> for Outcome<'_> {
    fn from(refusal: Refusal) -> Self {
        if refusal.is_signed() {
            Self::Refused(refusal.reason())
        } else {
            Self::Unsigned(refusal.reason())
        }
    }
}

impl From<FollowError> for Outcome<'_> {
    fn from(fault: FollowError) -> Self {
        Self::Undecided(fault.into())
    }
}

impl From<TokenError> for Outcome<'_> {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(refusal) => refusal.into(),
            TokenError::Keys(fault) => fault.into(),
        }
    }
}
