//! Passkeys from the first to the last.

mod managing;
mod proving;
mod refusals;

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doubles::Authenticator;
use serde_json::{Value, json};
use tests::{Answer, Call, Stack};

/// The origin of the issuer of every stack, whose host is the RP ID.
const ORIGIN: &str = "https://issuer.example";

/// Returns a stack whose user has a passkey and nothing else, and the login in which they added it.
pub(super) async fn owner() -> (Stack, Authenticator, Answer) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let mut device = Authenticator::new(ORIGIN);
    let added = add(&stack, &mut device, &login.text("access_token"), "my phone").await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    (stack, device, login)
}

/// Asks for a new passkey. Returns the answer and the options in it.
pub(super) async fn begin(stack: &Stack, bearer: &str) -> (Answer, Value) {
    let call = Call::post("/auth/factors/passkeys/options", &json!({}));
    let begun = stack.send(call.bearer(bearer)).await;
    let options = begun.json()["publicKey"].clone();
    (begun, options)
}

/// Adds the passkey of a device.
pub(super) async fn add(stack: &Stack, device: &mut Authenticator, bearer: &str, label: &str) -> Answer {
    let (begun, options) = begin(stack, bearer).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    let body = json!({"credential": device.create(&options), "label": label});
    stack
        .send(Call::post("/auth/factors/passkeys", &body).bearer(bearer))
        .await
}

pub(super) async fn login_options(stack: &Stack) -> Value {
    let asked = stack.send(Call::post("/auth/passkey/options", &json!({}))).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    asked.json()["publicKey"].clone()
}

pub(super) async fn confirm_options(stack: &Stack, bearer: &str) -> Value {
    let call = Call::post("/auth/confirm/options", &json!({}));
    let asked = stack.send(call.bearer(bearer)).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    asked.json()["publicKey"].clone()
}

pub(super) async fn list(stack: &Stack, bearer: &str) -> Value {
    stack.send(Call::get("/auth/factors").bearer(bearer)).await.json()
}

/// Returns how often the table of factors has something of the passkey of this device.
pub(super) async fn left(stack: &Stack, device: &Authenticator) -> usize {
    let scan = stack
        .client()
        .scan()
        .table_name(format!("FactorsTable{}", stack.suffix()));
    let items = scan.send().await.unwrap().items.unwrap_or_default();
    let hash = device.hash();
    let keys = items.iter().filter_map(|item| item["key"].as_s().ok());
    let owners = keys.filter(|key| **key == format!("passkey#{hash}")).count();
    let attributes = items
        .iter()
        .filter(|item| item.contains_key(&format!("passkey_{hash}")))
        .count();
    assert_eq!(owners, attributes, "both go together");
    owners
}

/// Returns a claim of the access token in an answer.
pub(super) fn claim(answer: &Answer, name: &str) -> Value {
    let token = answer.text("access_token");
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims[name].clone()
}
