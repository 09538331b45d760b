//! Events that API Gateway and SAM have sent, collected by other projects. The tests require that each one gets an
//! answer.

use std::{fs, path::Path};

use api::{Answer, Failure, Handler, Request};
use claims::Moment;
use doubles::vectors;
use serde_json::{Value, json};

use crate::harness::answer;

const FOLDERS: [&str; 2] = ["aws_lambda_events", "aws_sam_cli_events"];
/// The number of collected events that are HTTP requests. The others are events for authorizers, or invalid.
const REQUESTS: usize = 28;

#[tokio::test]
async fn every_event_is_answered_or_refused_and_never_a_fault() {
    let Some(folder) = vectors() else {
        return;
    };
    let events = FOLDERS.map(|name| events(&folder.join(name))).concat();
    assert!(events.len() >= REQUESTS, "{} events", events.len());

    for (name, event) in events {
        for response in [answer(Writing, &event).await, answer(Reading, &event).await] {
            let status = response["statusCode"].as_u64().unwrap();
            assert!(matches!(status, 200 | 400..=499), "{name}: {response}");
            let format = if version(&event) == "2.0" {
                "cookies"
            } else {
                "multiValueHeaders"
            };
            assert!(
                response[format].is_array() || response[format].is_object(),
                "{name}: {response}"
            );
        }
    }
}

#[tokio::test]
async fn every_event_of_a_websocket_is_refused_as_a_request() {
    let Some(folder) = vectors() else {
        return;
    };
    let mut events = events(&folder.join(FOLDERS[0]));
    events.retain(|(name, _)| name.starts_with("example-apigw-websocket-request"));
    assert_eq!(events.len(), 3);

    for (name, event) in events {
        let response = answer(Writing, &event).await;

        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&response["statusCode"], &body["error"]),
            (&json!(400), &json!("invalid_request")),
            "{name}"
        );
    }
}

fn events(folder: &Path) -> Vec<(String, String)> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn version(event: &str) -> Value {
    let event: Value = serde_json::from_str(event).unwrap();
    event["version"].clone()
}

/// A handler that requires a body.
struct Writing;

impl Handler for Writing {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        request.body()?.text("email")?;
        Err(Failure::not_found())
    }
}

/// A handler that requires the context of an authorizer.
struct Reading;

impl Handler for Reading {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        request.require_get()?;
        request.authorizer_context().map(Answer::json)
    }
}
