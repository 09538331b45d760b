//! No plain address is in the table of requested mails, in its stream, in a link or in the log, and no request changes
//! a byte of a mail.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use local::{Functions, InvokeError, Pump};
use serde_json::{Value, json};
use tests::{Call, Stack, template};

use super::newest;

/// An address that occurs nowhere else.
const CANARY: &str = "canary.8f3a1c@example.com";

#[tokio::test]
async fn an_address_is_in_no_table_no_stream_no_log_and_no_link() {
    let stack = Stack::start().await;
    let call = Call::post("/auth/register", &json!({"email": CANARY, "language": "de"}));
    stack.send(call).await;
    let mail = newest(&stack, CANARY).await;
    assert!(mail.subject.contains("Registrierung"), "{}", mail.subject);

    let items = stack.client().scan().table_name(format!("MailTable{}", stack.suffix()));
    let items = format!("{:?}", items.send().await.unwrap().items());
    let log = format!("{:?}", stack.log.events());
    let stream = records(&stack).await;
    assert!(stream.contains("sealed"), "{stream}");
    for (place, text) in [("items", &items), ("log", &log), ("stream", &stream)] {
        assert!(text.len() > 100, "{place}");
        assert!(!text.contains("canary") && !text.contains("8f3a1c"), "{place}: {text}");
        assert!(!text.contains("Y2FuYXJ5"), "{place} has it in base64");
    }
    let link = mail.link().unwrap();
    let payload = link.split('.').nth(1).unwrap();
    assert!(!link.contains("canary") && !payload.contains("Y2FuYXJ5"), "{link}");
}

/// Returns all records of the streams that functions read.
async fn records(stack: &Stack) -> String {
    let records = Records::default();
    let mut sources = template(&[]).event_sources().unwrap();
    for source in &mut sources {
        source.table.push_str(stack.suffix());
        source.filters.clear();
    }
    let mut pump = Pump::new(stack.aws(), sources, records.clone(), stack.clock.clone(), |_| {});
    pump.drain().await.unwrap();
    records.0.lock().unwrap().concat()
}

/// A function that only keeps its events.
#[derive(Clone, Debug, Default)]
struct Records(Arc<Mutex<Vec<String>>>);

impl Functions for Records {
    async fn invoke(&self, _: &str, event: String, _: Duration) -> Result<Value, InvokeError> {
        self.0.lock().unwrap().push(event);
        Ok(json!({}))
    }
}

#[tokio::test]
async fn hostile_headers_change_no_byte_of_a_mail() {
    let mut mails = Vec::new();
    for hostile in [false, true] {
        let stack = Stack::start().await;
        let call = Call::post("/auth/forgot", &json!({"email": tests::EMAIL}));
        let call = if hostile {
            call.without("host")
                .header("host", "evil.example")
                .header("x-forwarded-host", "evil.example")
                .header("x-forwarded-proto", "http")
                .header("forwarded", "host=evil.example")
                .header("origin", "https://evil.example")
                .header("referer", "https://evil.example/")
        } else {
            call
        };
        stack.send(call).await;
        let mail = newest(&stack, tests::EMAIL).await;
        // The token differs, because it has the id of its request.
        let text = mail.text.unwrap();
        let (before, rest) = text.split_once("?token=").unwrap();
        let (_, after) = rest.split_once(char::is_whitespace).unwrap();
        let code = mails.len().to_string();
        let html = mail.html.unwrap();
        assert!(!html.contains("evil") && !text.contains("evil"), "{code}");
        mails.push((mail.subject, mail.from, before.to_owned(), without_digits(after)));
    }

    assert_eq!(mails[0], mails[1]);
}

/// Returns a text without its digits: the code of each request is another one.
fn without_digits(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_digit()).collect()
}
