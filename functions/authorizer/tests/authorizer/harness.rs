//! Helpers for these tests: an authorizer with any settings, a fixed clock and a log in memory, and tokens and events
//! of every kind for this authorizer.

use std::sync::OnceLock;

use authorizer::Authorizer;
use claims::{Access, AccessClaims, Draft, KeySet, Span, Timestamp};
use config::Environment;
use doubles::{Log, Still};
use futures::FutureExt as _;
use rand::{SeedableRng as _, rngs::StdRng};
use rules::{Caller, ParameterRoute, Rule, Rules};
use runtime::{Audit, Invoke as _};
use serde_json::{Map, Value, json};

use crate::iam::allows;

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
pub(crate) const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod";
pub(crate) const METHOD_ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/reports/7";

/// An authorizer's answer or error, and the reason in each line of its log.
pub(crate) type Asked = (Result<Value, String>, Vec<String>);

/// Sends an event to an authorizer that has only the settings of all tests, and no rules.
pub(crate) fn ask(event: &str) -> Asked {
    ask_with(&[], &[], event)
}

/// Sends an event to an authorizer with these additional settings and these rules.
pub(crate) fn ask_with(settings: &[(&str, &str)], rules: &[Rule], event: &str) -> Asked {
    let log = Log::default();
    let authorizer = authorizer(settings, &log).with_rules(Rules::new(rules.to_vec(), 128));
    let answer = invoke(&authorizer, event);
    let reasons = fields(&log, "reason");
    let reasons = reasons.iter().map(|reason| reason.as_str().unwrap().to_owned());
    (answer, reasons.collect())
}

/// Returns whether an answer, with or without a policy, allows a request to the stage. `request` has the form
/// `<method>/<path>`.
pub(crate) fn lets_through(answer: &Value, request: &str) -> bool {
    answer.get("policyDocument").map_or_else(
        || answer["isAuthorized"] == true,
        |document| allows(document, &format!("{STAGE}/{request}")),
    )
}

/// Returns an authorizer's answer to an event. The authorizer never waits, because its keys are in its settings.
pub(crate) fn invoke(authorizer: &Authorizer<Still>, event: &str) -> Result<Value, String> {
    let answer = authorizer.invoke(event, "r-1".to_owned(), None).now_or_never();
    answer.unwrap().map_err(|error| error.to_string())
}

/// Returns an authorizer with these settings. Unless they say otherwise, it gives HTTP APIs simple answers, because most
/// tests compare these.
pub(crate) fn authorizer(settings: &[(&str, &str)], log: &Log) -> Authorizer<Still> {
    let jwks = serde_json::to_string(&keys().jwks()).unwrap();
    let own = [
        ("ISSUER", "https://issuer.example"),
        ("AUDIENCE", "dashboard"),
        ("JWKS", &jwks),
        ("REVOCATION_POLL_SECONDS", "0"),
        ("AUTHORIZER_RESPONSE", "simple"),
    ];
    let environment: Environment = own.iter().chain(settings).copied().collect();
    let audit = Audit::new(environment.telemetry().unwrap(), log.clone());
    let made = Authorizer::new(&environment, Still, audit).now_or_never();
    made.unwrap().unwrap()
}

/// Returns a rule that applies to every API and requires this role and this scope, if they are given. `route` has the
/// form `GET /reports/{id}`.
pub(crate) fn rule(route: &str, role: Option<&str>, scope: Option<&str>) -> Rule {
    let (method, path) = route.split_once(' ').unwrap();
    Rule {
        api: None,
        method: method.to_owned(),
        path: path.to_owned(),
        role: role.map(str::to_owned),
        scope: scope.map(str::to_owned),
        acr: None,
        max_age: None,
    }
}

/// Returns what rules ask about the bearer of a token of [`token_of`].
pub(crate) const fn caller<'a>(role: &'a str, scope: &'a str) -> Caller<'a> {
    Caller {
        role,
        scope,
        acr: "aal1",
        age: 0,
    }
}

/// Returns a route with a parameter, for every API. `route` has the form `GET /reports/{id}`.
pub(crate) fn parameter_route(route: &str) -> ParameterRoute {
    let (method, path) = route.split_once(' ').unwrap();
    ParameterRoute {
        api: None,
        method: method.to_owned(),
        path: path.to_owned(),
    }
}

/// Returns a token, issued at `iat`, of the user that most tests use.
pub(crate) fn token(iat: Timestamp) -> String {
    sign(&draft(iat))
}

/// Returns a valid token of a user with this role and this scope.
pub(crate) fn token_of(role: &str, scope: &str) -> String {
    let mut draft = draft(NOW);
    draft.own.role = role.parse().unwrap();
    draft.own.scope = scope.parse().unwrap();
    sign(&draft)
}

pub(crate) fn sign(draft: &Draft<Access>) -> String {
    keys().sign(draft).unwrap().expose().to_owned()
}

