//! These tests list users with filters and in every format.

use serde_json::{Value, json};

use crate::harness::{Gatehouse, HASHES, file, jsonl};

#[tokio::test]
async fn the_filters_and_the_limit_choose_the_users() {
    let gatehouse = with_users("filters").await;

    for (filters, expected) in [
        (&[][..], 4),
        (&["--role", "admin"], 2),
        (&["--status", "disabled"], 1),
        (&["--role", "admin", "--status", "disabled"], 0),
        (&["--scope", "reports:read"], 1),
        (&["--scope", "reports"], 0),
        (&["--email-prefix", "ADA"], 2),
        (&["--limit", "3"], 3),
        (&["--role", "admin", "--limit", "1"], 1),
        (&["--limit", "9"], 4),
    ] {
        for format in ["json", "jsonl", "name"] {
            let ran = gatehouse
                .authctl(&[&["user", "list", "-o", format][..], filters].concat())
                .await;

            let found = match format {
                "json" => ran.json().as_array().unwrap().len(),
                _ => ran.out.lines().count(),
            };
            assert_eq!(found, expected, "{filters:?} {format}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn each_line_of_json_is_a_user_and_each_name_is_an_id() {
    let gatehouse = with_users("formats").await;

    let lines = gatehouse.authctl(&["user", "list", "-o", "jsonl"]).await;
    let names = gatehouse.authctl(&["user", "list", "-o", "name"]).await;

    let mut ids: Vec<Value> = lines
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["user_id"].clone())
        .collect();
    ids.sort_by_key(Value::to_string);
    assert_eq!(ids, ["id-1", "id-2", "id-3", "id-4"]);
    assert_eq!(names.out, "id-1\nid-2\nid-3\nid-4\n");
    for name in names.out.lines() {
        assert!(gatehouse.authctl(&["user", "show", name]).await.succeeded, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_status_is_reported_with_those_that_exist() {
    let gatehouse = Gatehouse::new().await;

    let ran = gatehouse.authctl(&["user", "list", "--status", "locked"]).await;

    assert!(
        !ran.succeeded && ran.told.contains("must be one of enabled, disabled, deleting"),
        "{ran:?}"
    );
}

async fn with_users(name: &str) -> Gatehouse {
    let gatehouse = Gatehouse::new().await;
    let user = |id: &str, email: &str, role: &str, scope: &str, status: &str| {
        json!({
            "user_id": id, "email": email, "role": role, "scope": scope, "status": status, "password_hash": HASHES[1]
        })
    };
    let users = jsonl(&[
        user("id-1", "ada@example.com", "admin", "reports:read", "enabled"),
        user("id-2", "Adam@example.com", "user", "", "enabled"),
        user("id-3", "grace@example.com", "admin", "", "enabled"),
        user("id-4", "hedy@example.com", "user", "", "disabled"),
    ]);
    let ran = gatehouse
        .authctl(&["user", "import", &file(&format!("list-{name}.jsonl"), &users)])
        .await;
    assert!(ran.succeeded, "{ran:?}");
    gatehouse
}
