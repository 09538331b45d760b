//! The authorizer as API Gateway sees it: a question's text in, an answer or the error `Unauthorized` out, and a line in
//! the log for every refusal.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests to no lint")]

use std::sync::{Arc, Mutex, OnceLock};

use api::{Audit, Sink};
use authorizer::Authorizer;
use claims::{Access, AccessClaims, Algorithm, Clock, Draft, KeySet, Millis, Seconds, Timestamp};
use config::Environment;
use rand::{SeedableRng as _, rngs::StdRng};
use rstest::rstest;
use serde_json::{Map, Value, json};

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const METHOD_ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/reports/7";

#[test]
fn an_http_api_learns_that_and_whom_a_good_token_allows() {
    let (answer, log) = ask(&http(&format!("Bearer {}", token(NOW))));

    assert_eq!(answer, Ok(json!({"isAuthorized": true, "context": context()})));
    assert!(log.is_empty());
}

#[test]
fn a_rest_api_gets_a_policy_for_the_whole_stage() {
    let (answer, log) = ask(&rest_token(&format!("bearer  {}", token(NOW)), METHOD_ARN));

    let statement = json!({
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": ["arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/*"],
    });
    assert_eq!(
        answer,
        Ok(json!({
            "principalId": "user-1",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "context": context(),
        }))
    );
    assert!(log.is_empty());
}

#[rstest]
#[case::nothing("", "no_token")]
#[case::no_scheme(&token(NOW), "no_token")]
#[case::other_scheme(&format!("Basic {}", token(NOW)), "other_scheme")]
#[case::two(&format!("Bearer {0},Bearer {0}", token(NOW)), "several_tokens")]
#[case::no_token("Bearer abc", "not_compact")]
#[case::changed(&format!("Bearer {}x", token(NOW)), "not_compact")]
#[case::expired(&format!("Bearer {}", token(Timestamp::new(1_600_000_000))), "expired")]
fn a_token_that_is_not_good_is_refused_in_the_words_of_each_api(#[case] authorization: &str, #[case] reason: &str) {
    let (simple, simple_log) = ask(&http(authorization));
    let (rest, rest_log) = ask(&rest_token(authorization, METHOD_ARN));

    let context = json!({"error": "invalid_token", "reason": reason});
    assert_eq!(simple, Ok(json!({"isAuthorized": false, "context": context})));
    assert_eq!(rest, Err("Unauthorized".to_owned()));
    assert_eq!([simple_log, rest_log], [[reason], [reason]]);
}

#[rstest]
#[case("")]
#[case("arn:aws:execute-api:eu-west-1:1:*/prod/GET/")]
#[case("arn:aws:execute-api:eu-west-1:1:abc")]
#[case("arn:aws:s3:::bucket/prod/GET/")]
fn a_good_token_for_no_method_is_refused_and_logged(#[case] method_arn: &str) {
    let (answer, log) = ask(&rest_token(&format!("Bearer {}", token(NOW)), method_arn));

    assert_eq!(answer, Err("Unauthorized".to_owned()));
    assert_eq!(log, ["malformed_arn"]);
}

#[rstest]
#[case("")]
#[case("{")]
#[case("null")]
#[case("[]")]
#[case("{}")]
#[case(r#"{"type":"REQUEST"}"#)]
fn a_question_that_is_not_understood_is_unauthorized_and_logged(#[case] payload: &str) {
    let (answer, log) = ask(payload);

    assert_eq!(answer, Err("Unauthorized".to_owned()));
    assert_eq!(log, ["unknown_event"]);
}

#[test]
fn the_first_invocation_alone_is_a_cold_start() {
    let log = Log::default();
    let authorizer = authorizer(&log);

    let good = http(&format!("Bearer {}", token(NOW)));
    for event in [good.as_str(), "{}", "{}"] {
        authorizer.invoke(event, "r-1".to_owned(), None).ok();
    }

    // The first one had nothing to log.
    assert_eq!(log.fields("cold_start"), [json!(false), json!(false)]);
}

/// What is answered, or the error, and the reasons of the refusals that are logged.
fn ask(event: &str) -> (Result<Value, String>, Vec<String>) {
    let log = Log::default();
    let answer = authorizer(&log).invoke(event, "r-1".to_owned(), None);
    let reasons = log.fields("reason");
    let reasons = reasons.iter().map(|reason| reason.as_str().unwrap().to_owned());
    (answer.map_err(|error| error.to_string()), reasons.collect())
}

fn authorizer(log: &Log) -> Authorizer<Still> {
    let jwks = serde_json::to_string(&keys().jwks()).unwrap();
    let environment = Environment::from_iter([
        ("ISSUER", "https://issuer.example"),
        ("AUDIENCE", "dashboard"),
        ("JWKS", &jwks),
    ]);
    let audit = Audit::new(environment.telemetry().unwrap(), log.clone());
    Authorizer::new(&environment, Still, audit).unwrap()
}

fn http(authorization: &str) -> String {
    json!({"version": "2.0", "type": "REQUEST", "headers": {"authorization": authorization}}).to_string()
}

fn rest_token(authorization: &str, method_arn: &str) -> String {
    json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": method_arn}).to_string()
}

fn context() -> Value {
    json!({
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
    })
}

fn token(iat: Timestamp) -> String {
    let draft = Draft {
        iss: "https://issuer.example".parse().unwrap(),
        aud: "dashboard".parse().unwrap(),
        sub: "user-1".parse().unwrap(),
        sid: "session-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat,
        exp: iat.plus(Seconds::new(900)),
        own: AccessClaims {
            client_id: "gatehouse".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
            role: "analyst".parse().unwrap(),
            email: "a@example.com".to_owned(),
            auth_time: iat,
            epoch: 0,
            custom: Map::from_iter([("team".to_owned(), json!([1, 2]))]),
        },
    };
    keys().sign(&draft).unwrap().expose().to_owned()
}

fn keys() -> &'static KeySet<Access> {
    static KEYS: OnceLock<KeySet<Access>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let json = keygen::access_key_set(Algorithm::RS256, Timestamp::new(0), &mut StdRng::seed_from_u64(1)).unwrap();
        KeySet::from_json(&json).unwrap()
    })
}

#[derive(Clone, Copy, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Millis {
        Millis::new(1_700_000_000_000)
    }
}

/// A log that is kept in memory.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Sink for Log {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Log {
    /// This field of every refusal.
    fn fields(&self, name: &str) -> Vec<Value> {
        let lines = self.0.lock().unwrap();
        let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        events
            .filter(|event: &Value| event.get("message") == Some(&json!("authorizer.denied")))
            .map(|event| event.get(name).unwrap().clone())
            .collect()
    }
}