pub(crate) fn draft(iat: Timestamp) -> Draft<Access> {
    Draft {
        iss: "https://issuer.example".parse().unwrap(),
        aud: "dashboard".parse().unwrap(),
        sub: "user-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat,
        exp: iat.plus(Span::seconds(900)),
        own: AccessClaims {
            email: "a@example.com".to_owned(),
            custom: Map::from_iter([("team".to_owned(), json!([1, 2]))]),
            ..doubles::access_claims(iat)
        },
    }
}

/// Returns the expected context of the user that most tests use. The user's claims that are not in the list below are
/// added as strings, except `epoch`.
pub(crate) fn context() -> Value {
    let mut context = json!({
        "sub": "user-1",
        "sid": "session-1",
        "jti": "token-1",
        "role": "analyst",
        "scope": "reports:read",
        "email": "a@example.com",
        "client_id": "gatehouse",
        "exp": "1700000900",
        "auth_time": "1700000000",
        "team": "[1,2]",
    });
    let own = serde_json::to_value(draft(NOW).own).unwrap();
    for name in AccessClaims::NAMES.iter().filter(|name| **name != "epoch") {
        if context.get(*name).is_none() {
            let value = &own[*name];
            context[*name] = value.as_str().map_or_else(|| value.to_string(), str::to_owned).into();
        }
    }
    context
}

/// Returns an event of format 2.0.
pub(crate) fn http_2(authorization: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": METHOD_ARN,
        "headers": {"authorization": authorization},
    })
}

/// Returns an event of format 1.0.
pub(crate) fn http_1(authorization: &str) -> Value {
    json!({
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "identitySource": authorization,
        "authorizationToken": authorization,
        "headers": {"authorization": authorization},
    })
}

/// Returns an event of a REST API's `TOKEN` authorizer.
pub(crate) fn rest_token(authorization: &str) -> Value {
    json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": METHOD_ARN})
}

/// Returns an event of a REST API's `REQUEST` authorizer.
pub(crate) fn rest_request(authorization: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "headers": {"Authorization": authorization},
        "multiValueHeaders": {"Authorization": [authorization]},
    })
}

/// Returns an event of a WebSocket API.
pub(crate) fn web_socket(authorization: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/$connect"),
        "headers": {"Authorization": authorization},
        "multiValueHeaders": {"Authorization": [authorization]},
        "requestContext": {"eventType": "CONNECT", "routeKey": "$connect"},
    })
}

/// Returns events of every format that has a path, each with the settings that the authorizer needs for the format. All
/// events are for `request`. An event whose format names the route names `route`.
pub(crate) fn shapes(authorization: &str, route: &str, request: &str) -> [Shape; 5] {
    let (_, path) = route.split_once(' ').unwrap();
    let arn = json!(format!("{STAGE}/{request}"));
    let (mut http_2, mut http_1) = (http_2(authorization), http_1(authorization));
    let (mut rest_request, mut rest_token) = (rest_request(authorization), rest_token(authorization));
    http_2["routeKey"] = json!(route);
    http_2["routeArn"] = arn.clone();
    for event in [&mut http_1, &mut rest_request] {
        event["resource"] = json!(path);
    }
    for event in [&mut http_1, &mut rest_request, &mut rest_token] {
        event["methodArn"] = arn.clone();
    }
    let with_policy = &[("AUTHORIZER_RESPONSE", "policy")][..];
    [
        ("HTTP 2.0, simple", &[], http_2.clone()),
        ("HTTP 2.0, policy", with_policy, http_2),
        ("HTTP 1.0", &[], http_1),
        ("REST, REQUEST", &[], rest_request),
        ("REST, TOKEN", &[], rest_token),
    ]
}

/// The name of a format, the settings that the authorizer needs for it, and an event of this format.
pub(crate) type Shape = (&'static str, &'static [(&'static str, &'static str)], Value);

/// Returns a policy statement with this effect on these resources.
pub(crate) fn statement(effect: &str, resources: &[&str]) -> Value {
    json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": resources})
}

/// Returns the keys that sign every token in these tests.
pub(crate) fn keys() -> &'static KeySet<Access> {
    static KEYS: OnceLock<KeySet<Access>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let json = keygen::access_key_set(
            claims::Algorithm::RS256,
            Timestamp::new(0),
            &mut StdRng::seed_from_u64(1),
        )
        .unwrap();
        KeySet::from_json(&json).unwrap()
    })
}

/// Returns this field of every line of a log. Each line must be a refusal or a failure.
pub(crate) fn fields(log: &Log, name: &str) -> Vec<Value> {
    let events = log.events().into_iter();
    events
        .inspect(|event| {
            let message = event["message"].as_str().unwrap();
            assert!(
                ["authorizer.denied", "authorizer.undecided"].contains(&message),
                "{message}"
            );
        })
        .map(|event| event[name].clone())
        .collect()
}
