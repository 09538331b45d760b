//! The tables of the benchmark, as answers of DynamoDB.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use auth::feed::{Cursor, Revocation, Revocations, Snapshot};
use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use claims::{Moment, SessionId, UserId};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The tables, as answers of DynamoDB.
pub(super) struct Table {
    /// The feed's entries in order, each with its key and its JSON.
    entries: Vec<(String, String)>,
    /// The answers to reads of single items, by the item's name.
    items: HashMap<String, String>,
}

impl Table {
    pub(super) fn new(announcements: u64, with_snapshot: bool, now: Moment) -> Self {
        let hour = 3_600_000;
        let at = |number: u64| Moment::new(now.get() - hour + number * hour / announcements.max(1));
        let session = |number: u64| Revocation::Session {
            user_id: UserId::new(at(number), entropy(number)),
            sid: SessionId::new(at(number), entropy(number + announcements)),
        };
        let entries = (0..announcements).map(|number| entry(at(number), &session(number)));
        let mut items = HashMap::from([(
            "access".to_owned(),
            json!({"Item": {"name": {"S": "access"}, "jwks": {"S": tests::jwks().to_json()}}}).to_string(),
        )]);
        if with_snapshot {
            let cut = Moment::new(now.get() - 60_000);
            let mut revocations = Revocations::default();
            for number in (0..announcements).take_while(|number| at(*number) < cut) {
                revocations.insert(at(number).timestamp(), &session(number));
            }
            let after = Cursor::from_millis(cut);
            items.extend(parts(&Snapshot { revocations, after }.encode().unwrap()));
        }
        Self {
            entries: entries.collect(),
            items,
        }
    }

    pub(super) async fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let table = Arc::new(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let table = Arc::clone(&table);
                let service = service_fn(move |request| answer(Arc::clone(&table), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        url
    }

    fn query(&self, body: &Value) -> String {
        let after = body["ExpressionAttributeValues"][":after"]["S"].as_str().unwrap();
        let limit = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
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
        format!(
            r#"{{"Items":[{}],"Count":{1},"ScannedCount":{1}{last}}}"#,
            items.join(","),
            page.len()
        )
    }
}

async fn answer(table: Arc<Table>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_query = request.headers()["x-amz-target"].to_str().unwrap().ends_with(".Query");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let answer = if is_query {
        table.query(&body)
    } else {
        let name = body["Key"]["name"]["S"].as_str().unwrap();
        table.items.get(name).cloned().unwrap_or_else(|| "{}".to_owned())
    };
    Ok(Response::new(Full::new(answer.into())))
}

/// Returns the key of an entry, and the entry as DynamoDB's JSON.
fn entry(at: Moment, revocation: &Revocation) -> (String, String) {
    let Revocation::Session { user_id, sid } = revocation else {
        unreachable!("only sessions are announced here");
    };
    let key = format!("{:013}#{sid}", at.get());
    let user = BASE64.encode(user_id.as_uuid().unwrap());
    let ttl = at.timestamp().plus(auth::feed::retention()).get();
    let item = format!(r#"{{"feed":{{"S":"r"}},"entry":{{"S":"{key}"}},"u":{{"B":"{user}"}},"ttl":{{"N":"{ttl}"}}}}"#);
    (key, item)
}

/// Returns the items of a snapshot, as answers to their reads.
fn parts(snapshot: &[u8]) -> Vec<(String, String)> {
    let parts: Vec<&[u8]> = snapshot.chunks(350 * 1024).collect();
    let current = json!({"Item": {"name": {"S": "current"}, "snapshot_name": {"S": "one"}, "parts": {"N": parts.len().to_string()}}});
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
