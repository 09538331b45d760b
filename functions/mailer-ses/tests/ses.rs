//! What the sender asks of SES, and what it makes of the answers.
#![expect(clippy::unwrap_used, reason = "lints do not recognise test helpers as tests")]

use config::Environment;
use doubles::{Reply, Service};
use mailer::{OutgoingMail, SendError, SendMail as _};
use mailer_ses::SesSender;
use rstest::rstest;
use serde_json::{Value, json};
use store::Aws;
use tokio::{net::TcpListener, time::Instant};

const MAIL: OutgoingMail<'_> = OutgoingMail {
    id: "01996f3c-7c3f-7e0b-8f5e-1d2c3b4a5968",
    to: "Ada@B\u{fc}cher.example",
    from: "B\u{fc}cher <login@example.com>",
    subject: "W\u{e4}hlen Sie ein neues Passwort",
    text: "https://example.com/reset?token=eyJ\n",
    html: "<p>\u{201e}Hallo\u{201c}</p>",
    purpose: "address_old",
    language: "de",
};

#[tokio::test]
async fn a_mail_is_sent_with_all_its_parts() {
    let ses = Service::start(vec![accepted()]).await;

    sender(&ses, &[("MAIL_CONFIGURATION_SET", "mails")])
        .send(&MAIL)
        .await
        .unwrap();

    let [request] = &ses.requests()[..] else {
        panic!("{ses:?}")
    };
    assert!(
        request.head.starts_with("POST /v2/email/outbound-emails HTTP/1.1\r\n"),
        "{request:?}"
    );
    assert!(request.head.contains("/local/ses/aws4_request"), "{request:?}");
    let utf_8 = |text: &str| json!({ "Data": text, "Charset": "UTF-8" });
    let expected = json!({
        "FromEmailAddress": "=?UTF-8?B?QsO8Y2hlcg==?= <login@example.com>",
        "Destination": { "ToAddresses": ["Ada@xn--bcher-kva.example"] },
        "Content": { "Simple": {
            "Subject": utf_8(MAIL.subject),
            "Body": { "Text": utf_8(MAIL.text), "Html": utf_8(MAIL.html) },
            "Headers": [
                { "Name": "Auto-Submitted", "Value": "auto-generated" },
                { "Name": "X-Gatehouse-Id", "Value": MAIL.id },
            ],
        } },
        "EmailTags": [{ "Name": "purpose", "Value": "address_old" }],
        "ConfigurationSetName": "mails",
    });
    assert_eq!(body(&request.body), expected);
}

#[tokio::test]
async fn a_configuration_set_is_optional_and_a_duplicate_is_the_same() {
    let ses = Service::start(vec![accepted()]).await;
    let sender = sender(&ses, &[]);

    sender.send(&MAIL).await.unwrap();
    sender.send(&MAIL).await.unwrap();

    let [first, second] = &ses.requests()[..] else {
        panic!("{ses:?}")
    };
    assert_eq!(body(&first.body).get("ConfigurationSetName"), None);
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn an_address_that_ses_would_change_is_refused_without_a_call() {
    let ses = Service::start(vec![accepted()]).await;

    for to in ["x<ada@example.com>", "ada", "\u{fc}mit@example.com"] {
        let sent = sender(&ses, &[]).send(&OutgoingMail { to, ..MAIL }).await;

        assert_eq!(sent, Err(SendError::refused("the address is invalid")), "{to}");
    }
    assert_eq!(ses.requests().len(), 0);
}

#[rstest]
#[case(400, "BadRequestException")]
#[case(400, "MessageRejected")]
#[tokio::test]
async fn a_mail_that_is_wrong_is_refused_for_good(#[case] status: u16, #[case] code: &'static str) {
    let ses = Service::start(vec![Reply::Error(status, code)]).await;

    let sent = sender(&ses, &[]).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::refused(code)));
    assert_eq!(ses.requests().len(), 1);
}

#[rstest]
#[case(400, "AccountSuspendedException", 1)]
#[case(400, "LimitExceededException", 2)]
#[case(400, "MailFromDomainNotVerifiedException", 1)]
#[case(404, "NotFoundException", 1)]
#[case(400, "SendingPausedException", 1)]
#[case(403, "AccessDeniedException", 1)]
#[case(403, "ExpiredTokenException", 1)]
#[case(400, "NewException", 1)]
#[case(429, "TooManyRequestsException", 2)]
#[case(500, "InternalFailure", 2)]
#[case(503, "ServiceUnavailable", 2)]
#[tokio::test]
async fn a_mail_that_cannot_be_sent_now_is_not_refused(
    #[case] status: u16,
    #[case] code: &'static str,
    #[case] tries: usize,
) {
    let ses = Service::start(vec![Reply::Error(status, code)]).await;

    let sent = sender(&ses, &[]).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable(code)));
    assert_eq!(ses.requests().len(), tries);
}

#[tokio::test]
async fn a_mail_is_sent_by_a_second_try() {
    for first in [Reply::Error(429, "TooManyRequestsException"), Reply::Bytes(b"")] {
        let ses = Service::start(vec![first, accepted()]).await;

        sender(&ses, &[]).send(&MAIL).await.unwrap();

        assert_eq!(ses.requests().len(), 2);
    }
}

#[rstest]
#[case::no_message_id(Reply::Json(200, "{}".to_owned()), "the answer has no message id")]
#[case::no_json(Reply::Json(200, "<html>".to_owned()), "an error without a code")]
#[case::half_of_json(Reply::Json(200, r#"{"MessageId":"#.to_owned()), "an error without a code")]
#[case::an_error_without_a_code(Reply::Json(400, "<html>".to_owned()), "an error without a code")]
#[case::no_http(Reply::Bytes(b"220 mail.example.com ESMTP\r\n"), "connection failed")]
#[case::half_an_answer(
    Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"),
    "the answer could not be read"
)]
#[case::no_answer(Reply::Bytes(b""), "connection failed")]
#[tokio::test]
async fn a_malformed_answer_does_not_count_as_sent(#[case] reply: Reply, #[case] cause: &str) {
    let ses = Service::start(vec![reply]).await;

    let sent = sender(&ses, &[]).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable(cause)));
}

#[tokio::test]
async fn a_silent_service_does_not_hold_up_the_function() {
    let ses = Service::start(vec![Reply::Silence]).await;
    let start = Instant::now();

    let sent = sender(&ses, &[]).send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable("timed out")));
    let seconds = start.elapsed().as_secs_f64();
    assert!((4.0..9.0).contains(&seconds), "{seconds}");
    assert!(ses.requests().len() <= 2);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let environment = Environment::from_iter([("AWS_ENDPOINT_URL", endpoint)]);

    let sent = SesSender::new(&environment, &aws()).unwrap().send(&MAIL).await;

    assert_eq!(sent, Err(SendError::unavailable("connection refused")));
}

fn sender(ses: &Service, settings: &[(&str, &str)]) -> SesSender {
    let endpoint = ("AWS_ENDPOINT_URL_SESV2", ses.endpoint());
    let environment = settings.iter().copied().chain([endpoint]).collect();
    SesSender::new(&environment, &aws()).unwrap()
}

fn aws() -> Aws {
    Aws::local("http://localhost:0", "http://localhost:0")
}

fn accepted() -> Reply {
    Reply::Json(200, json!({ "MessageId": "0102018e" }).to_string())
}

fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
