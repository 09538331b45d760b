//! The authorizer's decision, before it is turned into an answer.

use auth::{following::FollowError, keys::TokenError};
use claims::{Access, Claims, Refusal, Timestamp, Unverified};
use rules::{Caller, Lack, Rules};
use runtime::{AuditEvent, Event};

use crate::event::{Question, Wording};

/// The authorizer's decision.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The token is good and satisfies the rules of the route.
    Allowed(Box<Claims<Access>>),
    /// The token is good but does not satisfy the rules of the route.
    Forbidden(Box<Claims<Access>>, Lack),
    /// The request is refused for this reason, although one of our keys signed its token.
    Refused(&'static str),
    /// The request has no token that one of our keys signed. The value is the exact reason.
    Unsigned(&'static str),
    /// The authorizer cannot decide, and the token is not the cause.
    Undecided(Cause),
}

/// Why no decision is possible. The cause is never in the token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The keys or the revocations are not available.
    #[error(transparent)]
    Unknown(#[from] FollowError),
    /// A policy could be too long for the gateway.
    #[error("the stage's name is longer than longest_stage in routes.toml")]
    LongStage,
}

impl Outcome {
    /// Decides whether a good token satisfies the rules for the request.
    pub(crate) fn decide(claims: Claims<Access>, question: &Question, rules: &Rules, now: Timestamp) -> Self {
        match (&question.stage, question.wording) {
            (None, Wording::Policy | Wording::PolicyOrError) => return Self::Refused("malformed_arn"),
            (Some(stage), Wording::Policy | Wording::PolicyOrError) if !rules.fit(stage.length()) => {
                return Self::Undecided(Cause::LongStage);
            }
            (_, Wording::Simple | Wording::Policy | Wording::PolicyOrError) => {}
        }
        let caller = caller(&claims, now);
        let refusing = rules.refusing_rules(&question.called, &caller);
        match Lack::find(&refusing, &caller) {
            None => Self::Allowed(Box::new(claims)),
            Some(lack) => Self::Forbidden(Box::new(claims), lack),
        }
    }

    /// Returns this outcome with its event for the log, which there is unless the request is allowed. If one of our
    /// keys signed the token, the event has whom the token names.
    pub(crate) fn into_logged(self, token: Option<&Unverified<'_, Access>>) -> (Self, Vec<AuditEvent>) {
        let is_signed = matches!(self, Self::Forbidden(..) | Self::Refused(_));
        let names = token.filter(|_| is_signed).map(Unverified::names).unwrap_or_default();
        let event = self.audit_event().map(|event| {
            let fields = [("user_id", names.sub), ("sid", names.sid), ("kid", names.kid)];
            let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
            given.fold(event, |event, (name, value)| event.field(name, &value))
        });
        (self, event.into_iter().collect())
    }

    fn audit_event(&self) -> Option<AuditEvent> {
        let denied = || AuditEvent::new(Event::AuthorizerDenied);
        match self {
            Self::Allowed(_) => None,
            Self::Forbidden(_, lack) => Some(denied().reason(lack.error())),
            Self::Refused(reason) => Some(denied().reason(reason)),
            Self::Unsigned(reason) => Some(AuditEvent::counted(Event::AuthorizerDenied, reason)),
            Self::Undecided(cause) => {
                let event = AuditEvent::new(Event::AuthorizerUndecided);
                Some(event.field("cause", &cause.to_string()))
            }
        }
    }
}

/// Returns what rules ask about the bearer of a token.
pub(crate) fn caller(claims: &Claims<Access>, now: Timestamp) -> Caller<'_> {
    let own = claims.own();
    Caller {
        role: own.role.as_str(),
        scope: own.scope.as_str(),
        acr: own.acr.as_str(),
        age: now.since(own.auth_time).get(),
    }
}

/// Returns the outcome for an invalid token.
impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        if refusal.is_signed() {
            Self::Refused(refusal.reason())
        } else {
            Self::Unsigned(refusal.reason())
        }
    }
}

impl From<FollowError> for Outcome {
    fn from(fault: FollowError) -> Self {
        Self::Undecided(fault.into())
    }
}

impl From<TokenError> for Outcome {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(refusal) => refusal.into(),
            TokenError::Keys(fault) => fault.into(),
        }
    }
}
