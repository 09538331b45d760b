//! These tests check that no session and no key ends before the operator has confirmed it.

use auth::{password::FindPassword as _, user::Email};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::{Call, EMAIL, Stack, access_keys};

use crate::{
    harness::{Gatehouse, folder},
    terminal::Terminal,
};

const GRACE: &str = "grace@example.com";
const WHY: [&str; 2] = ["--reason", "ticket 4711"];

#[tokio::test]
async fn without_a_terminal_everything_that_ends_sessions_needs_yes() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let login = stack.login().await;
    let sid = login.text("sid");
    let ada = Email::parse(EMAIL).unwrap();
    let password = stack.users.password_record(&ada).await.unwrap();

    for (arguments, told) in [
        (
            &["user", "disable", EMAIL][..],
            "This disables the login of Ada@Example.com, user ",
        ),
        (&["user", "delete", EMAIL], "This deletes Ada@Example.com"),
        (
            &["user", "set-password", EMAIL, "--generate"],
            "This replaces the password of Ada@Example.com",
        ),
        (
            &["user", "reset-factors", EMAIL],
            "This removes the second factors of Ada@Example.com",
        ),
        (
            &["session", "revoke", EMAIL, "--all"],
            "in the stack of the environment: 1 now.",
        ),
        (&["session", "revoke", EMAIL, &sid], "This ends the session "),
        (
            &["revoke-drill", EMAIL, "--way", "disable"],
            "This ends all sessions of Ada@Example.com at ",
        ),
    ] {
        let ran = gatehouse.authctl(&[arguments, &WHY].concat()).await;

        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert!(ran.told.contains(told) && ran.told.contains("pass --yes"), "{ran:?}");
        assert!(ran.out.is_empty(), "{ran:?}");
    }

    assert_eq!(gatehouse.everybody().await, std::slice::from_ref(&stack.user));
    assert_eq!(stack.users.password_record(&ada).await.unwrap(), password);
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    assert_eq!(gatehouse.log.lines(), Vec::<Value>::new());
}

#[tokio::test]
async fn without_a_terminal_no_key_is_retired() {
    let gatehouse = Gatehouse::new().await;
    let keys = folder("keys-to-retire");
    for name in ["access-keys.json", "refresh-keys.json"] {
        std::fs::write(keys.join(name), access_keys()).unwrap();
    }
    let local = ["--local", "--keys", keys.to_str().unwrap(), "key", "retire"];

    for (arguments, told) in [
        (
            ["access", "--all"],
            "This retires every access key of the local stack: all access tokens of all users",
        ),
        (
            ["refresh", "--all"],
            "This retires every refresh key of the local stack: ALL users are logged out",
        ),
        (
            ["refresh", "some-key"],
            "This retires the refresh key some-key of the local stack: the users",
        ),
    ] {
        let ran = gatehouse.authctl(&[&local[..], &arguments].concat()).await;

        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert!(ran.told.contains(told), "{ran:?}");
    }

    for name in ["access-keys.json", "refresh-keys.json"] {
        assert_eq!(std::fs::read_to_string(keys.join(name)).unwrap(), access_keys());
    }
}

#[tokio::test]
async fn an_answer_other_than_yes_changes_nothing() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let token = stack.login().await.text("access_token");

    for (answer, code, status) in [
        ("n", 4, StatusCode::OK),
        ("", 4, StatusCode::OK),
        ("y", 0, StatusCode::FORBIDDEN),
    ] {
        let disable = [&["user", "disable", EMAIL][..], &WHY].concat();
        let mut terminal = Terminal::run(gatehouse.command(&disable));
        let question = terminal.wait_for("Continue?").await;
        assert!(
            question.contains("This disables the login of Ada@Example.com"),
            "{question}"
        );
        terminal.type_line(answer);
        let (found, screen) = terminal.finish().await;
        stack.clock.advance(5);

        assert_eq!(found, Some(code), "{answer}: {screen}");
        assert_eq!(
            screen.contains("not confirmed: nothing was changed"),
            code == 4,
            "{screen}"
        );
        assert_eq!(stack.me(&token).await.status, status, "{answer}");
        let lines = if code == 0 { 2 } else { 0 };
        assert_eq!(
            gatehouse.log.lines().len(),
            lines,
            "a refused question leaves no record"
        );
    }
}

#[tokio::test]
async fn the_reason_is_asked_for_before_the_confirmation() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    let mut terminal = Terminal::run(gatehouse.command(&["user", "disable", EMAIL]));
    let screen = terminal.wait_for("Why?").await;
    assert!(!screen.contains("Continue?"), "{screen}");
    terminal.type_line("ticket 4711");
    terminal.wait_for("Continue?").await;
    terminal.type_line("y");
    let (code, screen) = terminal.finish().await;

    assert_eq!(code, Some(0), "{screen}");
    let [_, disabled] = &gatehouse.log.lines()[..] else {
        panic!("{screen}")
    };
    assert_eq!(
        (&disabled["message"], &disabled["why"]),
        (&json!("operator.user_disabled"), &json!("ticket 4711"))
    );
}

#[tokio::test]
async fn a_weak_password_is_refused_before_it_is_typed_again() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let good = "a long pass phrase of mine";

    let mut terminal = Terminal::run(gatehouse.command(&["user", "add", GRACE]));
    terminal.wait_for("Password:").await;
    terminal.type_line("password");
    let refused = terminal.wait_for("least").await;
    assert!(!refused.contains("Confirmation:"), "{refused}");
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!terminal.wait_for("Password:").await.contains("Confirmation:"));
    terminal.type_line(good);
    terminal.wait_for("Confirmation:").await;
    terminal.type_line(good);
    let (code, screen) = terminal.finish().await;

    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains(good));
    let body = json!({"email": GRACE, "password": good});
    assert_eq!(
        stack.send(Call::post("/auth/login", &body)).await.status,
        StatusCode::OK
    );
}
