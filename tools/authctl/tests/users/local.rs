//! These tests run commands with `--local` in different folders.

use serde_json::json;
use tests::{Stack, access_keys, refresh_keys};

use crate::harness::{Gatehouse, Ran, folder};

#[tokio::test]
async fn the_keys_of_the_local_stack_are_found_from_any_folder_inside() {
    let gatehouse = Gatehouse::new().await;
    let clone = folder("clone");
    let (keys, inside) = (clone.join(".local/keys"), clone.join("deep/inside"));
    for folder in [&keys, &inside] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(keys.join("access-keys.json"), access_keys()).unwrap();
    std::fs::write(keys.join("refresh-keys.json"), refresh_keys()).unwrap();

    for folder in [&clone, &inside] {
        let mut command = gatehouse.command(&["--local", "key", "list", "-o", "json"]);
        let ran = Ran::from(command.current_dir(folder).output().await.unwrap());

        assert!(ran.succeeded && ran.json()[0]["set"] == "access", "{ran:?}");
    }
}

#[tokio::test]
async fn a_folder_outside_is_named_as_the_cause() {
    let gatehouse = Gatehouse::new().await;

    for arguments in [&["--local", "key", "list"][..], &["token", "mint"]] {
        let mut command = gatehouse.command(arguments);
        let ran = Ran::from(command.current_dir("/").output().await.unwrap());

        assert_eq!(ran.code, Some(3), "{ran:?}");
        let told = "there is no .local/keys in this folder or in a folder above it: run this in the clone";
        assert!(ran.told.contains(told), "{ran:?}");
    }
}

#[tokio::test]
async fn a_folder_without_keys_is_named_as_the_cause() {
    let gatehouse = Gatehouse::new().await;
    let empty = folder("no-keys");

    let ran = gatehouse
        .authctl(&["--local", "key", "list", "--keys", empty.to_str().unwrap()])
        .await;

    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.told.contains("are --database-port and --keys right?"), "{ran:?}");
}

/// The embedded engine has tables of the same names as a local stack, and another engine does not.
#[tokio::test]
async fn what_became_of_a_key_command_is_json_for_programs() {
    let stack = Stack::start().await;
    if !stack.suffix().is_empty() {
        return;
    }
    let gatehouse = Gatehouse::of(&stack);
    let engine = &stack.aws_variables()["AWS_ENDPOINT_URL_DYNAMODB"];
    let (_, port) = engine.rsplit_once(':').unwrap();
    let keys = folder("keys-for-programs");
    std::fs::write(keys.join("refresh-keys.json"), refresh_keys()).unwrap();
    let folder = keys.to_str().unwrap();
    let local = ["--local", "--database-port", port, "--keys", folder, "key"];

    for (command, done) in [
        (&["rotate", "refresh", "-o", "json"][..], "rotated"),
        (&["retire", "refresh", "--all", "--yes", "-o", "json"], "retired"),
        (&["retire", "refresh", "--all", "--yes", "-o", "jsonl"], "retired"),
    ] {
        let ran = gatehouse.authctl(&[&local[..], command].concat()).await;

        assert_eq!(ran.json(), json!({"done": done, "set": "refresh"}), "{ran:?}");
    }
}
