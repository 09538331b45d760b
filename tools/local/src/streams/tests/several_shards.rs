//! Tests with a stream whose shards close and have children, whose places expire, and which loses old records. The
//! embedded engine has one shard, which never closes.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use store::Aws;
use tokio::net::TcpListener;

use super::*;
use crate::streams::Pump;

#[tokio::test]
async fn the_records_of_a_shard_come_after_those_of_its_parent() {
    let stream = Stream::new(&[
        ("child", Some("parent"), &["c", "d"], true),
        ("grandchild", Some("child"), &["e"], false),
        ("parent", Some("forgotten"), &["a", "b"], true),
    ]);
    let receiver = Receiver::sound();
    let mut pump = stream.pump(source(), &receiver).await;

    let delivered = pump.drain().await.unwrap();

    assert_eq!(delivered, 5);
    assert_eq!(receiver.take_keys(), ["a b", "c d", "e"]);
}

#[tokio::test]
async fn a_shard_waits_until_its_parent_is_processed() {
    let stream = Stream::new(&[("child", Some("parent"), &["b"], false), ("parent", None, &["a"], true)]);
    let receiver = Receiver::failing_for("a");
    let mut pump = stream.pump(source(), &receiver).await;

    pump.drain().await.unwrap();
    pump.drain().await.unwrap();

    assert_eq!(receiver.take_keys(), ["a", "a"]);
}

#[tokio::test]
async fn a_new_shard_is_read_from_its_start() {
    let stream = Stream::new(&[("parent", None, &["a"], false)]);
    let receiver = Receiver::sound();
    let source = EventSource {
        start: StartingPosition::Latest,
        ..source()
    };
    let mut pump = stream.pump(source, &receiver).await;
    let before = pump.drain().await.unwrap();

    stream.close("parent");
    stream.add("child", Some("parent"), &["b"], false);

    assert_eq!((before, pump.drain().await.unwrap()), (0, 1));
    assert_eq!(receiver.take_keys(), ["b"]);
}

#[tokio::test]
async fn a_restart_does_not_read_a_finished_shard_again() {
    let stream = Stream::new(&[("parent", None, &["a"], true), ("child", Some("parent"), &["b"], false)]);
    let (receiver, folder) = (Receiver::sound(), Folder::new("finished"));

    for _ in 0..2 {
        let pump = stream.pump(source(), &receiver).await;
        pump.keep_in(&folder.0).unwrap().drain().await.unwrap();
    }

    assert_eq!(receiver.take_keys(), ["a", "b"]);
}

#[tokio::test]
async fn a_place_that_expired_is_found_again() {
    let stream = Stream::new(&[("shard", None, &["a"], false)]);
    let receiver = Receiver::sound();
    let mut pump = stream.pump(source(), &receiver).await;
    pump.drain().await.unwrap();

    stream.refuse_once("ExpiredIteratorException");
    stream.append("shard", "b");

    assert_eq!(pump.drain().await.unwrap(), 1);
    assert_eq!(receiver.take_keys(), ["a", "b"]);
}

#[tokio::test]
async fn a_shard_without_its_old_records_is_read_from_the_oldest_one() {
    let stream = Stream::new(&[("shard", None, &["a"], false)]);
    let receiver = Receiver::sound();
    let mut pump = stream.pump(source(), &receiver).await;
    pump.drain().await.unwrap();

    stream.refuse_once("TrimmedDataAccessException");
    stream.forget("shard");
    stream.append("shard", "b");

    assert_eq!(pump.drain().await.unwrap(), 1);
    assert_eq!(receiver.take_keys(), ["a", "b"]);
}

#[tokio::test]
async fn every_other_error_is_reported() {
    let stream = Stream::new(&[("shard", None, &["a"], false)]);
    let receiver = Receiver::sound();
    let mut pump = stream.pump(source(), &receiver).await;

    stream.refuse_once("ResourceNotFoundException");
    let error = pump.drain().await.unwrap_err();

    assert!(error.to_string().contains("cannot read the shard shard"), "{error}");
    assert_eq!(pump.drain().await.unwrap(), 1);
}

/// An endpoint with a stream.
#[derive(Clone)]
struct Stream(Arc<Mutex<Shards>>);

#[derive(Default)]
struct Shards {
    shards: BTreeMap<String, Shard>,
    /// The error of the next read.
    refusal: Option<&'static str>,
}

