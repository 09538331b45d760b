//! These tests start mails and follow their links.

use std::path::Path;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::{Answer, Call, EMAIL, MAIL_KEY, Message, PASSWORD, PSEUDONYM_KEY, Stack, refresh_keys};

use crate::harness::Gatehouse;

const GRACE: &str = "Grace@example.com";
/// A password that nobody else has.
const CHOSEN: &str = "seven purple otters";

#[tokio::test]
async fn an_invited_person_chooses_the_password_and_has_the_role_and_the_scope() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let what = ["--role", "admin", "--scope", "users:write", "--language", "de"];
    let invite = [&["user", "invite", GRACE, "-o", "json"][..], &what].concat();

    let ran = gatehouse.authctl(&invite).await;

    assert!(ran.succeeded, "{ran:?}");
    let line = ran.json();
    let known = (&line["queued"], &line["email"], &line["link_valid_seconds"]);
    assert_eq!(known, (&json!("invite"), &json!(GRACE), &json!(604_800)));
    let mail = newest(&stack).await;
    assert_eq!((mail.to.as_str(), mail.purpose.as_deref()), (GRACE, Some("invite")));
    assert!(mail.subject.starts_with("Ihre Einladung"), "{}", mail.subject);
    let is_named = |event: &Value| event["message"] == "mail.sent" && event["identifier"] == line["identifier"];
    assert!(stack.log.events().iter().any(is_named), "{line}");
    let body = json!({"token": token(&mail), "password": CHOSEN});
    let registered = stack.send(Call::post("/auth/register/confirm", &body)).await;
    assert_eq!(registered.status, StatusCode::OK, "{}", registered.body);
    let me = stack.me(&registered.text("access_token")).await.json();
    assert_eq!(
        (&me["email"], &me["role"], &me["scope"]),
        (&json!(GRACE), &json!("admin"), &json!("users:write"))
    );
}

#[tokio::test]
async fn a_user_chooses_another_password_and_the_present_one_is_valid_until_then() {
    let stack = Stack::start().await;

    let ran = Gatehouse::with_mail(&stack)
        .await
        .authctl(&["user", "reset", "ADA@EXAMPLE.COM"])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    let told = format!("queued a mail to set a new password to {EMAIL}: its link is valid for 30 minutes\n");
    assert_eq!(ran.out, told);
    let mail = newest(&stack).await;
    let known = (mail.to.as_str(), mail.purpose.as_deref());
    assert_eq!(known, ("Ada@example.com", Some("reset")));
    assert_eq!(stack.login().await.status, StatusCode::OK);
    let body = json!({"token": token(&mail), "new_password": CHOSEN});
    let reset = stack.send(Call::post("/auth/reset", &body)).await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT, "{}", reset.body);
    assert_eq!(login(&stack, CHOSEN).await.status, StatusCode::OK);
    assert_eq!(login(&stack, PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_mail_that_would_lead_nowhere_is_refused_with_what_to_do() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let long = "s".repeat(200);

    for (arguments, told) in [
        (
            &["invite", EMAIL][..],
            "already exists: send a mail to reset the password instead",
        ),
        (&["invite", "x<ada@example.com>"], "no mail can be sent to this address"),
        (
            &["invite", GRACE, "--scope", &long],
            "31 bytes too long for a link: shorten them",
        ),
        (&["invite", GRACE, "--language", "e_n"], "a tag such as en or de-AT"),
        (&["reset", GRACE], "no user has this address: invite them instead"),
    ] {
        let ran = gatehouse.authctl(&[&["user"][..], arguments].concat()).await;

        assert!(!ran.succeeded && ran.told.contains(told), "{ran:?}");
    }
    assert_eq!(stack.mails().await.len(), 0);
}

#[tokio::test]
async fn a_third_mail_to_one_address_waits() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    for _ in 0..2 {
        assert!(gatehouse.authctl(&["user", "invite", GRACE]).await.succeeded);
    }

    let third = gatehouse.authctl(&["user", "invite", GRACE]).await;

    assert!(!third.succeeded && third.told.contains("try again in "), "{third:?}");
}

/// A stack without mail has none of these outputs.
#[tokio::test]
async fn a_stack_without_mail_is_reported() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    for arguments in [["user", "invite", GRACE], ["user", "reset", EMAIL]] {
        let ran = gatehouse.authctl(&arguments).await;

        let told = "this stack sends no mail: deploy it with MailVia";
        assert!(!ran.succeeded && ran.told.contains(told), "{ran:?}");
    }
}

/// The embedded engine has tables of the same names as a local stack, and another engine does not.
#[tokio::test]
async fn the_keys_of_a_local_stack_are_in_its_folder() {
    let stack = Stack::start().await;
    if !stack.suffix().is_empty() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys-for-mail");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in [
        ("mail-key.json", MAIL_KEY),
        ("pseudonym-key.txt", PSEUDONYM_KEY),
        ("refresh-keys.json", refresh_keys()),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let engine = &stack.aws_variables()["AWS_ENDPOINT_URL_DYNAMODB"];
    let (_, port) = engine.rsplit_once(':').unwrap();
    let keys = folder.to_str().unwrap();

    let local = ["--local", "--database-port", port, "--keys", keys];
    let arguments = [&local[..], &["user", "invite", GRACE]].concat();
    let ran = Gatehouse::of(&stack).authctl(&arguments).await;

    assert!(ran.succeeded, "{ran:?}");
    assert_eq!(
        ran.out,
        format!("queued an invitation to {GRACE}: its link is valid for 7 days\n")
    );
    assert_eq!(newest(&stack).await.purpose.as_deref(), Some("invite"));
}

/// Delivers all mails a minute later, and returns the newest one.
async fn newest(stack: &Stack) -> Message {
    stack.clock.advance(60);
    stack.mails().await.into_iter().next().unwrap()
}

/// Returns the token in the link of a mail.
fn token(mail: &Message) -> String {
    let link = mail.link().unwrap();
    link.split_once("?token=").unwrap().1.to_owned()
}

async fn login(stack: &Stack, password: &str) -> Answer {
    let body = json!({"email": EMAIL, "password": password});
    stack.send(Call::post("/auth/login", &body)).await
}
