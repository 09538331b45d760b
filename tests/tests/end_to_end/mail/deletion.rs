//! `POST /auth/account/delete` and `POST /auth/account/keep`, and the function that removes deleted accounts.

use std::time::Duration;

use auth::{
    accounts::{AddUsers as _, Addition},
    attempts::PseudonymKey,
    password::FindPassword as _,
    user::{Email, FindUser as _},
};
use axum::http::StatusCode;
use claims::Clock as _;
use local::Functions as _;
use serde_json::json;
use tests::{Answer, Call, EMAIL, PASSWORD, Stack, template};

use super::{NEW, ask, login, newest, post, request, token};

/// The time after which the tests' stack removes a deleted account, in seconds.
const AFTER: i64 = 14 * 24 * 60 * 60;

#[tokio::test]
async fn a_deletion_ends_all_access_at_once_and_later_removes_everything() {
    let stack = Stack::start().await;
    let (session, other) = (stack.login().await, stack.login().await);
    let now = i64::try_from(stack.clock.now().timestamp().get()).unwrap();
    assert_eq!(
        delete(&stack, &session, "wrong password 12").await.error(),
        "invalid_grant"
    );

    let deleted = delete(&stack, &session, PASSWORD).await;

    assert_eq!(deleted.status, StatusCode::ACCEPTED, "{}", deleted.body);
    assert_eq!(deleted.json(), json!({"delete_at": now + AFTER}));
    assert_eq!(login(&stack, EMAIL, PASSWORD).await.error(), "invalid_grant");
    stack.clock.advance(6);
    for session in [&session, &other] {
        assert_eq!(
            stack.refresh(&session.text("refresh_token")).await.error(),
            "invalid_grant"
        );
        assert_ne!(stack.me(&session.text("access_token")).await.status, StatusCode::OK);
    }
    // The address stays taken, and its owner can set a new password.
    let notice = newest(&stack, EMAIL).await;
    assert!(
        notice.text.as_ref().unwrap().contains("2023-11-28"),
        "{:?}",
        notice.text
    );
    for (path, purpose) in [("/auth/forgot", "reset"), ("/auth/register", "registered")] {
        request(&stack, path, EMAIL).await;
        assert_eq!(newest(&stack, EMAIL).await.purpose.as_deref(), Some(purpose));
    }

    stack.clock.advance(AFTER - 10);
    remove(&stack).await;
    assert!(stack.users.user(&stack.user.id).await.unwrap().is_some());
    stack.clock.advance(10);
    remove(&stack).await;

    let email = Email::parse(EMAIL).unwrap();
    assert_eq!(stack.users.user(&stack.user.id).await.unwrap(), None);
    assert_eq!(stack.users.password_record(&email).await.unwrap(), None);
    assert_eq!(traces(&stack).await, [format!("UsersTable removed#{}", stack.user.id)]);
    assert!(stack.log.names().contains(&"account.removed".to_owned()));
    let late = keep(&stack, &token(&notice), PASSWORD).await;
    assert_eq!(late.error(), "invalid_grant");
}

#[tokio::test]
async fn the_link_and_the_password_keep_the_account_and_no_session() {
    let stack = Stack::start().await;
    let session = stack.login().await;
    delete(&stack, &session, PASSWORD).await;
    let link = token(&newest(&stack, EMAIL).await);
    assert_eq!(keep(&stack, &link, "wrong password 12").await.error(), "invalid_grant");
    assert_eq!(login(&stack, EMAIL, PASSWORD).await.error(), "invalid_grant");

    let kept = keep(&stack, &link, PASSWORD).await;

    assert_eq!(kept.status, StatusCode::NO_CONTENT, "{}", kept.body);
    assert_eq!(login(&stack, EMAIL, PASSWORD).await.status, StatusCode::OK);
    assert_eq!(
        stack.refresh(&session.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    stack.clock.advance(AFTER + 1);
    remove(&stack).await;
    assert!(stack.users.user(&stack.user.id).await.unwrap().is_some());
}

/// A registration's id follows from its request, so without a record of removed ids, its link would bring the user back.
#[tokio::test]
async fn a_removed_user_does_not_come_back_with_an_old_link() {
    let stack = Stack::start().await;
    ask(&stack, "/auth/register", "grace@example.com").await;
    let link = token(&newest(&stack, "grace@example.com").await);
    let body = json!({"token": link, "password": NEW});
    let registered = post(&stack, "/auth/register/confirm", &body).await;
    assert_eq!(registered.status, StatusCode::OK, "{}", registered.body);
    let email = Email::parse("grace@example.com").unwrap();
    let credentials = stack.users.password_record(&email).await.unwrap().unwrap();
    let user = stack.users.user(&credentials.user_id).await.unwrap().unwrap();
    auth::accounts::delete_user(
        &email,
        stack.clock.now(),
        &stack.users,
        &stack.sessions,
        &stack.factors(),
        &stack.feed,
    )
    .await
    .unwrap();

    let again = post(&stack, "/auth/register/confirm", &body).await;

    assert_eq!(again.error(), "invalid_grant");
    assert_eq!(
        stack.users.add(&user, &email, &credentials).await.unwrap(),
        Addition::Taken
    );
}

/// The answer to a deletion may be lost before it was announced, so the request may come again.
#[tokio::test]
async fn wrong_passwords_are_counted_as_those_of_a_change() {
    let stack = Stack::start().await;
    let session = stack.login().await;
    for _ in 0..5 {
        assert_eq!(
            delete(&stack, &session, "wrong password 12").await.error(),
            "invalid_grant"
        );
    }

    let sixth = delete(&stack, &session, PASSWORD).await;

    assert_eq!(sixth.error(), "throttled");
}

async fn delete(stack: &Stack, session: &Answer, password: &str) -> Answer {
    let call = Call::post("/auth/account/delete", &json!({"password": password}));
    stack.send(call.bearer(&session.text("access_token"))).await
}

async fn keep(stack: &Stack, token: &str, password: &str) -> Answer {
    post(
        stack,
        "/auth/account/keep",
        &json!({"token": token, "password": password}),
    )
    .await
}

/// Returns the keys of all items about the stack's user, but not those that were obsolete when the account was removed:
/// counts of an hour, notices, and announcements.
async fn traces(stack: &Stack) -> Vec<String> {
    const OBSOLETE: [&str; 5] = ["logins#", "changes#", "announcements#", "notice#", "source#"];
    let id = stack.user.id.to_string();
    let address = PseudonymKey::parse(tests::PSEUDONYM_KEY).unwrap();
    let address = address.hash_address(&Email::parse(EMAIL).unwrap());
    let mut traces = Vec::new();
    for (table, definition) in template(&[]).tables().unwrap() {
        let scan = stack.client().scan().table_name(format!("{table}{}", stack.suffix()));
        for item in scan.send().await.unwrap().items() {
            let text = format!("{item:?}").to_lowercase();
            let is_about = [id.as_str(), address.as_str(), EMAIL]
                .iter()
                .any(|name| text.contains(&name.to_lowercase()));
            let key = item[&definition.partition_key].as_s().unwrap();
            let is_obsolete = table == "AuthorizerFeed" || OBSOLETE.iter().any(|start| key.starts_with(start));
            if is_about && !is_obsolete {
                traces.push(format!("{table} {key}"));
            }
        }
    }
    traces
}

/// Runs the function that removes deleted accounts.
async fn remove(stack: &Stack) {
    let invoked = stack
        .functions
        .invoke("remove-accounts", "{}".to_owned(), Duration::from_mins(1));
    invoked.await.unwrap();
}
