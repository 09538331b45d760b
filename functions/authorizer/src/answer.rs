//! The authorizer's answers, in the form that each kind of API expects.

use claims::{Access, AccessClaims, Claims, Timestamp};
use rules::{Lack, Rules, Unsatisfied};
use runtime::FunctionError;
use serde_json::{Map, Value};

use crate::{
    event::{Question, Wording},
    outcome::{Outcome, caller},
    policy,
    value::object,
};

/// The error message that refuses a caller of a REST or WebSocket API. Such an API answers 401 for exactly this
/// message.
const UNAUTHORIZED: &str = "Unauthorized";
/// The error message if no decision is possible. For this message, every kind of API answers 500.
const UNDECIDED: &str = "the authorizer cannot decide";

/// The principal of a policy for a caller without a valid token.
const NOBODY: &str = "nobody";
/// Names that the gateway reserves in a context. Custom claims with these names are not passed on.
const RESERVED: [&str; 3] = ["claims", "integrationLatency", "principalId"];
/// The name of a claim that is not passed on, because only authorizers need it.
const EPOCH: &str = "epoch";

/// Returns the answer to the API, or the error that makes the API answer 401 or 500.
pub(crate) fn write_answer(
    outcome: &Outcome,
    question: &Question,
    rules: &Rules,
    now: Timestamp,
) -> Result<Value, FunctionError> {
    match (outcome, question.wording) {
        (Outcome::Undecided(_), Wording::Simple | Wording::Policy | Wording::PolicyOrError) => {
            Err(FunctionError::new(UNDECIDED))
        }
        (Outcome::Refused(_) | Outcome::Unsigned(_), Wording::PolicyOrError) => Err(FunctionError::new(UNAUTHORIZED)),
        (Outcome::Refused(reason) | Outcome::Unsigned(reason), Wording::Policy) => {
            let document = policy::deny_everything(question.stage.as_ref());
            Ok(policy_response(NOBODY, document, refusal(reason)))
        }
        (Outcome::Refused(reason) | Outcome::Unsigned(reason), Wording::Simple) => {
            Ok(simple_response(false, refusal(reason)))
        }
        (Outcome::Forbidden(_, lack), Wording::Simple) => Ok(simple_response(false, shortfall(*lack))),
        (Outcome::Allowed(claims), Wording::Simple) => Ok(simple_response(true, context(claims))),
        (Outcome::Allowed(claims), Wording::Policy | Wording::PolicyOrError) => {
            let unsatisfied = unsatisfied_rules(claims, question, rules, now);
            let document = policy::allow_except(question.stage.as_ref(), &unsatisfied.denied_patterns());
            Ok(policy_response(claims.sub().as_str(), document, context(claims)))
        }
        (Outcome::Forbidden(claims, lack), Wording::Policy | Wording::PolicyOrError) => {
            let document = forbidding_policy(&unsatisfied_rules(claims, question, rules, now), question);
            let mut context = context(claims);
            context.extend(shortfall(*lack));
            Ok(policy_response(claims.sub().as_str(), document, context))
        }
    }
}

/// Returns the rules of the API that the bearer does not satisfy, for this route and for others.
fn unsatisfied_rules<'a>(
    claims: &Claims<Access>,
    question: &'a Question,
    rules: &'a Rules,
    now: Timestamp,
) -> Unsatisfied<'a> {
    rules.unsatisfied_rules(question.called.api.as_deref(), &caller(claims, now))
}

/// Returns the policy for a forbidden request. Usually the policy denies the patterns of the rules that the caller does
/// not satisfy. But a rule may forbid the request because of the route's name or the normal form of the path, while no
/// pattern covers the path as it is written. Such a policy would then allow the request, so everything is denied
/// instead.
fn forbidding_policy(unsatisfied: &Unsatisfied<'_>, question: &Question) -> Value {
    let stage = question.stage.as_ref();
    if unsatisfied.policy_denies(&question.called) {
        policy::allow_except(stage, &unsatisfied.denied_patterns())
    } else {
        policy::deny_everything(stage)
    }
}

fn simple_response(authorized: bool, context: Map<String, Value>) -> Value {
    object([("isAuthorized", authorized.into()), ("context", context.into())])
}

fn policy_response(principal: &str, document: Value, context: Map<String, Value>) -> Value {
    object([
        ("principalId", principal.into()),
        ("policyDocument", document),
        ("context", context.into()),
    ])
}

fn refusal(reason: &str) -> Map<String, Value> {
    Map::from_iter([
        text("error", "invalid_token".to_owned()),
        text("reason", reason.to_owned()),
    ])
}

/// Returns what the bearer lacks, for the gateway's own answer: the error, and what another authentication must reach.
fn shortfall(lack: Lack) -> Map<String, Value> {
    let demanded = match lack {
        Lack::Permission => [None, None],
        Lack::Authentication { acr, max_age } => [
            acr.map(|acr| text("acr_values", acr.as_str().to_owned())),
            max_age.map(|max_age| text("max_age", max_age.to_string())),
        ],
    };
    let error = text("error", lack.error().to_owned());
    demanded.into_iter().flatten().chain([error]).collect()
}

/// Returns the context for the API. All values are strings, which every kind of API can pass on.
fn context(claims: &Claims<Access>) -> Map<String, Value> {
    let own = match serde_json::to_value(claims.own()) {
        Ok(Value::Object(own)) => own,
        Ok(_) | Err(_) => Map::new(),
    };
    let own = own.into_iter();
    let own = own.filter(|(name, _)| !RESERVED.contains(&name.as_str()) && name != EPOCH);
    let own = own.map(|(name, value)| {
        // A custom claim is passed on as JSON text, even if it is a string.
        let is_plain = value.is_string() && AccessClaims::NAMES.contains(&name.as_str());
        let value = if is_plain { value } else { value.to_string().into() };
        (name, value)
    });
    let registered = [
        text("sub", claims.sub().to_string()),
        text("jti", claims.jti().to_string()),
        text("exp", claims.exp().get().to_string()),
    ];
    own.chain(registered).collect()
}

fn text(name: &str, value: String) -> (String, Value) {
    (name.to_owned(), Value::String(value))
}
