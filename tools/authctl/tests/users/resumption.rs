//! These tests check that an import that stops midway and is run again loses no user and adds no user twice.

use std::{
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use auth::user::User;
use axum::http::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tests::Fault;
use tokio::io::AsyncWriteExt as _;

use crate::harness::{Gatehouse, HASHES, Ran, csv, file};

/// The number of imported users. It is so large that a test can stop the import midway.
const USERS: u32 = 120;

#[tokio::test]
async fn an_import_that_an_outage_ends_goes_on_when_it_is_run_again() {
    let gatehouse = Gatehouse::new().await;
    let file = file("outage.csv", &csv(USERS));
    let writes = AtomicU32::new(0);
    gatehouse.wire.fail(move |crossing| {
        let is_late = crossing.operation == "PutItem" && writes.fetch_add(1, Ordering::Relaxed) >= 50;
        is_late.then_some(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))
    });

    let broken = gatehouse.authctl(&["user", "import", &file, "-o", "json"]).await;

    assert!(!broken.succeeded);
    assert_eq!(broken.json()["imported"], 50, "{broken:?}");
    assert!(broken.json()["unanswered"].as_u64().unwrap() >= 1, "{broken:?}");
    for told in [
        "run this again, and imported lines are skipped",
        "AWS failed: run this again: by plan",
    ] {
        assert!(broken.told.contains(told), "{}", broken.told);
    }
    let before = gatehouse.everybody().await;
    assert_eq!(before.len(), 50);

    gatehouse.wire.heal();
    let again = gatehouse.authctl(&["user", "import", &file, "-o", "json"]).await;

    assert!(again.succeeded, "{again:?}");
    assert_eq!(
        again.json(),
        json!({"dry_run": false, "imported": USERS - 50, "left": 50, "refused": 0})
    );
    assert_everybody_once(&gatehouse).await;
    assert_still_there(&gatehouse, &before).await;
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_done_twice() {
    let gatehouse = Gatehouse::new().await;
    let file = file("lost-answers.csv", &csv(USERS));
    let writes = AtomicU32::new(0);
    gatehouse.wire.fail(move |crossing| {
        let is_write = crossing.operation == "PutItem";
        let is_lost = is_write && writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        is_lost.then_some(Fault::BrokenAfterEffect)
    });

    let ran = gatehouse.authctl(&["user", "import", &file, "-o", "json"]).await;

    assert!(ran.succeeded, "{ran:?}");
    let expected = json!({"dry_run": false, "imported": USERS, "left": 0, "refused": 0});
    assert_eq!(ran.json(), expected);
    assert_everybody_once(&gatehouse).await;
}

/// The SDK gives up after five tries, and the import then begins a new transaction for the same user.
#[tokio::test]
async fn a_user_whose_every_answer_was_lost_counts_as_imported() {
    for given in [false, true] {
        let gatehouse = Gatehouse::new().await;
        let mut user = json!({"email": "ada@example.com", "password_hash": HASHES[1]});
        if given {
            user["user_id"] = "ada".into();
        }
        let file = file(&format!("every-answer-lost-{given}.jsonl"), &user.to_string());
        let writes = AtomicU32::new(0);
        gatehouse.wire.fail(move |crossing| {
            let is_lost = crossing.operation == "PutItem" && writes.fetch_add(1, Ordering::Relaxed) < 6;
            is_lost.then_some(Fault::BrokenAfterEffect)
        });

        let ran = gatehouse.authctl(&["user", "import", &file, "-o", "json"]).await;

        assert!(ran.succeeded, "{ran:?}");
        let expected = json!({"dry_run": false, "imported": 1, "left": 0, "refused": 0});
        assert_eq!(ran.json(), expected);
    }
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_when_it_is_run_again() {
    let gatehouse = Gatehouse::new().await;
    let file = file("killed.csv", &csv(USERS));
    gatehouse
        .wire
        .fail(|crossing| (crossing.operation == "PutItem").then_some(Fault::Slow(Duration::from_millis(50))));

    let mut import = gatehouse.command(&["user", "import", &file]).spawn().unwrap();
    while gatehouse.everybody().await.len() < 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    import.kill().await.unwrap();
    // Requests under way may still arrive.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = gatehouse.everybody().await;
    assert!(before.len() < usize::try_from(USERS).unwrap());

    gatehouse.wire.heal();
    let again = gatehouse.authctl(&["user", "import", &file, "-o", "json"]).await;

    assert!(again.succeeded, "{again:?}");
    assert_eq!(again.json()["left"], before.len());
    assert_everybody_once(&gatehouse).await;
    assert_still_there(&gatehouse, &before).await;
}

#[tokio::test]
async fn an_import_that_is_interrupted_counts_what_was_under_way() {
    for signal in [Signal::INT, Signal::TERM] {
        let gatehouse = Gatehouse::new().await;
        let text = csv(USERS);
        gatehouse
            .wire
            .fail(|crossing| (crossing.operation == "PutItem").then_some(Fault::Slow(Duration::from_millis(300))));
        let arguments = ["user", "import", "-", "--format", "csv", "-o", "json"];
        let mut import = gatehouse.command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
        // Standard input stays open, so the import does not end when it has read all of this.
        let mut stdin = import.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).await.unwrap();
        while gatehouse.everybody().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let pid = Pid::from_raw(import.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let ran: Ran = import.wait_with_output().await.unwrap().into();

        assert!(!ran.succeeded);
        assert_eq!(
            ran.told,
            "{\"error\":\"interrupted: run this again, and imported lines are skipped\",\"exit_code\":130}\n"
        );
        assert_eq!(ran.code, Some(130));
        let written = gatehouse.everybody().await.len();
        assert!(written < usize::try_from(USERS).unwrap());
        assert_eq!(
            ran.json(),
            json!({"dry_run": false, "imported": written, "left": 0, "refused": 0})
        );
        drop(stdin);
    }
}

async fn assert_everybody_once(gatehouse: &Gatehouse) {
    let emails: Vec<String> = gatehouse.everybody().await.into_iter().map(|user| user.email).collect();
    let expected: Vec<String> = (0..USERS)
        .map(|number| format!("user-{number:04}@example.com"))
        .collect();
    assert_eq!(emails, expected);
}

async fn assert_still_there(gatehouse: &Gatehouse, before: &[User]) {
    let now = gatehouse.everybody().await;
    let changed = before.iter().filter(|user| !now.contains(user)).count();
    assert_eq!(changed, 0);
}