struct Shard {
    parent: Option<&'static str>,
    keys: Vec<&'static str>,
    is_closed: bool,
    /// The number of records that the stream no longer has.
    forgotten: usize,
}

impl Stream {
    fn new(shards: &[(&'static str, Option<&'static str>, &[&'static str], bool)]) -> Self {
        let stream = Self(Arc::default());
        for (id, parent, keys, is_closed) in shards {
            stream.add(id, *parent, keys, *is_closed);
        }
        stream
    }

    fn add(&self, id: &str, parent: Option<&'static str>, keys: &[&'static str], is_closed: bool) {
        let shard = Shard {
            parent,
            keys: keys.to_vec(),
            is_closed,
            forgotten: 0,
        };
        self.0.lock().unwrap().shards.insert(id.to_owned(), shard);
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Shard)) {
        change(self.0.lock().unwrap().shards.get_mut(id).unwrap());
    }

    fn close(&self, id: &str) {
        self.change(id, |shard| shard.is_closed = true);
    }

    fn append(&self, id: &str, key: &'static str) {
        self.change(id, |shard| shard.keys.push(key));
    }

    /// Makes a shard lose its records.
    fn forget(&self, id: &str) {
        self.change(id, |shard| shard.forgotten = shard.keys.len());
    }

    fn refuse_once(&self, code: &'static str) {
        self.0.lock().unwrap().refusal = Some(code);
    }

    async fn pump(&self, source: EventSource, receiver: &Receiver) -> Pump<Receiver, At> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let aws = Aws::local(&endpoint, "http://localhost:0");
        Pump::new(aws, vec![source], receiver.clone(), At(0), |_| {})
    }
}

async fn answer(State(stream): State<Stream>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let operation = headers["x-amz-target"]
        .to_str()
        .unwrap()
        .split('.')
        .next_back()
        .unwrap();
    let mut shards = stream.0.lock().unwrap();
    if operation == "GetRecords"
        && let Some(code) = shards.refusal.take()
    {
        let body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "by plan"});
        return json_of(StatusCode::BAD_REQUEST, &body);
    }
    let body = match operation {
        "DescribeTable" => json!({"Table": {"LatestStreamArn": "arn:stream"}}),
        "DescribeStream" => shards.describe(request["ExclusiveStartShardId"].as_str()),
        "GetShardIterator" => {
            let after = request["SequenceNumber"].as_str();
            let start = after.map_or(0, |after| after.parse::<usize>().unwrap().saturating_add(1));
            json!({"ShardIterator": format!("{}/{}", request["ShardId"].as_str().unwrap(), start)})
        }
        "GetRecords" => shards.read(request["ShardIterator"].as_str().unwrap()),
        other => panic!("unexpected {other}"),
    };
    json_of(StatusCode::OK, &body)
}

impl Shards {
    /// Returns one shard on each page, in the order of their ids.
    fn describe(&self, after: Option<&str>) -> Value {
        let mut rest = self
            .shards
            .iter()
            .filter(|(id, _)| after.is_none_or(|after| id.as_str() > after));
        let page: Vec<Value> = rest
            .by_ref()
            .take(1)
            .map(|(id, shard)| json!({"ShardId": id, "ParentShardId": shard.parent}))
            .collect();
        let last = rest.next().map(|_| page[0]["ShardId"].clone());
        json!({"StreamDescription": {"StreamArn": "arn:stream", "Shards": page, "LastEvaluatedShardId": last}})
    }

    /// Reads from a place, which is a shard and the index of a record.
    fn read(&self, place: &str) -> Value {
        let (id, index) = place.split_once('/').unwrap();
        let shard = &self.shards[id];
        let start: usize = index.parse().unwrap();
        let records: Vec<Value> = (0..)
            .zip(&shard.keys)
            .skip(start.max(shard.forgotten))
            .map(|(number, key)| {
                json!({"eventName": "INSERT", "dynamodb": {
                    "Keys": {"key": {"S": key}}, "SequenceNumber": number.to_string(),
                }})
            })
            .collect();
        let next = (!shard.is_closed).then(|| format!("{id}/{}", shard.keys.len()));
        json!({"Records": records, "NextShardIterator": next})
    }
}

fn json_of(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    (status, headers, body.to_string()).into_response()
}
