//! Fills a table of the embedded engine with copies of an item.

use std::{io::Write as _, net::TcpStream};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::http::Message;

/// The maximum number of items in a batch.
const BATCH: usize = 25;

/// A connection to the engine. Its calls are not signed, which the embedded engine does not check.
#[derive(Debug)]
pub(crate) struct Filler {
    stream: TcpStream,
}

impl Filler {
    /// Connects to the engine at this endpoint.
    ///
    /// # Errors
    /// If no connection can be opened.
    pub(crate) fn connect(endpoint: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(endpoint.trim_start_matches("http://"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Returns the item with these attributes as its key.
    ///
    /// # Errors
    /// If there is no such item, or the call fails.
    pub(crate) fn item(&mut self, table: &str, key: &[(&str, &str)]) -> anyhow::Result<Value> {
        let key: Value = key
            .iter()
            .map(|(name, text)| ((*name).to_owned(), json!({"S": text})))
            .collect();
        let answer = self.call("GetItem", &json!({"TableName": table, "Key": key}))?;
        answer.get("Item").cloned().context("no such item")
    }

    /// Writes a copy of an item for each of these numbers. `change` makes the copy different from all others.
    ///
    /// # Errors
    /// If a call fails.
    pub(crate) fn fill(
        &mut self,
        table: &str,
        item: &Value,
        numbers: std::ops::Range<usize>,
        change: impl Fn(&mut Value, usize),
    ) -> anyhow::Result<()> {
        let numbers: Vec<usize> = numbers.collect();
        for batch in numbers.chunks(BATCH) {
            let copy = |number: &usize| {
                let mut copy = item.clone();
                change(&mut copy, *number);
                json!({"PutRequest": {"Item": copy}})
            };
            let puts: Vec<Value> = batch.iter().map(copy).collect();
            let answer = self.call("BatchWriteItem", &json!({"RequestItems": {table: puts}}))?;
            if answer["UnprocessedItems"]
                .as_object()
                .is_some_and(|items| !items.is_empty())
            {
                bail!("the engine left items unprocessed");
            }
        }
        Ok(())
    }

    fn call(&mut self, operation: &str, body: &Value) -> anyhow::Result<Value> {
        let body = body.to_string();
        let head = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.0\r\n\
             x-amz-target: DynamoDB_20120810.{operation}\r\nx-amz-date: 20260101T000000Z\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, \
             SignedHeaders=host, Signature=0\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all((head + &body).as_bytes())?;
        let answer = Message::read(&mut self.stream)?.context("the engine closed the connection")?;
        if !answer.head.starts_with("HTTP/1.1 200") {
            bail!("{operation} failed: {}", answer.text());
        }
        Ok(serde_json::from_slice(&answer.body)?)
    }
}
