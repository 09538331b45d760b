//! A store with prepared answers: the public keys, the feed, and a snapshot of the feed. It answers faster than
//! DynamoDB could, so that the figures show the work of the measured process and not the wait for the store.

use std::{
    collections::HashMap,
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use auth::feed::{Cursor, Revocation, Revocations, Snapshot};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use claims::{Clock as _, Moment, SessionId, UserId};
use config::SystemClock;
use serde_json::{Value, json};

use crate::http::{Message, answer};

/// The time over which the announcements are spread, in milliseconds: the maximum lifetime of an access token.
const HOUR: u64 = 3_600_000;
/// The maximum number of entries in an answer. It imitates DynamoDB, whose pages have at most 1 MB.
const PAGE: usize = 8_000;

/// The tables, as answers of DynamoDB.
#[derive(Debug)]
pub(crate) struct Canned {
    /// The feed's entries in order, each with its key and its JSON.
    entries: Vec<(String, String)>,
    /// The answers to reads of single items, by the item's name.
    items: HashMap<String, String>,
}

impl Canned {
    /// Makes the tables with these public keys and an empty feed.
    pub(crate) fn new(jwks: &str) -> Self {
        let keys = json!({"Item": {"name": {"S": "access"}, "jwks": {"S": jwks}}}).to_string();
        Self {
            entries: Vec::new(),
            items: HashMap::from([("access".to_owned(), keys)]),
        }
    }

    /// Adds `count` announcements, spread over the last hour. If `with_snapshot`, also adds a snapshot, which lacks the
    /// announcements of the last minute.
    pub(crate) fn with_announcements(mut self, count: u64, with_snapshot: bool, now: Moment) -> Self {
        let at = |number: u64| Moment::new(now.get() - HOUR + number * HOUR / count.max(1));
        let session = |number: u64| Revocation::Session {
            user_id: UserId::new(at(number), entropy(number)),
            sid: SessionId::new(at(number), entropy(number + count)),
        };
        self.entries = (0..count)
            .filter_map(|number| entry(at(number), &session(number)))
            .collect();
        if with_snapshot {
            let cut = Moment::new(now.get() - 60_000);
            let mut revocations = Revocations::default();
            for number in (0..count).take_while(|number| at(*number) < cut) {
                revocations.insert(at(number).timestamp(), &session(number));
            }
            let after = Cursor::from_millis(cut);
            self.items
                .extend(parts(&Snapshot { revocations, after }.encode().unwrap_or_default()));
        }
        self
    }

    /// Serves the tables from a thread per connection, and returns their endpoint. The threads end with this process.
    ///
    /// # Errors
    /// If no port can be opened.
    pub(crate) fn serve(self) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let tables = Arc::new(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tables = Arc::clone(&tables);
                thread::spawn(move || tables.answer_all(stream));
            }
        });
        Ok(endpoint)
    }

    /// Answers the requests of a connection until it ends.
    fn answer_all(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        while let Some(request) = Message::read(&mut stream)? {
            let body = self.answer(&request).unwrap_or_else(|| "{}".to_owned());
            let head = format!("content-type: application/x-amz-json-1.0\r\ndate: {}\r\n", date());
            stream.write_all(&answer("200 OK", &head, &body))?;
        }
        Ok(())
    }

    fn answer(&self, request: &Message) -> Option<String> {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        if request.header("x-amz-target")?.ends_with(".Query") {
            return self.query(&body);
        }
        self.items.get(body["Key"]["name"]["S"].as_str()?).cloned()
    }

    fn query(&self, body: &Value) -> Option<String> {
        let after = body["ExpressionAttributeValues"][":after"]["S"].as_str()?;
        let limit = body["Limit"].as_u64().map_or(PAGE, |limit| limit as usize).min(PAGE);
        let first = self.entries.partition_point(|(key, _)| key.as_str() <= after);
        let rest = &self.entries[first..];
        let page = &rest[..limit.min(rest.len())];
        let items: Vec<&str> = page.iter().map(|(_, item)| item.as_str()).collect();
        let last = page
            .last()
            .filter(|_| page.len() < rest.len())
            .map_or_else(String::new, |(key, _)| {
                format!(r#","LastEvaluatedKey":{{"feed":{{"S":"r"}},"entry":{{"S":"{key}"}}}}"#)
            });
        let (items, count) = (items.join(","), page.len());
        Some(format!(
            r#"{{"Items":[{items}],"Count":{count},"ScannedCount":{count}{last}}}"#
        ))
    }
}

/// Returns the current time in the format of the `Date` header.
fn date() -> String {
    let now = i64::try_from(SystemClock.now().timestamp().get()).ok();
    let now = now.and_then(|now| jiff::Timestamp::from_second(now).ok());
    now.unwrap_or_default()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

/// Returns the key of the entry that revokes a session, and the entry as DynamoDB's JSON. Returns `None` for other
/// revocations.
fn entry(at: Moment, revocation: &Revocation) -> Option<(String, String)> {
    let Revocation::Session { user_id, sid } = revocation else {
        return None;
    };
    let key = format!("{:013}#{sid}", at.get());
    let user = BASE64.encode(user_id.as_uuid()?);
    let ttl = at.timestamp().plus(auth::feed::retention()).get();
    let item = format!(r#"{{"feed":{{"S":"r"}},"entry":{{"S":"{key}"}},"u":{{"B":"{user}"}},"ttl":{{"N":"{ttl}"}}}}"#);
    Some((key, item))
}

/// Returns the items of a snapshot, each as its name and the answer to a read of the item.
fn parts(snapshot: &[u8]) -> Vec<(String, String)> {
    let parts: Vec<&[u8]> = snapshot.chunks(350 * 1024).collect();
    let current = json!({"Item": {
        "name": {"S": "current"},
        "snapshot_name": {"S": "one"},
        "parts": {"N": parts.len().to_string()},
    }});
    let parts = parts.iter().enumerate().map(|(number, part)| {
        let name = format!("one#{number}");
        let item = json!({"Item": {"name": {"S": name}, "part": {"B": BASE64.encode(part)}}});
        (name, item.to_string())
    });
    parts.chain([("current".to_owned(), current.to_string())]).collect()
}

/// Returns ten bytes that are unique to a number.
fn entropy(number: u64) -> [u8; 10] {
    let mut bytes = [7; 10];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes
}
