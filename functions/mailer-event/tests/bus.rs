//! What the sender asks of EventBridge, and what it makes of the answers.
#![expect(clippy::unwrap_used, reason = "lints do not recognise test helpers as tests")]

use config::Environment;
use doubles::{Reply, Service};
use mailer::{OutgoingMail, SendError, SendMail as _};
use mailer_event::BusSender;
use rstest::rstest;
use serde_json::{Value, json};
use store::Aws;
use tokio::time::Instant;

const MAIL: OutgoingMail<'_> = OutgoingMail {
    id: "01996f3c-7c3f-7e0b-8f5e-1d2c3b4a5968",
    to: "Ada@B\u{fc}cher.example",
    from: "B\u{fc}cher <login@example.com>",
    subject: "W\u{e4}hlen Sie ein neues Passwort",
    text: "https://example.com/reset?token=eyJ\n",
    html: "<p>\u{201e}Hallo\u{201c}</p>",
    purpose: "reset",
    language: "de",
};

#[tokio::test]
async fn a_mail_is_put_on_the_bus_with_all_its_parts() {
    let bus = Service::start(vec![accepted()]).await;

    sender(&bus).send(&MAIL).await.unwrap();

    let [request] = &bus.requests()[..] else {
        panic!("{bus:?}")
    };
    let head = request.head.to_lowercase();
    assert!(head.contains("x-amz-target: awsevents.putevents"), "{request:?}");
    assert!(head.contains("/local/events/aws4_request"), "{request:?}");
    let mut body: Value = serde_json::from_str(&request.body).unwrap();
    let detail = body["Entries"][0]["Detail"].take();
    assert_eq!(
        body,
        json!({ "Entries": [{
            "EventBusName": "bus",
            "Source": "gatehouse",
            "DetailType": "gatehouse.mail.requested",
            "Detail": null,
        }] })
    );
    assert_eq!(
        serde_json::from_str::<Value>(detail.as_str().unwrap()).unwrap(),
        json!({
            "id": MAIL.id,
            "purpose": "reset",
            "language": "de",
            "to": "Ada@xn--bcher-kva.example",
            "from": MAIL.from,
            "subject": MAIL.subject,
            "text": MAIL.text,
            "html": MAIL.html,
        })
    );
}

#[tokio::test]
async fn a_duplicate_is_the_same() {
    let bus = Service::start(vec![accepted()]).await;
    let sender = sender(&bus);

    sender.send(&MAIL).await.unwrap();
    sender.send(&MAIL).await.unwrap();

    let [first, second] = &bus.requests()[..] else {
        panic!("{bus:?}")
    };
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn an_address_that_a_provider_would_change_is_refused_without_a_call() {
    let bus = Service::start(vec![accepted()]).await;

    let sent = sender(&bus)
        .send(&OutgoingMail {
            to: "x<ada@example.com>",
            ..MAIL
        })
        .await;

    assert_eq!(sent, Err(SendError::refused("the address is invalid")));
    assert_eq!(bus.requests().len(), 0);
}

#[rstest]
#[case("MalformedDetail", SendError::refused("MalformedDetail"))]
#[case("AccessDeniedException", SendError::unavailable("AccessDeniedException"))]
#[case("InternalFailure", SendError::unavailable("InternalFailure"))]
#[case("InvalidArgument", SendError::unavailable("InvalidArgument"))]
#[case(
    "NotAuthorizedForSourceException",
    SendError::unavailable("NotAuthorizedForSourceException")
)]
#[case("ThrottlingException", SendError::unavailable("ThrottlingException"))]
#[tokio::test]
async fn an_event_that_the_bus_did_not_accept_was_not_sent(#[case] code: &str, #[case] expected: SendError) {
    let entry = json!({ "ErrorCode": code, "ErrorMessage": "canary-4f1e" });
    let bus = Service::start(vec![answer(&json!({ "FailedEntryCount": 1, "Entries": [entry] }))]).await;

    let sent = sender(&bus).send(&MAIL).await;

    assert_eq!(sent, Err(expected));
}

#[rstest]
#[case(400, "AccessDeniedException", 1)]
#[case(400, "ValidationException", 1)]
#[case(400, "ThrottlingException", 2)]
#[case(500, "InternalException", 2)]
#[tokio::test]
async fn a_failed_call_can_be_made_again(#[case] status: u16, #[case] code: &'static str, #[case] tries: usize) {
    let bus = Service::start(vec![Reply::Error(status, code)]).await;

    let sent = sender(&bus).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable(code)));
    assert_eq!(bus.requests().len(), tries);
}

#[rstest]
#[case::nothing(json!({}), "the answer does not have one entry")]
#[case::no_entry(json!({ "FailedEntryCount": 0, "Entries": [] }), "the answer does not have one entry")]
#[case::two_entries(
    json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }, { "EventId": "2" }] }),
    "the answer does not have one entry"
)]
#[case::no_id(json!({ "FailedEntryCount": 0, "Entries": [{}] }), "an error without a code")]
#[case::a_failure_with_an_id(json!({ "FailedEntryCount": 1, "Entries": [{ "EventId": "1" }] }), "an error without a code")]
#[tokio::test]
async fn an_answer_that_confirms_nothing_does_not_count_as_sent(#[case] json: Value, #[case] cause: &str) {
    let bus = Service::start(vec![answer(&json)]).await;

    let sent = sender(&bus).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable(cause)));
}

#[rstest]
#[case::no_json(Reply::Json(200, "<html>".to_owned()), "an error without a code")]
#[case::no_http(Reply::Bytes(b"220 mail.example.com ESMTP\r\n"), "connection failed")]
#[case::no_answer(Reply::Bytes(b""), "connection failed")]
#[tokio::test]
async fn a_malformed_answer_does_not_count_as_sent(#[case] reply: Reply, #[case] cause: &str) {
    let bus = Service::start(vec![reply]).await;

    let sent = sender(&bus).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable(cause)));
}

#[tokio::test]
async fn a_silent_service_does_not_hold_up_the_function() {
    let bus = Service::start(vec![Reply::Silence]).await;
    let start = Instant::now();

    let sent = sender(&bus).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable("timed out")));
    let seconds = start.elapsed().as_secs_f64();
    assert!((4.0..9.0).contains(&seconds), "{seconds}");
}

#[test]
fn the_bus_has_a_valid_name() {
    let error = BusSender::new(&Environment::from_iter([("MAIL_BUS", "two words")]), &aws()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "MAIL_BUS: must be the name or the ARN of an event bus"
    );
}

fn sender(bus: &Service) -> BusSender {
    let environment = Environment::from_iter([("AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint()), ("MAIL_BUS", "bus")]);
    BusSender::new(&environment, &aws()).unwrap()
}

fn aws() -> Aws {
    Aws::local("http://localhost:0", "http://localhost:0")
}

fn accepted() -> Reply {
    answer(&json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "11710aed" }] }))
}

fn answer(json: &Value) -> Reply {
    Reply::Json(200, json.to_string())
}
