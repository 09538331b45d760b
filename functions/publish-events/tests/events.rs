//! What the function puts on the bus for the records of a stream, and what it does if the bus fails.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "lints do not recognise test helpers as tests"
)]

use config::Environment;
use doubles::{Log, Reply, Service, TestClock};
use publish_events::PublishEvents;
use runtime::{Audit, Invoke as _};
use serde_json::{Value, json};
use store::Aws;

#[tokio::test]
async fn each_change_of_a_user_is_an_event() {
    let bus = Service::start(vec![accepted()]).await;
    let mut moved = user();
    moved["email"] = json!({"S": "ada@example.org"});
    moved["epoch"] = json!({"N": "3"});
    let mut raised = moved.clone();
    raised["epoch"] = json!({"N": "4"});
    let mut deleting = raised.clone();
    deleting["status"] = json!({"S": "deleting"});
    deleting["delete_at"] = json!({"N": "1700000000"});
    let records = [
        record(1, None, Some(&user())),
        record(2, Some(&user()), Some(&moved)),
        // Nothing that other systems know changes here.
        record(3, Some(&moved), Some(&raised)),
        record(4, Some(&raised), Some(&deleting)),
        record(5, Some(&deleting), None),
        record(
            6,
            None,
            Some(&json!({"user_id": {"S": "removed#user-1"}, "removed": {"BOOL": true}})),
        ),
    ];

    let answer = invoke(&bus, &records).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
    let events: Vec<(String, Value)> = bus.requests().iter().map(|request| event(&request.body)).collect();
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["created", "changed", "changed", "deleted"].map(|kind| format!("gatehouse.user.{kind}"))
    );
    let data = |email: &str, status: &str| {
        json!({
            "email": email, "role": "user", "scope": "reports:read", "custom_claims": {}, "status": status,
            "created_at": 1_690_000_000,
        })
    };
    assert_eq!(
        events[0].1,
        json!({"id": "id-1", "sequence": "1", "sub": "user-1", "user": data("ada@example.com", "enabled")})
    );
    assert_eq!(events[1].1["changed"], json!(["email"]));
    assert_eq!(events[1].1["user"], data("ada@example.org", "enabled"));
    assert_eq!(events[2].1["changed"], json!(["status"]));
    assert_eq!(events[2].1["user"]["delete_at"], 1_700_000_000);
    assert_eq!(events[3].1, json!({"id": "id-5", "sequence": "5", "sub": "user-1"}));
}

#[tokio::test]
async fn after_a_failure_the_rest_of_the_batch_waits() {
    let bus = Service::start(vec![accepted(), Reply::Error(400, "AccessDeniedException")]).await;
    let records: Vec<Value> = (1..=3).map(|number| record(number, None, Some(&user()))).collect();

    let answer = invoke(&bus, &records).await;

    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
    assert_eq!(bus.requests().len(), 2);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_does_not_hold_up_the_others() {
    let bus = Service::start(vec![accepted()]).await;
    let records = [
        record(1, None, Some(&json!({"user_id": {"S": "user-2"}}))),
        record(2, None, Some(&user())),
    ];

    let answer = invoke(&bus, &records).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(bus.requests().len(), 1);
}

async fn invoke(bus: &Service, records: &[Value]) -> Value {
    let environment = Environment::from_iter([
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint().to_owned()),
        ("EVENT_BUS", "users".to_owned()),
    ]);
    let aws = Aws::local("http://localhost:0", "http://localhost:0");
    let audit = Audit::new(environment.telemetry().unwrap(), Log::default());
    let function = PublishEvents::new(&environment, &aws, TestClock::default(), audit).unwrap();
    let payload = json!({"Records": records}).to_string();
    function.invoke(&payload, "request".to_owned(), None).await.unwrap()
}

fn record(number: u64, old: Option<&Value>, new: Option<&Value>) -> Value {
    let mut change = json!({"SequenceNumber": number.to_string()});
    for (name, image) in [("OldImage", old), ("NewImage", new)] {
        if let Some(image) = image {
            change[name] = image.clone();
        }
    }
    json!({"eventID": format!("id-{number}"), "dynamodb": change})
}

fn event(body: &str) -> (String, Value) {
    let body: Value = serde_json::from_str(body).unwrap();
    let entry = &body["Entries"][0];
    let detail = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    (entry["DetailType"].as_str().unwrap().to_owned(), detail)
}

fn user() -> Value {
    json!({
        "user_id": {"S": "user-1"},
        "email": {"S": "ada@example.com"},
        "role": {"S": "user"},
        "scopes": {"S": "reports:read"},
        "custom_claims": {"M": {}},
        "status": {"S": "enabled"},
        "epoch": {"N": "2"},
        "created_at": {"N": "1690000000"},
    })
}

fn accepted() -> Reply {
    Reply::Json(
        200,
        json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}).to_string(),
    )
}
