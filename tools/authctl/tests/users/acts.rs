//! These tests check that no act of an operator is unrecorded.

use std::path::Path;

use auth::user::Status;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::{EMAIL, Stack, refresh_keys};

use crate::{
    harness::{Gatehouse, HASHES, Ran, file, path},
    operators_log::{Fault, OPERATOR},
};

const WHY: [&str; 2] = ["--reason", "ticket 4711"];

#[tokio::test]
async fn an_act_is_on_record_with_who_what_and_why_before_and_after_the_change() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    let ran = gatehouse
        .authctl(&["user", "disable", EMAIL, "--yes", WHY[0], WHY[1]])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    let [began, done] = &gatehouse.log.lines()[..] else {
        panic!("{:?}", gatehouse.log.lines())
    };
    assert_eq!(
        (&began["message"], &began["act"], &done["message"]),
        (
            &json!("operator.began"),
            &json!("operator.user_disabled"),
            &json!("operator.user_disabled")
        )
    );
    for line in [began, done] {
        for (name, value) in [
            ("who", OPERATOR),
            ("why", "ticket 4711"),
            ("user_id", stack.user.id.as_str()),
            ("service", "gate"),
            ("function_name", "authctl"),
        ] {
            assert_eq!(line[name], value, "{line}");
        }
        assert_eq!(line["function_request_id"], began["function_request_id"]);
        assert!(!line.to_string().to_lowercase().contains("ada@"), "{line}");
    }
}

#[tokio::test]
async fn every_act_has_its_own_event() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let sid = stack.login().await.text("sid");
    let line = json!({"email": "hedy@example.com", "password_hash": HASHES[1]});
    let (users, export) = (file("acts.jsonl", &line.to_string()), path("acts-export.jsonl"));

    for (command, event) in [
        (
            &["user", "add", "grace@example.com", "--generate"][..],
            "operator.user_added",
        ),
        (&["user", "invite", "joan@example.com"], "operator.user_invited"),
        (&["user", "reset", EMAIL], "operator.reset_mailed"),
        (&["user", "set-role", EMAIL, "admin"], "operator.role_set"),
        (&["user", "set-scope", EMAIL, "a b"], "operator.scope_set"),
        (&["user", "set-claims", EMAIL, r#"{"a":1}"#], "operator.claims_set"),
        (&["user", "set-email", EMAIL, "Ada@Example.com"], "operator.address_set"),
        (&["user", "unlock", EMAIL], "operator.user_unlocked"),
        (
            &["session", "revoke", EMAIL, &sid, "--yes", WHY[0], WHY[1]],
            "operator.session_revoked",
        ),
        (
            &["session", "revoke", EMAIL, "--all", "--yes", WHY[0], WHY[1]],
            "operator.sessions_revoked",
        ),
        (
            &["user", "set-password", EMAIL, "--generate", "--yes", WHY[0], WHY[1]],
            "operator.password_set",
        ),
        (
            &["user", "reset-factors", EMAIL, "--yes", WHY[0], WHY[1]],
            "operator.factors_reset",
        ),
        (
            &["user", "disable", EMAIL, "--yes", WHY[0], WHY[1]],
            "operator.user_disabled",
        ),
        (&["user", "enable", EMAIL], "operator.user_enabled"),
        (&["user", "import", &users], "operator.users_imported"),
        (
            &["user", "export", "--to", export.to_str().unwrap()],
            "operator.users_exported",
        ),
        (
            &["user", "delete", EMAIL, "--yes", WHY[0], WHY[1]],
            "operator.user_deleted",
        ),
    ] {
        let before = gatehouse.log.lines().len();

        let ran = gatehouse.authctl(command).await;

        assert!(ran.succeeded, "{ran:?}");
        let lines = gatehouse.log.lines().split_off(before);
        let messages: Vec<&Value> = lines.iter().map(|line| &line["message"]).collect();
        assert_eq!(messages, ["operator.began", event], "{command:?}");
        let text = format!("{lines:?}").to_lowercase();
        assert!(!text.contains("@example") && !text.contains("$2"), "{text}");
    }
    let added = gatehouse
        .log
        .lines()
        .into_iter()
        .find(|line| line["message"] == "operator.user_added");
    let grace = gatehouse
        .everybody()
        .await
        .into_iter()
        .find(|user| user.email == "grace@example.com");
    assert_eq!(added.unwrap()["user_id"], grace.unwrap().id.as_str());
}

#[tokio::test]
async fn a_command_that_changes_nothing_leaves_no_record() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let line = json!({"email": "hedy@example.com", "password_hash": HASHES[1]});
    let users = file("acts-dry.jsonl", &line.to_string());

    for command in [
        &["user", "list"][..],
        &["user", "show", EMAIL],
        &["user", "factors", EMAIL],
        &["session", "list", EMAIL],
        &["user", "import", &users, "--dry-run"],
    ] {
        let ran = gatehouse.authctl(command).await;

        assert!(ran.succeeded, "{ran:?}");
    }
    assert_eq!(gatehouse.log.lines(), Vec::<Value>::new());
}

