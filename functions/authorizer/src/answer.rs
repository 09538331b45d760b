//! The authorizer's answers, in the words of each kind of API.

use claims::{Access, Claims};
use rules::Unsatisfied;
use runtime::FunctionError;
use serde_json::{Map, Value, json};

use crate::{
    event::{Question, Wording},
    outcome::Outcome,
    policy,
};

/// The one message of which REST and WebSocket APIs make a 401.
const UNAUTHORIZED: &str = "Unauthorized";
/// Any other message is a 500, in every kind of API.
const UNDECIDED: &str = "the authorizer cannot decide";

/// The principal of a policy for a caller without a valid token.
const NOBODY: &str = "nobody";
/// Names that the gateway keeps for itself in a context; a custom claim of such a name is not passed on.
const RESERVED: [&str; 3] = ["claims", "integrationLatency", "principalId"];

/// What the API is told.
pub(crate) fn say(outcome: &Outcome<'_>, question: &Question) -> Result<Value, FunctionError> {
    match (outcome, question.wording) {
        (Outcome::Undecided(_), Wording::Simple | Wording::Policy | Wording::PolicyOrError) => {
            Err(FunctionError::new(UNDECIDED))
        }
        (Outcome::Refused(_) | Outcome::Unsigned(_), Wording::PolicyOrError) => Err(FunctionError::new(UNAUTHORIZED)),
        (Outcome::Refused(reason) | Outcome::Unsigned(reason), Wording::Policy) => {
            let document = policy::of_nobody(question.stage.as_ref());
            Ok(with_principal(NOBODY, &document, &refusal(reason)))
        }
        (Outcome::Refused(reason) | Outcome::Unsigned(reason), Wording::Simple) => Ok(simple(false, &refusal(reason))),
        (Outcome::Forbidden { .. }, Wording::Simple) => Ok(simple(false, &insufficient_scope())),
        (Outcome::Allowed { claims, .. }, Wording::Simple) => Ok(simple(true, &context(claims))),
        (Outcome::Allowed { claims, unsatisfied }, Wording::Policy | Wording::PolicyOrError) => {
            let document = policy::of_caller(question.stage.as_ref(), &unsatisfied.denied());
            Ok(with_principal(claims.sub().as_str(), &document, &context(claims)))
        }
        (Outcome::Forbidden { claims, unsatisfied }, Wording::Policy | Wording::PolicyOrError) => {
            let document = policy_that_forbids(unsatisfied, question);
            let mut context = context(claims);
            context.extend(insufficient_scope());
            Ok(with_principal(claims.sub().as_str(), &document, &context))
        }
    }
}

/// What the bearer may call at this stage, or nothing at all where that would let this very request through: the
/// gateway's name of the route is forbidden, or the path in its normal form, but the path is written in a way that no
/// pattern covers.
fn policy_that_forbids(unsatisfied: &Unsatisfied<'_>, question: &Question) -> Value {
    let stage = question.stage.as_ref();
    if unsatisfied.policy_denies(&question.called) {
        policy::of_caller(stage, &unsatisfied.denied())
    } else {
        policy::of_nobody(stage)
    }
}

fn simple(authorized: bool, context: &Map<String, Value>) -> Value {
    json!({"isAuthorized": authorized, "context": context})
}

fn with_principal(principal: &str, document: &Value, context: &Map<String, Value>) -> Value {
    json!({"principalId": principal, "policyDocument": document, "context": context})
}

fn refusal(reason: &str) -> Map<String, Value> {
    Map::from_iter([
        text("error", "invalid_token".to_owned()),
        text("reason", reason.to_owned()),
    ])
}

fn insufficient_scope() -> Map<String, Value> {
    Map::from_iter([text("error", "insufficient_scope".to_owned())])
}

/// What the API learns of the caller: flat strings, as every kind of API can pass them on.
fn context(claims: &Claims<Access>) -> Map<String, Value> {
    let own = claims.own();
    let custom = own.custom.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    let custom = custom.map(|(name, value)| text(name, value.to_string()));
    let registered = [
        text("sub", claims.sub().to_string()),
        text("sid", claims.sid().to_string()),
        text("jti", claims.jti().to_string()),
        text("role", own.role.to_string()),
        text("scope", own.scope.to_string()),
        text("email", own.email.clone()),
        text("client_id", own.client_id.to_string()),
        text("exp", claims.exp().get().to_string()),
        text("auth_time", own.auth_time.get().to_string()),
    ];
    custom.chain(registered).collect()
}

fn text(name: &str, value: String) -> (String, Value) {
    (name.to_owned(), Value::String(value))
}
