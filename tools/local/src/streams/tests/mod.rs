//! Tests of the pump, with a DynamoDB engine and with a stream that has several shards.

mod delivery;
mod positions;
mod several_shards;
mod table;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use claims::{Clock, Moment};
use serde_json::{Value, json};

use super::Limits;
use crate::{
    functions::{Functions, InvokeError},
    template::{EventSource, StartingPosition},
};

/// Returns the answer to the records with these keys.
type Answer = Box<dyn FnMut(&[Sent]) -> Result<Value, InvokeError> + Send>;

/// A function that records what it gets.
#[derive(Clone)]
struct Receiver(Arc<Mutex<(Vec<Value>, Answer)>>);

/// A record that the function got.
#[derive(Clone, Debug)]
struct Sent {
    key: String,
    sequence_number: String,
}

impl Receiver {
    /// A function that processes every record.
    fn sound() -> Self {
        Self::answering(|_| Ok(json!({"batchItemFailures": []})))
    }

    fn answering(answer: impl FnMut(&[Sent]) -> Result<Value, InvokeError> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new((Vec::new(), Box::new(answer)))))
    }

    /// A function that fails for the record with this key.
    fn failing_for(key: &'static str) -> Self {
        Self::answering(move |sent| {
            if sent.iter().any(|sent| sent.key == key) {
                return Err(failed());
            }
            Ok(json!({}))
        })
    }

    /// Returns the events, and forgets them.
    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    /// Returns the keys of the records of each event, separated by spaces, and forgets them.
    fn take_keys(&self) -> Vec<String> {
        let keys = |event: &Value| {
            sent(event)
                .into_iter()
                .map(|sent| sent.key)
                .collect::<Vec<_>>()
                .join(" ")
        };
        self.take().iter().map(keys).collect()
    }
}

impl Functions for Receiver {
    async fn invoke(&self, function: &str, event: String, timeout: Duration) -> Result<Value, InvokeError> {
        assert_eq!((function, timeout), ("mailer", Duration::from_secs(30)));
        let event: Value = serde_json::from_str(&event).unwrap();
        let (events, answer) = &mut *self.0.lock().unwrap();
        let sent = sent(&event);
        events.push(event);
        answer(&sent)
    }
}

fn sent(event: &Value) -> Vec<Sent> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sent = |record: &Value| Sent {
        key: text(&record["dynamodb"]["Keys"]["key"]["S"]),
        sequence_number: text(&record["dynamodb"]["SequenceNumber"]),
    };
    event["Records"].as_array().unwrap().iter().map(sent).collect()
}

fn failed() -> InvokeError {
    InvokeError::Failed {
        message: "by plan".to_owned(),
    }
}

/// A clock that stands still.
#[derive(Clone, Copy)]
struct At(u64);

impl Clock for At {
    fn now(&self) -> Moment {
        Moment::new(self.0)
    }
}

fn source() -> EventSource {
    EventSource {
        name: "Mailer.Mails".to_owned(),
        function: "mailer".to_owned(),
        timeout: Duration::from_secs(30),
        table: "Mails".to_owned(),
        batch_size: 10,
        start: StartingPosition::TrimHorizon,
        filters: Vec::new(),
        limits: Limits::default(),
        reports_failures: true,
        on_failure: Some("Lost.Arn".to_owned()),
    }
}

/// A folder that is removed when this value is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("gatehouse-streams-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
