//! Tests of the delivery of a table's records.

use claims::Span;
use config::SystemClock;

use super::{table::Table, *};

#[tokio::test]
async fn a_function_gets_the_records_in_the_form_of_lambda() {
    let (table, receiver) = (Table::new().await, Receiver::sound());
    let mut pump = table.pump(source(), &receiver);

    table.put("a").await;
    let delivered = pump.drain().await.unwrap();

    let mut event = receiver.take().remove(0);
    assert_eq!((delivered, event["Records"].as_array().unwrap().len()), (1, 1));
    let record = event["Records"][0].take();
    for (name, expected) in [
        ("eventName", "INSERT"),
        ("eventVersion", "1.1"),
        ("eventSource", "aws:dynamodb"),
    ] {
        assert_eq!(record[name], expected);
    }
    let arn = record["eventSourceARN"].as_str().unwrap();
    assert!(arn.contains(&format!(":table/{}/stream/", table.name)), "{arn}");
    let change = &record["dynamodb"];
    assert_eq!(change["Keys"], json!({"key": {"S": "a"}}));
    assert_eq!(
        change["NewImage"],
        json!({"key": {"S": "a"}, "purpose": {"S": "reset"}})
    );
    assert_eq!(change["StreamViewType"], "NEW_IMAGE");
    assert!(
        change["ApproximateCreationDateTime"].as_u64().unwrap() > 1_700_000_000,
        "{change}"
    );
    assert!(change["SizeBytes"].as_u64().unwrap() > 0, "{change}");
    assert!(
        record["eventID"].is_string() && record["awsRegion"].is_string(),
        "{record}"
    );
}

#[tokio::test]
async fn records_are_delivered_once_and_in_order() {
    let (table, receiver) = (Table::new().await, Receiver::sound());
    let source = EventSource {
        batch_size: 2,
        ..source()
    };
    let mut pump = table.pump(source, &receiver);

    table.put_all("a b c d e").await;
    let first = pump.drain().await.unwrap();
    let nothing = pump.drain().await.unwrap();
    table.put("f").await;
    let second = pump.drain().await.unwrap();

    assert_eq!((first, nothing, second), (5, 0, 1));
    assert_eq!(receiver.take_keys(), ["a b", "c d", "e", "f"]);
}

#[tokio::test]
async fn records_from_the_lowest_failed_one_are_sent_again() {
    let table = Table::new().await;
    let mut is_first = true;
    let receiver = Receiver::answering(move |sent| {
        let failures: &[usize] = if std::mem::take(&mut is_first) { &[2, 1] } else { &[] };
        let name = |index: &usize| json!({"itemIdentifier": sent[*index].sequence_number});
        Ok(json!({"batchItemFailures": failures.iter().map(name).collect::<Vec<_>>()}))
    });
    let mut pump = table.pump(source(), &receiver);

    table.put_all("a b c").await;
    let (first, second) = (pump.drain().await.unwrap(), pump.drain().await.unwrap());

    assert_eq!((first, second), (1, 2));
    assert_eq!(receiver.take_keys(), ["a b c", "b c"]);
}

#[tokio::test]
async fn a_record_that_always_fails_is_given_up_and_holds_up_no_other() {
    let (table, receiver) = (Table::new().await, Receiver::failing_for("c"));
    let limits = Limits {
        bisects: true,
        max_age: None,
        max_retries: Some(1),
    };
    let folder = Folder::new("poison");
    let pump = table.pump(EventSource { limits, ..source() }, &receiver);
    let mut pump = pump.keep_in(&folder.0).unwrap();

    table.put_all("a b c d").await;
    let (first, second) = (pump.drain().await.unwrap(), pump.drain().await.unwrap());

    assert_eq!((first, second), (2, 1));
    assert_eq!(receiver.take_keys(), ["a b c d", "a b", "c d", "c", "c", "d"]);
    let given_up: Vec<&Value> = pump.given_up().collect();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0]["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(given_up[0]["DDBStreamBatchInfo"]["batchSize"], 1);
    let kept = std::fs::read_to_string(folder.0.join("Mailer.Mails.given-up.jsonl")).unwrap();
    assert_eq!(kept, format!("{}\n", given_up[0]));
}

#[tokio::test]
async fn records_that_are_too_old_are_given_up_unsent() {
    let (table, receiver) = (Table::new().await, Receiver::sound());
    let limits = Limits {
        max_age: Some(Span::seconds(900)),
        ..Limits::default()
    };
    let source = EventSource { limits, ..source() };
    let now = SystemClock.now().get();
    let mut late = table.pump_at(source.clone(), &receiver, At(now.saturating_add(1_000_000)));
    let mut in_time = table.pump_at(source, &receiver, At(now.saturating_add(800_000)));

    table.put_all("a b").await;

    assert_eq!(late.drain().await.unwrap(), 0);
    assert_eq!(receiver.take_keys(), [""; 0]);
    let given_up: Vec<&Value> = late.given_up().collect();
    assert_eq!(given_up[0]["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(given_up[0]["DDBStreamBatchInfo"]["batchSize"], 2);
    assert_eq!(in_time.drain().await.unwrap(), 2);
}

#[tokio::test]
async fn only_a_template_with_a_destination_keeps_what_is_given_up() {
    let (table, receiver) = (Table::new().await, Receiver::failing_for("a"));
    let source = EventSource {
        limits: Limits {
            max_retries: Some(0),
            ..Limits::default()
        },
        on_failure: None,
        ..source()
    };
    let mut pump = table.pump(source, &receiver);

    table.put("a").await;

    assert_eq!(pump.drain().await.unwrap(), 0);
    assert_eq!(receiver.take_keys(), ["a"]);
    assert_eq!((pump.drain().await.unwrap(), pump.given_up().count()), (0, 0));
    assert_eq!(receiver.take_keys(), [""; 0]);
}

#[tokio::test]
async fn an_attempt_that_does_not_reach_the_function_is_not_counted() {
    let table = Table::new().await;
    let mut is_first = true;
    let receiver = Receiver::answering(move |_| {
        let cause = String::new();
        let outcome = std::mem::take(&mut is_first).then_some(InvokeError::Unreachable { cause });
        outcome.map_or(Ok(json!({})), Err)
    });
    let limits = Limits {
        max_retries: Some(0),
        ..Limits::default()
    };
    let mut pump = table.pump(EventSource { limits, ..source() }, &receiver);

    table.put("a").await;

    assert_eq!((pump.drain().await.unwrap(), pump.drain().await.unwrap()), (0, 1));
}

#[tokio::test]
async fn a_table_without_a_stream_is_an_error() {
    let table = Table::with(None).await;

    let error = table.pump(source(), &Receiver::sound()).drain().await.unwrap_err();

    let expected = format!("the table {} has no stream", table.name);
    assert!(error.to_string().contains(&expected), "{error}");
}

#[tokio::test]
async fn the_pump_waits_before_it_sends_a_failed_record_again() {
    let (table, receiver) = (Table::new().await, Receiver::failing_for("a"));
    let mut pump = table.pump(source(), &receiver);
    table.put("a").await;

    let started = tokio::time::Instant::now();
    let enough = async {
        while receiver.0.lock().unwrap().0.len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        never = pump.run() => match never {},
        () = enough => {}
    }

    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(1), "{waited:?}");
}
