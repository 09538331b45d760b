//! These tests check what an export writes, and that an import of it restores the same users.

use std::{
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tests::Fault;

use crate::harness::{Gatehouse, HASHES, Ran, csv, file, folder, jsonl, path};

#[tokio::test]
async fn what_was_exported_and_imported_is_exported_as_it_was() {
    let gatehouse = Gatehouse::new().await;
    gatehouse
        .authctl(&["user", "import", &file("many.csv", &csv(300))])
        .await;
    gatehouse
        .authctl(&["user", "import", &file("all-kinds.jsonl", &all_kinds())])
        .await;

    for format in ["csv", "jsonl"] {
        let exported = gatehouse.authctl(&["user", "export", "--format", format]).await;
        let other = Gatehouse::new().await;
        let imported = other
            .authctl_with(&["user", "import", "-", "--format", format], &exported.out)
            .await;
        let again = other.authctl(&["user", "export", "--format", format]).await;

        assert!(
            exported.succeeded && imported.succeeded && again.succeeded,
            "{imported:?}"
        );
        assert_eq!(exported.out.lines().count(), 304 + usize::from(format == "csv"));
        assert_eq!(exported.sorted(), again.sorted());
        assert_eq!(gatehouse.everybody().await, other.everybody().await);
    }
}

#[tokio::test]
async fn a_line_has_all_data_of_a_user() {
    let gatehouse = Gatehouse::new().await;
    // Each column with its value in JSON, and its cell in CSV.
    let columns = [
        ("email", json!("Ada@Example.com"), "Ada@Example.com"),
        ("password_hash", json!(HASHES[4]), &format!("\"{}\"", HASHES[4])),
        ("role", json!("admin"), "admin"),
        ("scope", json!("a b"), "a b"),
        (
            "custom_claims",
            json!({"tenant": {"id": 7}}),
            r#""{""tenant"":{""id"":7}}""#,
        ),
        ("status", json!("disabled"), "disabled"),
        ("user_id", json!("7"), "7"),
        ("created_at", json!("2017-07-14T02:40:00Z"), "2017-07-14T02:40:00Z"),
        (
            "password_changed_at",
            json!("2020-01-01T00:00:00Z"),
            "2020-01-01T00:00:00Z",
        ),
        ("epoch", json!(3), "3"),
    ];
    let members = columns
        .iter()
        .map(|(name, value, _)| ((*name).to_owned(), value.clone()));
    let line = Value::Object(members.collect());
    gatehouse
        .authctl(&["user", "import", &file("line.jsonl", &line.to_string())])
        .await;

    let jsonl = gatehouse.authctl(&["user", "export"]).await;
    let csv = gatehouse.authctl(&["user", "export", "--format", "csv"]).await;

    assert_eq!(jsonl.json(), line);
    let names = columns.each_ref().map(|(name, ..)| *name).join(",");
    let cells = columns.each_ref().map(|(.., cell)| *cell).join(",");
    let expected = format!("{names}\n{cells}\n");
    assert_eq!(csv.out, expected);
}

#[tokio::test]
async fn a_file_is_new_and_only_its_owner_can_read_it() {
    let gatehouse = Gatehouse::new().await;
    gatehouse.authctl(&["user", "import", &file("few.csv", &csv(3))]).await;
    let path = path("exported.jsonl");
    let arguments = ["user", "export", "-o", "json", "--to", path.to_str().unwrap()];

    let first = gatehouse.authctl(&arguments).await;
    let written = std::fs::read_to_string(&path).unwrap();
    let second = gatehouse.authctl(&arguments).await;

    assert_eq!(first.json(), json!({"exported": 3, "file": path}));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(written.lines().count(), 3);
    assert!(!second.succeeded && second.told.contains("File exists"), "{second:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
}

#[tokio::test]
async fn an_export_that_breaks_off_leaves_no_file() {
    let gatehouse = Gatehouse::new().await;
    gatehouse
        .authctl(&["user", "import", &file("some.csv", &csv(300))])
        .await;
    let path = path("unfinished.jsonl");
    let mut scans = 0;
    gatehouse.wire.fail(move |crossing| {
        scans += u32::from(crossing.operation == "Scan");
        (scans > 1).then_some(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))
    });

    let ran = gatehouse
        .authctl(&["user", "export", "--to", path.to_str().unwrap()])
        .await;

    assert!(
        !ran.succeeded && ran.told.contains("list users: the store is unavailable"),
        "{ran:?}"
    );
    assert!(!path.exists());
    assert_eq!(ran.code, Some(5), "{ran:?}");
}

#[tokio::test]
async fn an_export_that_is_interrupted_leaves_no_file_and_can_be_done_again() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let gatehouse = Gatehouse::new().await;
        gatehouse
            .authctl(&["user", "import", &file("interrupted.csv", &csv(300))])
            .await;
        let folder = folder("interrupted-export");
        let path = folder.join("users.jsonl");
        let arguments = ["user", "export", "--to", path.to_str().unwrap()];
        let (reads, mut scans) = (Arc::new(AtomicU32::new(0)), 0);
        let seen = Arc::clone(&reads);
        gatehouse.wire.fail(move |crossing| {
            scans += u32::from(crossing.operation == "Scan");
            seen.store(scans, Ordering::Relaxed);
            (scans > 1).then_some(Fault::Slow(Duration::from_mins(1)))
        });

        let export = gatehouse.command(&arguments).spawn().unwrap();
        while reads.load(Ordering::Relaxed) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        assert!(!path.exists());
        let pid = Pid::from_raw(export.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let ran = Ran::from(export.wait_with_output().await.unwrap());

        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(
            ran.told.contains("interrupted: after 256 users; no file was left"),
            "{ran:?}"
        );
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        gatehouse.wire.heal();
        let again = gatehouse.authctl(&arguments).await;
        assert!(again.succeeded, "{again:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 300);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }
}

#[tokio::test]
async fn a_file_that_appears_meanwhile_is_kept() {
    let gatehouse = Gatehouse::new().await;
    gatehouse
        .authctl(&["user", "import", &file("meanwhile.csv", &csv(3))])
        .await;
    let folder = folder("meanwhile-export");
    let path = folder.join("users.jsonl");
    let other = path.clone();
    gatehouse.wire.fail(move |crossing| {
        if crossing.operation == "Scan" {
            std::fs::write(&other, "mine").unwrap();
        }
        None
    });

    let ran = gatehouse
        .authctl(&["user", "export", "--to", path.to_str().unwrap()])
        .await;

    assert!(!ran.succeeded && ran.told.contains("File exists"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[tokio::test]
async fn a_user_who_could_not_be_imported_is_not_exported() {
    let gatehouse = Gatehouse::new().await;

    for format in ["csv", "jsonl"] {
        let exported = gatehouse.authctl(&["user", "export", "--format", format]).await;
        let imported = gatehouse
            .authctl_with(&["user", "import", "-", "--format", format], &exported.out)
            .await;

        assert!(exported.succeeded && imported.succeeded, "{format}: {imported:?}");
    }
}

/// Returns a file of users with values that an export could easily garble.
fn all_kinds() -> String {
    let hash = HASHES[3];
    jsonl(&[
        json!({"email": "ＡＤＡ\"quoted\"@example.com", "password_hash": hash, "status": "disabled", "epoch": 7}),
        json!({"email": "o'neill,=1+1@example.com", "password_hash": hash, "created_at": 0, "password_changed_at": 1}),
        json!({"email": "é@example.com", "password_hash": hash, "user_id": "=cmd,'x'",
               "custom_claims": {"a": {"b": [1, 1.5, -0.25, null, "\"\n,", {}], "é": ""}, "n": 18_446_744_073_709_551_615_u64}}),
        json!({"email": "long@example.com", "password_hash": hash, "user_id": "x".repeat(36), "scope": "s:1 s:2"}),
    ])
}
