//! These tests check that what a command prints is complete, or that the command fails and says what to do.

use std::{
    fs::{File, OpenOptions},
    process::Stdio,
};

use auth::{password::FindPassword as _, user::Email};
use serde_json::{Value, json};
use tests::{Call, EMAIL, Stack};

use crate::harness::{Gatehouse, Ran, csv, file};

const GRACE: &str = "grace@example.com";

#[tokio::test]
async fn a_full_disk_is_an_error_that_says_what_to_do() {
    let gatehouse = Gatehouse::new().await;
    import(&gatehouse, 40).await;

    for arguments in [
        &["user", "list"][..],
        &["user", "list", "-o", "json"],
        &["user", "show", "user-0001@example.com"],
    ] {
        let ran = run(&gatehouse, arguments, full(), Stdio::piped()).await;

        assert_eq!(ran.code, Some(7), "{arguments:?}: {ran:?}");
        assert!(ran.told.contains("free space or use another output"), "{ran:?}");
        assert!(ran.told.contains("No space left on device"), "{ran:?}");
    }
    let exported = run(&gatehouse, &["user", "export"], full(), Stdio::piped()).await;
    assert!(
        !exported.succeeded && exported.told.contains("free space"),
        "{exported:?}"
    );
}

#[tokio::test]
async fn a_reader_that_stops_early_is_no_error() {
    let gatehouse = Gatehouse::new().await;
    import(&gatehouse, 300).await;

    for arguments in [&["user", "export"][..], &["user", "list"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = run(&gatehouse, arguments, writer.into(), Stdio::piped()).await;

        assert!(ran.succeeded, "{arguments:?}: {ran:?}");
        assert_eq!(ran.told, "");
    }
}

#[tokio::test]
async fn a_generated_password_that_cannot_be_shown_is_not_set() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let ada = Email::parse(EMAIL).unwrap();
    let before = stack.users.password_record(&ada).await.unwrap();

    let added = run(
        &gatehouse,
        &["user", "add", GRACE, "--generate"],
        Stdio::piped(),
        full(),
    )
    .await;
    let arguments = ["user", "set-password", EMAIL, "--generate", "--yes", "--reason", "lost"];
    let set = run(&gatehouse, &arguments, Stdio::piped(), full()).await;

    assert_eq!((added.code, set.code), (Some(1), Some(1)));
    assert_eq!(gatehouse.everybody().await, std::slice::from_ref(&stack.user));
    assert_eq!(stack.users.password_record(&ada).await.unwrap(), before);
}

#[tokio::test]
async fn a_generated_password_is_shown_before_it_is_set() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    // Standard output is full, so the result cannot be printed.
    let ran = run(
        &gatehouse,
        &["user", "add", GRACE, "--generate"],
        full(),
        Stdio::piped(),
    )
    .await;

    assert_eq!(ran.code, Some(7), "{ran:?}");
    let first = ran.told.lines().next().unwrap();
    let password = first.strip_prefix("Password (shown only once): ").unwrap();
    let body = json!({"email": GRACE, "password": password});
    assert_eq!(stack.send(Call::post("/auth/login", &body)).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_program_finds_the_generated_password_in_the_result() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    let ran = gatehouse
        .authctl(&["-o", "json", "user", "add", GRACE, "--generate"])
        .await;
    let set = ["user", "set-password", GRACE, "--generate", "--yes", "--reason", "lost"];
    let line = gatehouse.authctl(&[&["-o", "jsonl"][..], &set].concat()).await;
    let named = gatehouse.authctl(&[&["-o", "name"][..], &set].concat()).await;
    let lost = [&["-o", "json"][..], &set].concat();
    let lost = run(&gatehouse, &lost, full(), Stdio::piped()).await;

    assert!(ran.succeeded && ran.told.is_empty(), "{ran:?}");
    assert_eq!(ran.json()["email"], GRACE);
    assert_eq!(ran.json()["generated_password"].as_str().unwrap().len(), 24);
    assert_eq!((line.out.lines().count(), line.told.as_str()), (1, ""), "{line:?}");
    assert_eq!(line.json()["generated_password"].as_str().unwrap().len(), 24);
    assert_eq!(named.out.trim_end(), ran.json()["user_id"]);
    assert!(named.told.starts_with("Password (shown only once): "), "{named:?}");
    assert_eq!(lost.code, Some(7));
    assert!(lost.told.contains("user set-password --generate"), "{lost:?}");
}

#[tokio::test]
async fn errors_are_json_for_programs() {
    let gatehouse = Gatehouse::new().await;

    for format in ["json", "jsonl"] {
        let ran = gatehouse.authctl(&["user", "show", GRACE, "-o", format]).await;

        let told: Value = serde_json::from_str(&ran.told).unwrap();
        assert_eq!(told, json!({"error": "no user has this address", "exit_code": 3}));
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    }
}

async fn run(gatehouse: &Gatehouse, arguments: &[&str], out: Stdio, told: Stdio) -> Ran {
    let mut command = gatehouse.command(arguments);
    let child = command.stdout(out).stderr(told).spawn().unwrap();
    drop(command);
    child.wait_with_output().await.unwrap().into()
}

/// Returns a device that is always full.
fn full() -> Stdio {
    let device: File = OpenOptions::new().write(true).open("/dev/full").unwrap();
    device.into()
}

async fn import(gatehouse: &Gatehouse, count: u32) {
    let ran = gatehouse
        .authctl(&["user", "import", &file(&format!("output-{count}.csv"), &csv(count))])
        .await;
    assert!(ran.succeeded, "{ran:?}");
}