#[tokio::test]
async fn without_a_record_nothing_is_changed() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let disable = ["user", "disable", EMAIL, "--yes", WHY[0], WHY[1]];

    for (fault, code, told) in [
        (Fault::Denied, 6, "is not authorized to perform: logs:PutLogEvents"),
        (Fault::Dropped, 1, "CloudWatch dropped the line"),
    ] {
        gatehouse.log.fail(Some(fault));

        let ran = gatehouse.authctl(&disable).await;

        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.told.contains(told), "{ran:?}");
        assert!(ran.told.contains("nothing was changed"), "{ran:?}");
        assert!(ran.told.contains("pass --unrecorded"), "{ran:?}");
    }
    let unnamed = gatehouse.command(&disable).env_remove("OPERATORS_LOG").output().await;
    let unnamed = String::from_utf8(unnamed.unwrap().stderr).unwrap();
    assert!(
        unnamed.contains("--operators-log <name> (stack output OperatorsLog)"),
        "{unnamed}"
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_act_without_a_record_takes_an_option_and_warns() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    gatehouse.log.fail(Some(Fault::Denied));

    let ran = gatehouse
        .authctl(&["user", "disable", EMAIL, "--yes", WHY[0], WHY[1], "--unrecorded"])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    assert_eq!(ran.told, "warning: this is not recorded\n");
    assert_eq!(gatehouse.everybody().await[0].status, Status::Disabled);
}

#[tokio::test]
async fn an_act_that_fails_is_on_record_as_failed() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    stack.login_as_another_user().await;

    let ran = gatehouse
        .authctl(&["user", "set-email", EMAIL, "grace@example.com"])
        .await;

    assert!(!ran.succeeded, "{ran:?}");
    let [_, failed] = &gatehouse.log.lines()[..] else {
        panic!()
    };
    assert_eq!(
        (&failed["message"], &failed["act"], &failed["cause"], &failed["level"]),
        (
            &json!("operator.failed"),
            &json!("operator.address_set"),
            &json!("a user with this address already exists"),
            &json!("WARN")
        )
    );
}

#[tokio::test]
async fn what_ends_access_needs_a_reason() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    for command in [
        &["user", "disable", EMAIL, "--yes"][..],
        &["user", "delete", EMAIL, "--yes"],
        &["user", "set-password", EMAIL, "--generate", "--yes"],
        &["user", "reset-factors", EMAIL, "--yes"],
        &["session", "revoke", EMAIL, "--all", "--yes"],
        &["key", "retire", "access", "--all", "--yes"],
    ] {
        let ran = gatehouse.authctl(command).await;

        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert_eq!(ran.told, "error: no reason: pass --reason, for the record\n");
    }
    assert_eq!(gatehouse.log.lines(), Vec::<Value>::new());
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_change_whose_end_cannot_be_recorded_is_a_change_and_warns() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    gatehouse.log.fail(Some(Fault::BusyAtTheEnd));

    let ran = gatehouse
        .authctl(&["user", "disable", EMAIL, "--yes", WHY[0], WHY[1]])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    let told = "warning: the end of this act is not recorded: Rate exceeded: cannot write to the log group";
    assert!(ran.told.contains(told), "{ran:?}");
    assert_eq!(gatehouse.everybody().await[0].status, Status::Disabled);
    let [began] = &gatehouse.log.lines()[..] else { panic!() };
    assert_eq!(began["act"], "operator.user_disabled");
}

/// The embedded engine has tables of the same names as a local stack, and another engine does not.
#[tokio::test]
async fn the_log_of_a_local_stack_is_a_file_in_its_folder() {
    let stack = Stack::start().await;
    if !stack.suffix().is_empty() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("local-operators");
    let (keys, log) = (folder.join("keys"), folder.join("operators.log"));
    std::fs::create_dir_all(&keys).unwrap();
    std::fs::write(&log, "").unwrap();
    std::fs::write(keys.join("refresh-keys.json"), refresh_keys()).unwrap();
    let engine = &stack.aws_variables()["AWS_ENDPOINT_URL_DYNAMODB"];
    let (_, port) = engine.rsplit_once(':').unwrap();
    let gatehouse = Gatehouse::of(&stack);
    let run = async |keys: &Path, command: &[&str]| {
        let target = ["--local", "--database-port", port, "--keys", keys.to_str().unwrap()];
        let mut command = gatehouse.command(&[&target[..], command].concat());
        Ran::from(command.env("LOGNAME", "grace").output().await.unwrap())
    };

    let elsewhere = run(Path::new("/nowhere/keys"), &["user", "disable", EMAIL, "--yes"]).await;
    let here = run(&keys, &["user", "disable", EMAIL, "--yes"]).await;
    let retired = run(&keys, &["key", "retire", "refresh", "--all", "--yes"]).await;

    let told = "cannot write /nowhere/operators.log: pass --keys";
    assert!(!elsewhere.succeeded && elsewhere.told.contains(told), "{elsewhere:?}");
    assert!(here.succeeded && retired.succeeded, "{here:?} {retired:?}");
    let lines = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [_, disabled, _, retired] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(
        (&disabled["message"], &disabled["who"], &disabled["service"]),
        (&json!("operator.user_disabled"), &json!("grace"), &json!("gatehouse"))
    );
    assert_eq!(
        (&retired["message"], &retired["key_set"], &retired["kid"]),
        (&json!("operator.key_retired"), &json!("refresh"), &json!("all"))
    );
}
