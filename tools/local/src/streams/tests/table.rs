//! The table of a test.

use std::sync::atomic::{AtomicU64, Ordering};

use config::Environment;
use store::{Aws, TableDefinition};
use tokio::net::TcpListener;

use super::{At, EventSource, Receiver};
use crate::{database::Database, streams::Pump};

/// A table of the test's own in the embedded engine, or in the one at `AWS_ENDPOINT_URL_DYNAMODB`.
pub(super) struct Table {
    aws: Aws,
    pub(super) name: String,
    /// The embedded engine, which stops when this is dropped.
    _engine: Option<Database>,
}

impl Table {
    pub(super) async fn new() -> Self {
        Self::with(Some("NEW_IMAGE")).await
    }

    pub(super) async fn with(stream: Option<&str>) -> Self {
        let table = Self::in_engine().await;
        let definition = TableDefinition {
            partition_key: "key".to_owned(),
            sort_key: None,
            ttl: None,
            stream: stream.map(str::to_owned),
        };
        definition.create(&table.name, &table.aws.dynamodb()).await.unwrap();
        table
    }

    async fn in_engine() -> Self {
        static TABLES: AtomicU64 = AtomicU64::new(0);
        let environment = Environment::from_process();
        let other = environment.get("AWS_ENDPOINT_URL_DYNAMODB").unwrap();
        let engine = if other.is_none() {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            Some(Database::in_memory(listener).unwrap())
        } else {
            None
        };
        let embedded = engine.as_ref().map(Database::endpoint);
        let number = TABLES.fetch_add(1, Ordering::Relaxed);
        Self {
            aws: Aws::local(other.or(embedded.as_deref()).unwrap(), "http://localhost:0"),
            name: format!("Mails-{}-{number}", std::process::id()),
            _engine: engine,
        }
    }

    pub(super) fn pump(&self, source: EventSource, receiver: &Receiver) -> Pump<Receiver, At> {
        self.pump_at(source, receiver, At(0))
    }

    pub(super) fn pump_at(&self, source: EventSource, receiver: &Receiver, clock: At) -> Pump<Receiver, At> {
        let table = self.name.clone();
        let source = EventSource { table, ..source };
        Pump::new(self.aws.clone(), vec![source], receiver.clone(), clock, |_| {})
    }

    pub(super) async fn put_all(&self, keys: &str) {
        for key in keys.split(' ') {
            self.put(key).await;
        }
    }

    pub(super) async fn put(&self, key: &str) {
        let put = self.aws.dynamodb().put_item().table_name(&self.name);
        let put = put.item("key", text(key)).item("purpose", text("reset"));
        put.send().await.unwrap();
    }

    pub(super) async fn delete(&self, key: &str) {
        let delete = self.aws.dynamodb().delete_item().table_name(&self.name);
        delete.key("key", text(key)).send().await.unwrap();
    }
}

fn text(text: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned())
}
