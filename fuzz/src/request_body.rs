//! The fuzz target for request bodies, which arrive as strings or as base64. Its handler reads every kind of field that
//! the real handlers read.

use std::sync::LazyLock;

use api::{Answer, Failure, Function, Handler, Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use claims::{Clock, Moment};
use config::{Environment, Origins};
use runtime::{Audit, Sink};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

/// Sends the data as the body of a request, once as a string and once as base64.
///
/// # Panics
/// If either answer has a status other than 200, 400, 401 or 413.
pub fn run(data: &[u8]) {
    send(&String::from_utf8_lossy(data), false);
    send(&STANDARD.encode(data), true);
}

fn send(body: &str, is_base64_encoded: bool) {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());
    static FUNCTION: LazyLock<Function<Reader, Still>> = LazyLock::new(|| {
        let telemetry = Environment::from_iter([("", "")]).telemetry().unwrap();
        Function::new(Reader, Still, Audit::new(telemetry, Silence))
    });
    let event = json!({
        "version": "2.0",
        "rawPath": "/auth/refresh",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/auth/refresh"}},
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    });
    let answer = RUNTIME.block_on(FUNCTION.answer(&event.to_string(), "r-1".to_owned(), None));
    let status = answer["statusCode"].as_u64().unwrap();
    assert!([200, 400, 401, 413].contains(&status), "{answer}");
}

struct Reader;

impl Handler for Reader {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        let origins = Origins::parse("").unwrap();
        let presented = request.presented_token(&origins)?;
        presented.fields.text("email")?;
        presented
            .fields
            .one_of("delivery", &[("body", ()), ("cookie", ())], ())?;
        Ok(Answer::json(json!({})))
    }
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
