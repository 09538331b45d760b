//! These tests mint tokens, inspect and explain them, and put a token into a sample event.

#![cfg(test)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tests::access_keys;

#[test]
fn a_minted_token_is_explained_as_allowed_and_is_put_into_an_event() {
    let folder = keys("minted");
    let keys = folder.to_str().unwrap();
    let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/authorizer-rest-token.json");

    let token = text(&authctl(&["token", "mint", "--keys", keys, "--role", "analyst"]));
    let placed = text(&authctl(&[
        "token",
        "mint",
        "--keys",
        keys,
        "--event",
        event.to_str().unwrap(),
    ]));
    let shown = text(&authctl(&["token", "inspect", token.trim()]));
    let explain = [
        "token",
        "explain",
        token.trim(),
        "GET",
        "/reports/7",
        "--keys",
        keys,
        "-o",
        "json",
    ];
    let explained = text(&authctl(&explain));
    std::fs::remove_dir_all(&folder).unwrap();

    let placed: Value = serde_json::from_str(&placed).unwrap();
    assert_eq!(placed["type"], "TOKEN");
    assert!(!placed.to_string().contains("no.real.token"));
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["claims"]["role"], "analyst");
    let checks: Vec<Value> = serde_json::from_str(&explained).unwrap();
    assert_eq!(checks.last().unwrap()["detail"], "allowed, as minted-user");
    for text in [shown.to_string(), explained] {
        assert!(!text.contains(token.trim().rsplit('.').next().unwrap()));
    }
}

#[test]
fn what_is_missing_is_named() {
    let folder = std::env::temp_dir().join("authctl-no-such-folder");

    let output = authctl(&["token", "mint", "--keys", folder.to_str().unwrap()]);

    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("pass --keys, or run `cargo dev` once"), "{error}");
}

fn authctl(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authctl"));
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn keys(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("access-keys.json"), access_keys()).unwrap();
    folder
}
