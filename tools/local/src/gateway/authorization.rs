//! The parts of a request that an authorizer requires, and the effect of its answer on the request.

use serde_json::{Map, Value};

use super::{answer::GatewayError, event::route_arn, policy::allows, request::GatewayRequest, route::RouteMatch};
use crate::template::{Authorizer, AuthorizerAnswer, IdentitySource};

/// The parts of an authorizer's answer that the gateway uses and caches.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    verdict: Verdict,
    /// The context for the function.
    pub(crate) context: Value,
}

#[derive(Clone, Debug)]
enum Verdict {
    Simple(bool),
    Policy(Value),
}

/// Returns the values of an authorizer's identity sources, or `None` if one is missing or empty. In that case, the
/// gateway answers 401 and does not call the authorizer (documented).
pub(crate) fn identity(
    authorizer: &Authorizer,
    request: &GatewayRequest,
    matched: &RouteMatch<'_>,
) -> Option<Vec<String>> {
    let parameters = request.query_parameters().unwrap_or_default();
    authorizer
        .identity
        .iter()
        .map(|source| match source {
            IdentitySource::Header(name) => request.header(name),
            IdentitySource::Query(name) => parameters.get(name)?.as_str().map(str::to_owned),
            IdentitySource::RouteKey => Some(matched.route.key()),
        })
        .map(|value| value.filter(|value| !value.is_empty()))
        .collect()
}

/// Reads an authorizer's answer. Returns `None` if it has the wrong form. In that case, the gateway answers 500
/// (documented).
pub(crate) fn authorize(wanted: AuthorizerAnswer, answer: &Value) -> Option<Authorization> {
    let context = match answer.get("context") {
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(context) => Value::Object(context.as_object()?.clone()),
    };
    let verdict = match wanted {
        AuthorizerAnswer::Simple => Verdict::Simple(answer.get("isAuthorized")?.as_bool()?),
        AuthorizerAnswer::Policy => {
            answer.get("principalId")?.as_str()?;
            let document = answer.get("policyDocument")?;
            document.get("Statement")?.as_array()?;
            Verdict::Policy(document.clone())
        }
    };
    Some(Authorization { verdict, context })
}

/// Returns the authorization if it permits the request, or [`GatewayError::Forbidden`] if it refuses the request. The
/// gateway answers a refused request with 403, and evaluates a cached policy again for each request (documented).
pub(crate) fn permit(authorization: Authorization, request: &GatewayRequest) -> Result<Authorization, GatewayError> {
    let permitted = match &authorization.verdict {
        Verdict::Simple(permitted) => *permitted,
        Verdict::Policy(document) => allows(document, &route_arn(request)),
    };
    permitted.then_some(authorization).ok_or(GatewayError::Forbidden)
}
