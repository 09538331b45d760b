//! These tests show what holds up the logins of a user, and open them again.

use auth::attempts::{CountAttempts as _, Lane};
use axum::http::StatusCode;
use claims::{Clock as _, Moment, TokenId};
use serde_json::{Value, json};
use store::Attempts;
use tests::{Answer, Call, EMAIL, PASSWORD, Stack};

use crate::harness::Gatehouse;

/// The waits before the attempts in a lane until it is used up, in seconds.
const WAITS: [i64; 15] = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

#[tokio::test]
async fn a_user_is_shown_with_sessions_and_logins() {
    let stack = Stack::start().await;
    stack.login().await;
    stack.clock.advance(60);
    let last = stack.clock.now().timestamp();
    let second = stack.login().await;
    stack.clock.advance(60);
    stack.logout(&second.text("refresh_token")).await;

    let shown = show(&stack, "json").await;

    let shown: Value = serde_json::from_str(&shown).unwrap();
    let last = jiff::Timestamp::from_second(last.get().try_into().unwrap()).unwrap();
    assert_eq!(
        shown["last_login_at"],
        last.to_string(),
        "the session is over, and counts"
    );
    assert_eq!(shown["sessions"]["live"], 1);
    assert_eq!(
        (
            &shown["status"],
            &shown["factors"],
            &shown["custom_claims"],
            &shown["delete_at"]
        ),
        (&json!("enabled"), &json!("none"), &json!({}), &Value::Null)
    );
    assert_eq!(shown["throttled"], json!([]));
    let text = show(&stack, "table").await;
    for line in [
        "EMAIL          Ada@Example.com",
        "SESSIONS       1, last used ",
        "THROTTLED      no",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(show(&stack, "name").await, format!("{}\n", stack.user.id));
}

#[tokio::test]
async fn an_unlocked_user_logs_in_at_once() {
    let stack = Stack::start().await;
    use_up(&stack).await;
    assert_eq!(login(&stack, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    let gatehouse = Gatehouse::with_mail(&stack).await;

    let before: Value = serde_json::from_str(&show(&stack, "json").await).unwrap();
    let unlocked = gatehouse.authctl(&["user", "unlock", EMAIL]).await;
    let after: Value = serde_json::from_str(&show(&stack, "json").await).unwrap();

    assert!(unlocked.succeeded, "{unlocked:?}");
    let [lane] = &before["throttled"].as_array().unwrap()[..] else {
        panic!("{before}")
    };
    assert_eq!(
        (&lane["lane"], &lane["failures"], &lane["state"]),
        (&json!("address"), &json!(15), &json!("shared"))
    );
    let until: jiff::Timestamp = lane["until"].as_str().unwrap().parse().unwrap();
    let now = i64::try_from(stack.clock.now().timestamp().get()).unwrap();
    let wait = until.as_second().saturating_sub(now);
    assert!((890..=902).contains(&wait), "{wait}");
    assert_eq!(after["throttled"], json!([]));
    assert_eq!(login(&stack, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_codes_of_a_second_factor_are_forgotten_only_on_request() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let changed_at = stack.user.created_at;
    let lane = Lane::second(stack.user.id.clone(), changed_at);
    let attempts = Attempts::new(stack.client(), format!("AttemptsTable{}", stack.suffix()));
    let mut now = stack.clock.now();
    for number in 0..60_u8 {
        now = Moment::new(now.get().saturating_add(900_000));
        let id = TokenId::new(now, [number; 10]);
        attempts.count(&lane, &id, now).await.unwrap();
    }
    stack.clock.advance(60 * 900);
    let held = async || {
        let shown: Value = serde_json::from_str(&show(&stack, "json").await).unwrap();
        shown["throttled"].clone()
    };

    let before = held().await;
    assert!(gatehouse.authctl(&["user", "unlock", EMAIL]).await.succeeded);
    let kept = held().await;
    let everything = ["user", "unlock", EMAIL, "--what", "everything"];
    assert!(gatehouse.authctl(&everything).await.succeeded);

    assert_eq!(
        (&before[0]["lane"], &before[0]["state"]),
        (&json!("second"), &json!("closed"))
    );
    assert_eq!(kept, before);
    assert_eq!(held().await, json!([]));
}

/// An operator may be allowed to read users, but not the pseudonym key.
#[tokio::test]
async fn a_user_is_shown_without_the_attempts_if_these_cannot_be_read() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    let ran = gatehouse.authctl(&["user", "show", EMAIL, "-o", "json"]).await;
    let unlocked = gatehouse.authctl(&["user", "unlock", EMAIL]).await;

    assert!(ran.succeeded, "{ran:?}");
    assert_eq!(ran.json()["throttled"], Value::Null);
    let why = ran.json()["throttled_unknown"].to_string();
    assert!(why.contains("--local or --pseudonym-key-secret"), "{why}");
    assert!(
        !unlocked.succeeded && unlocked.told.contains("--pseudonym-key-secret"),
        "{unlocked:?}"
    );
}

/// Guesses from one source until its lane is used up.
async fn use_up(stack: &Stack) {
    for wait in WAITS {
        stack.clock.advance(wait);
        assert_eq!(login(stack, "a wrong guess").await.status, StatusCode::UNAUTHORIZED);
    }
}

async fn login(stack: &Stack, password: &str) -> Answer {
    let body = json!({"email": EMAIL, "password": password});
    stack.send(Call::post("/auth/login", &body)).await
}

async fn show(stack: &Stack, format: &str) -> String {
    let gatehouse = Gatehouse::with_mail(stack).await;
    let ran = gatehouse.authctl(&["user", "show", EMAIL, "-o", format]).await;
    assert!(ran.succeeded, "{ran:?}");
    ran.out
}
