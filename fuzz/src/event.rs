//! The fuzz target for events of the authorizer: it must not allow an event without a valid token.

use std::sync::LazyLock;

use authorizer::Authorizer;
use claims::{Clock, Moment};
use config::Environment;
use futures::FutureExt as _;
use runtime::{Audit, Invoke as _, Sink};
use serde_json::{Value, json};

/// The public half of the RSA key in RFC 7515 A.2. Nothing here signs with the private half, so no event has a valid
/// token.
const JWKS: &str = concat!(
    r#"{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"one","e":"AQAB","n":""#,
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql",
    "L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs",
    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud",
    "F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    r#""}]}"#
);

/// Sends the data to the authorizer as an event.
///
/// # Panics
/// If the authorizer allows the event.
pub fn run(data: &[u8]) {
    static AUTHORIZER: LazyLock<Authorizer<Still>> = LazyLock::new(authorizer);
    let event = String::from_utf8_lossy(data);
    let asked = AUTHORIZER.invoke(&event, "r-1".to_owned(), None).now_or_never();
    if let Ok(answer) = asked.unwrap() {
        assert_ne!(answer.get("isAuthorized"), Some(&json!(true)));
        let statements = answer.pointer("/policyDocument/Statement").and_then(Value::as_array);
        let mut effects = statements.into_iter().flatten().map(|statement| &statement["Effect"]);
        assert!(effects.all(|effect| *effect == "Deny"));
    }
}

fn authorizer() -> Authorizer<Still> {
    let environment = Environment::from_iter([
        ("ISSUER", "https://issuer.example"),
        ("AUDIENCE", "dashboard"),
        ("JWKS", JWKS),
        ("REVOCATION_POLL_SECONDS", "0"),
    ]);
    let audit = Audit::new(environment.telemetry().unwrap(), Silence);
    let made = Authorizer::new(&environment, Still, audit).now_or_never();
    made.unwrap().unwrap()
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::new(1_700_000_000_000)
    }
}

struct Silence;

impl Sink for Silence {
    fn line(&self, _: &str) {}
}
