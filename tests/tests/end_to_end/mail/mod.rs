//! Account life by mail: requests, letters, and what their links and codes do.

mod address;
mod deletion;
mod notices;
mod register;
mod reset;
mod same_answers;
mod secrecy;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::{Answer, Call, Message, Stack};

/// A password that nobody else has.
const NEW: &str = "another horse battery staple";

/// Requests a mail, which must be accepted, and returns the request that a code of it is valid with.
async fn request(stack: &Stack, path: &str, email: &str) -> String {
    let answer = ask(stack, path, email).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    answer.text("request")
}

async fn ask(stack: &Stack, path: &str, email: &str) -> Answer {
    stack.send(Call::post(path, &json!({"email": email}))).await
}

/// Delivers all mails and returns the newest one, which must be to this address.
async fn newest(stack: &Stack, to: &str) -> Message {
    let mail = stack.mails().await.into_iter().next().unwrap();
    assert!(mail.to.eq_ignore_ascii_case(to), "{}", mail.to);
    mail
}

/// Returns the token in the link of a mail.
fn token(mail: &Message) -> String {
    let link = mail.link().unwrap();
    link.split_once("?token=").unwrap().1.to_owned()
}

/// Returns the code in a mail.
fn code(mail: &Message) -> String {
    mail.code().unwrap().to_owned()
}

async fn post(stack: &Stack, path: &str, body: &Value) -> Answer {
    stack.send(Call::post(path, body)).await
}

async fn login(stack: &Stack, email: &str, password: &str) -> Answer {
    post(stack, "/auth/login", &json!({"email": email, "password": password})).await
}
