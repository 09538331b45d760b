//! What the authorizer comes to, before it is put into an API's words.

use auth::{following::Undecided, keys::KeysUnavailable};
use claims::{Access, Claims};
use rules::{Rules, Unsatisfied};
use runtime::{AuditEvent, Level};

use crate::event::{Question, Wording};

/// The name of every refusal in the log.
const DENIED: &str = "authorizer.denied";

/// What the authorizer comes to.
#[derive(Debug)]
pub enum Outcome {
    /// The token is good, and the route demands nothing that its bearer does not have.
    Allowed(Claims<Access>),
    /// The token is good, but the route demands more.
    Forbidden(Claims<Access>),
    /// There is no good token, for this reason.
    Refused(&'static str),
    /// There is no token that one of our keys signed, for this reason.
    Unsigned(&'static str),
    /// The authorizer itself is at fault: nothing is said about the token.
    Undecided(Cause),
}

/// Why nothing can be decided. It is never a token's fault.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// What the feed says is not known.
    #[error(transparent)]
    Feed(#[from] Undecided),
    /// The keys that are shared with the issuer are not known.
    #[error(transparent)]
    Keys(#[from] KeysUnavailable),
    /// A policy could be longer than the gateway takes.
    #[error("the stage has a longer name than routes.toml says")]
    LongStage,
}

impl Outcome {
    /// What becomes of a good token: a decision about nothing but its arguments.
    pub(crate) fn of(claims: Claims<Access>, question: &Question, rules: &Rules) -> Self {
        match (&question.stage, question.wording) {
            (None, Wording::Policy | Wording::PolicyOrError) => return Self::Refused("malformed_arn"),
            (Some(stage), Wording::Policy | Wording::PolicyOrError) if !rules.fit(stage.length()) => {
                return Self::Undecided(Cause::LongStage);
            }
            (_, Wording::Simple | Wording::Policy | Wording::PolicyOrError) => {}
        }
        let own = claims.own();
        let refusing = rules.refusing(&question.called, own.role.as_str(), own.scope.as_str());
        if refusing.is_empty() {
            Self::Allowed(claims)
        } else {
            Self::Forbidden(claims)
        }
    }

    /// The line for the log; none where all is well.
    pub(crate) fn audit_event(&self) -> Option<AuditEvent> {
        let denied = || AuditEvent::new(DENIED, Level::Info);
        match self {
            Self::Allowed(_) => None,
            Self::Forbidden(claims) => {
                let event = denied().user(claims.sub()).session(claims.sid());
                Some(event.reason("insufficient_scope"))
            }
            Self::Refused(reason) => Some(denied().reason(reason)),
            Self::Unsigned(reason) => Some(AuditEvent::counted(DENIED, Level::Info, reason)),
            Self::Undecided(cause) => {
                let event = AuditEvent::new("authorizer.undecided", Level::Error);
                Some(event.field("cause", &cause.to_string()))
            }
        }
    }
}

/// The rules of the API that the bearer of a token does not satisfy.
pub(crate) fn unsatisfied<'a>(claims: &Claims<Access>, question: &'a Question, rules: &'a Rules) -> Unsatisfied<'a> {
    let own = claims.own();
    rules.unsatisfied(question.called.api.as_deref(), own.role.as_str(), own.scope.as_str())
}
