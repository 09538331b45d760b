//! The sample events in `events/`. Each file name starts with the name of the function that gets the event.

use std::{collections::BTreeMap, path::Path, time::Duration};

use local::{Functions as _, InvokeError};
use serde_json::{Value, json};
use tests::{FUNCTIONS, Stack, template};

/// The user id in the events. The sessions in the events do not exist.
const USER: &str = "018bcfe5-6800-7000-8000-000000000000";
/// The events that are answered with a status other than 200, each with its status. The stack does not accept the
/// tokens in the events.
const STATUSES: [(&str, u16); 28] = [
    // The links in the events are of another stack.
    ("address", 401),
    ("address-confirm", 401),
    ("confirm", 401),
    ("delete-account", 401),
    ("factors", 401),
    ("factors-confirm", 401),
    ("factors-recovery", 401),
    ("factors-remove", 401),
    ("factors-totp", 401),
    ("keep-account", 401),
    ("login", 401),
    ("login-base64", 401),
    ("login-broken-base64", 400),
    ("login-by-cookie", 401),
    ("login-malformed", 400),
    ("logout", 204),
    ("me-without-authorizer", 401),
    // The path of this event contains the hash of an older version.
    ("pages-asset", 404),
    ("password", 401),
    ("refresh", 401),
    ("refresh-by-cookie", 401),
    ("refresh-from-another-site", 403),
    ("register", 401),
    ("request-mail", 202),
    ("request-mail-forgot", 202),
    ("reset", 401),
    ("second-step", 401),
    ("sessions-end-one", 404),
];

/// The authorizer events that are allowed with a valid token.
const GOOD: [&str; 5] = [
    "authorizer",
    "authorizer-http-1",
    "authorizer-rest-request",
    "authorizer-rest-token",
    "authorizer-websocket",
];
/// The authorizer events that are never allowed.
const BAD: [&str; 7] = [
    "authorizer-bad-empty",
    "authorizer-bad-joined-headers",
    "authorizer-bad-null-maps",
    "authorizer-bad-scheme",
    "authorizer-bad-token-in-query",
    "authorizer-bad-two-headers",
    "authorizer-bad-wildcard-arn",
];

#[tokio::test]
async fn every_event_of_the_gateway_gets_its_answer() {
    let stack = Stack::start().await;
    let mut events = events();
    events.retain(|name, _| !name.starts_with("authorizer"));

    let mut expected = BTreeMap::from(STATUSES);
    for (name, event) in events {
        let event = event.replace(USER, stack.user.id.as_str());
        let answer = invoke(&stack, &name, event).await.unwrap();

        let status = expected.remove(name.as_str()).unwrap_or(200);
        assert_eq!(answer["statusCode"], status, "{name}: {answer}");
    }
    assert_eq!(expected, BTreeMap::new(), "events that are gone");
}

#[test]
fn every_route_has_an_event() {
    let events: Vec<Value> = events()
        .values()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();

    for route in template(&[]).api().unwrap().routes {
        let key = route.key();
        assert!(
            events
                .iter()
                .any(|event| event["version"] == "2.0" && event["routeKey"] == key.as_str()),
            "events/ needs a file for {key}"
        );
    }
}

#[tokio::test]
async fn every_good_authorizer_event_is_accepted_only_with_a_fresh_token() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");
    let mut events = events();
    events.retain(|name, _| name.starts_with("authorizer"));
    let (bad, good): (Vec<_>, Vec<_>) = events
        .into_iter()
        .partition(|(name, _)| name.starts_with("authorizer-bad-"));
    assert_eq!(names(&good), GOOD);
    assert_eq!(names(&bad), BAD);

    for (name, event) in good {
        assert_refused(invoke(&stack, &name, event.clone()).await, &name);
        let accepted = invoke(&stack, &name, event.replace("no.real.token", &token))
            .await
            .unwrap();

        assert_eq!(accepted["context"]["sub"], stack.user.id.as_str(), "{name}");
    }
    for (name, event) in bad {
        assert_refused(
            invoke(&stack, &name, event.replace("no.real.token", &token)).await,
            &name,
        );
    }
}

fn names(events: &[(String, String)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

fn assert_refused(answer: Result<Value, InvokeError>, name: &str) {
    let message = "Unauthorized".to_owned();
    match answer {
        Ok(answer) if answer.get("isAuthorized").is_some() => {
            assert_eq!(answer["isAuthorized"], json!(false), "{name}");
        }
        Ok(answer) => assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Deny", "{name}"),
        Err(error) => assert_eq!(error, InvokeError::Failed { message }, "{name}"),
    }
}

async fn invoke(stack: &Stack, name: &str, event: String) -> Result<Value, InvokeError> {
    let functions = FUNCTIONS.iter().filter(|function| name.starts_with(**function));
    let function = functions.max_by_key(|function| function.len()).unwrap();
    stack.functions.invoke(function, event, Duration::from_secs(10)).await
}

fn events() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}
