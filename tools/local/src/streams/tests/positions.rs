//! Tests of where a pump continues.

use super::{table::Table, *};
use crate::streams::Filter;

#[tokio::test]
async fn a_restart_continues_after_what_was_processed() {
    let table = Table::new().await;
    let (folder, receiver) = (Folder::new("restart"), Receiver::failing_for("c"));
    let source = EventSource {
        batch_size: 2,
        ..source()
    };
    let pump = |receiver| {
        let pump = table.pump(source.clone(), receiver);
        pump.keep_in(&folder.0).unwrap()
    };

    table.put_all("a b c d").await;
    let before = pump(&receiver).drain().await.unwrap();
    table.put("e").await;
    let sound = Receiver::sound();
    let after = pump(&sound).drain().await.unwrap();
    let nothing = pump(&sound).drain().await.unwrap();

    assert_eq!((before, after, nothing), (2, 3, 0));
    assert_eq!(receiver.take_keys(), ["a b", "c d"]);
    assert_eq!(sound.take_keys(), ["c d", "e"]);
}

#[tokio::test]
async fn the_latest_position_is_where_the_first_start_was() {
    let table = Table::new().await;
    let (folder, receiver) = (Folder::new("latest"), Receiver::sound());
    let source = EventSource {
        start: StartingPosition::Latest,
        ..source()
    };
    let pump = || {
        let pump = table.pump(source.clone(), &receiver);
        pump.keep_in(&folder.0).unwrap()
    };

    table.put("before").await;
    let first = pump().drain().await.unwrap();
    table.put("meanwhile").await;
    let second = pump().drain().await.unwrap();

    assert_eq!((first, second), (0, 1));
    assert_eq!(receiver.take_keys(), ["meanwhile"]);
}

#[tokio::test]
async fn the_positions_of_another_stream_do_not_count() {
    let (table, receiver) = (Table::new().await, Receiver::sound());
    let folder = Folder::new("another");
    let pump = || table.pump(source(), &receiver).keep_in(&folder.0).unwrap();
    table.put("a").await;
    pump().drain().await.unwrap();
    let path = folder.0.join("Mailer.Mails.json");
    let positions = std::fs::read_to_string(&path).unwrap();

    std::fs::write(&path, positions.replace("/stream/", "/stream/0")).unwrap();
    let delivered = pump().drain().await.unwrap();

    assert_eq!(delivered, 1);
    assert_eq!(receiver.take_keys(), ["a", "a"]);
}

#[tokio::test]
async fn records_that_no_filter_matches_are_passed_over() {
    let (table, receiver) = (Table::new().await, Receiver::sound());
    let pattern = json!({"dynamodb": {"NewImage": {"key": {"S": ["b"]}}}}).to_string();
    let folder = Folder::new("filter");
    let source = EventSource {
        filters: vec![Filter::parse(&pattern).unwrap()],
        ..source()
    };

    table.put_all("a b").await;
    table.delete("b").await;
    let mut pump = table.pump(source.clone(), &receiver).keep_in(&folder.0).unwrap();
    let delivered = pump.drain().await.unwrap();
    let mut again = table.pump(source, &receiver).keep_in(&folder.0).unwrap();

    assert_eq!((delivered, again.drain().await.unwrap()), (1, 0));
    assert_eq!(receiver.take_keys(), ["b"]);
}
