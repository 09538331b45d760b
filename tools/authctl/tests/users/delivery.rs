//! These tests send test letters, and ask why mails do not arrive.

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Call, EMAIL, Stack};
use tokio::net::TcpListener;

use crate::harness::{Gatehouse, Ran};

const GRACE: &str = "Grace@example.com";
const MINE: &str = "mine@example.com";

#[tokio::test]
async fn a_test_letter_goes_the_way_of_all_letters_to_any_address() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    for address in [MINE, EMAIL] {
        let test = ["mail", "test", address, "--language", "de", "-o", "json"];

        let ran = while_mails_are_delivered(&stack, &gatehouse, &test).await;

        assert!(ran.succeeded, "{ran:?}");
        assert_eq!(ran.json()["email"], address);
        let [mail, ..] = &stack.mails().await[..] else {
            panic!("no mail")
        };
        assert!(mail.to.eq_ignore_ascii_case(address), "{}", mail.to);
        assert_eq!(mail.purpose.as_deref(), Some("test"));
        assert!(mail.subject.starts_with("Test-E-Mail von"), "{}", mail.subject);
        assert_eq!((mail.link(), mail.code()), (None, None));
        let is_named =
            |event: &Value| event["message"] == "mail.sent" && event["identifier"] == ran.json()["identifier"];
        assert!(stack.log.events().iter().any(is_named));
    }
}

#[tokio::test]
async fn a_test_letter_that_is_not_sent_is_reported_with_its_cause() {
    let stack = Stack::with(&[("RegistrationMailsPerHour", "1")]).await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    while_mails_are_delivered(&stack, &gatehouse, &["mail", "test", MINE]).await;

    let refused = while_mails_are_delivered(&stack, &gatehouse, &["mail", "test", GRACE]).await;
    let status = gatehouse.authctl(&["mail", "status", GRACE, "--via", "event"]).await;
    let waiting = gatehouse.authctl(&["mail", "test", GRACE, "--wait", "0"]).await;
    let undeliverable = gatehouse.authctl(&["mail", "test", "x<ada@example.com>"]).await;

    let told = "the letter was not sent: the budget of the hour is used up";
    assert!(!refused.succeeded && refused.told.contains(told), "{refused:?}");
    assert!(
        status.out.contains("was not sent: the budget of the hour"),
        "{status:?}"
    );
    let told = "has not been sent yet, and is tried again for 15 minutes";
    assert!(!waiting.succeeded && waiting.told.contains(told), "{waiting:?}");
    let told = "no mail can be sent to this address";
    assert!(
        !undeliverable.succeeded && undeliverable.told.contains(told),
        "{undeliverable:?}"
    );
    assert_eq!(stack.mails().await.len(), 1);
}

/// A test letter that was refused leaves nothing in the item for the next mail.
#[tokio::test]
async fn the_status_is_that_of_the_last_request() {
    let stack = Stack::with(&[("RegistrationMailsPerHour", "1")]).await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let status = async || {
        let ran = gatehouse
            .authctl(&["mail", "status", EMAIL, "--via", "event", "-o", "json"])
            .await;
        assert!(ran.succeeded, "{ran:?}");
        ran.json()
    };
    let nothing = status().await;
    while_mails_are_delivered(&stack, &gatehouse, &["mail", "test", MINE]).await;
    while_mails_are_delivered(&stack, &gatehouse, &["mail", "test", EMAIL]).await;
    let refused = status().await;
    stack.send(Call::post("/auth/forgot", &json!({"email": EMAIL}))).await;
    let waiting = status().await;
    stack.mails().await;
    let done = status().await;

    let of = |status: &Value| {
        let last = &status["last"];
        let [purpose, refused] = ["purpose", "refused"].map(|name| last[name].as_str().map(str::to_owned));
        let wait = status["wait_seconds"].as_u64().unwrap() > 0;
        (
            purpose,
            refused,
            last["done_at"].is_string(),
            status["counted"].as_u64(),
            wait,
        )
    };
    let budget = Some("the budget of the hour is used up".to_owned());
    let [test, reset] = ["test", "reset"].map(|name| Some(name.to_owned()));
    assert_eq!(of(&nothing), (None, None, false, Some(0), false));
    assert_eq!(of(&refused), (test, budget, true, Some(1), false));
    assert_eq!(of(&waiting), (reset.clone(), None, false, Some(2), true));
    assert_eq!(of(&done), (reset, None, true, Some(2), true));
    for status in [nothing, done] {
        assert_eq!(status["ses"], Value::Null);
    }
}

#[rstest]
#[case::suppressed(
    "bounced@example.com",
    &["on the suppression list since 2023-11-14T22:13:20Z (BOUNCE)",
      "aws sesv2 delete-suppressed-destination --email-address 'bounced@example.com'",
      "in the sandbox of SES", "7 of 200 mails in 24 hours"],
)]
#[case::not_suppressed("ada@example.com", &["not on the suppression list of SES", "no mail to this address was requested"])]
#[case::no_permission("denied@example.com", &["AccessDenied", "ses:GetSuppressedDestination", "in the sandbox"])]
#[tokio::test]
async fn the_status_has_what_ses_reports(#[case] address: &str, #[case] expected: &[&str]) {
    let stack = Stack::start().await;
    let mut command = Gatehouse::with_mail(&stack).await.command(&["mail", "status", address]);

    let ran = command.env("AWS_ENDPOINT_URL_SESV2", serve_ses().await).output().await;

    let ran = Ran::from(ran.unwrap());
    assert!(ran.succeeded, "{ran:?}");
    for text in expected {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
}

#[tokio::test]
async fn a_stack_without_mail_is_reported() {
    let stack = Stack::start().await;

    for command in ["status", "test"] {
        let ran = Gatehouse::of(&stack).authctl(&["mail", command, MINE]).await;

        let told = "this stack sends no mail: deploy it with MailVia";
        assert!(!ran.succeeded && ran.told.contains(told), "{ran:?}");
    }
}

/// Runs the command, and delivers mails until it ends.
async fn while_mails_are_delivered(stack: &Stack, gatehouse: &Gatehouse, arguments: &[&str]) -> Ran {
    let deliver = async {
        loop {
            stack.mails().await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        ran = gatehouse.authctl(arguments) => ran,
        () = deliver => unreachable!("it never ends"),
    }
}

/// Serves the two operations of SES that `authctl` uses while the test runs, and returns the endpoint. The account is in
/// the sandbox.
async fn serve_ses() -> String {
    let account = async || {
        Json(json!({
            "ProductionAccessEnabled": false, "SendingEnabled": true,
            "SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 7.0},
        }))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/v2/email/account", get(account))
        .route("/v2/email/suppression/addresses/{address}", get(find_suppressed));
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

async fn find_suppressed(Path(address): Path<String>) -> Response {
    let error = |status, code| {
        let body = Json(json!({"message": "no"}));
        (status, [("x-amzn-errortype", code)], body).into_response()
    };
    match address.as_str() {
        "bounced@example.com" => Json(json!({"SuppressedDestination": {
            "EmailAddress": address, "Reason": "BOUNCE", "LastUpdateTime": 1_700_000_000,
        }}))
        .into_response(),
        "denied@example.com" => error(StatusCode::FORBIDDEN, "AccessDeniedException"),
        _ => error(StatusCode::NOT_FOUND, "NotFoundException"),
    }
}
