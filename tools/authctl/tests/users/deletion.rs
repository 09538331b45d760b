//! These tests check that a deletion leaves nothing of a user but the record that their id was used. They also check that a deletion that fails at any step
//! is completed by the next one.

use auth::{
    password::FindPassword as _,
    session::{ClientDetails, OpenSessions as _, Session},
    user::{Email, FindUser as _, Status},
};
use axum::http::StatusCode;
use claims::{Amr, Clock as _, Moment, SessionId, Span};
use serde_json::json;
use tests::{Call, EMAIL, Fault, PASSWORD, Stack};

use crate::harness::{Gatehouse, file};

#[tokio::test]
async fn a_deleted_user_leaves_nothing_behind() {
    let stack = Stack::start().await;
    let logins = [stack.login().await, stack.login().await];
    let other = stack.login_as_another_user().await;

    let ran = Gatehouse::of(&stack)
        .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    for table in ["UsersTable", "CredentialsTable", "RefreshTokensTable"] {
        let items = stack
            .client()
            .scan()
            .table_name(format!("{table}{}", stack.suffix()))
            .send()
            .await
            .unwrap();
        // What stays is the record that the id was used.
        let kept: Vec<_> = items
            .items()
            .iter()
            .filter(|item| !item.contains_key("removed"))
            .collect();
        assert_eq!(
            items.count() - i32::try_from(kept.len()).unwrap(),
            i32::from(table == "UsersTable")
        );
        let text = format!("{kept:?}").to_lowercase();
        assert!(
            !text.contains(stack.user.id.as_str()) && !text.contains("ada@"),
            "{text}"
        );
        assert!(text.contains("grace") || table == "RefreshTokensTable", "{text}");
    }
    assert_eq!(stack.login().await.status, StatusCode::UNAUTHORIZED);
    for login in logins {
        let refreshed = stack.refresh(&login.text("refresh_token")).await;
        assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            stack.me(&login.text("access_token")).await.status,
            StatusCode::FORBIDDEN
        );
    }
    let refreshed = stack.refresh(&other.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_deletion_that_broke_off_anywhere_is_completed_by_the_next_one() {
    for broken in 0.. {
        let stack = Stack::start().await;
        let gatehouse = Gatehouse::of(&stack);
        open_sessions(&stack, 30).await;
        let mut calls = 0;
        stack.wire.fail(move |crossing| {
            let is_broken = crossing.function == "authctl" && crossing.operation != "GetItem" && calls >= broken;
            calls += u32::from(crossing.operation != "GetItem");
            is_broken.then_some(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))
        });

        let ran = gatehouse
            .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
            .await;

        stack.wire.heal();
        if ran.succeeded {
            // The seven calls disable the user, announce that, list the sessions, remove two batches of them, remove the
            // factors, and remove the user with the credentials.
            assert_eq!(broken, 7);
            assert_eq!(sessions_left(&stack).await, 0);
            break;
        }
        let user = stack.users.user(&stack.user.id).await.unwrap().unwrap();
        assert_eq!(user.status == Status::Disabled, broken > 0, "{broken}");
        let again = gatehouse
            .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
            .await;
        assert!(again.succeeded, "{broken}: {again:?}");
        assert_eq!(gatehouse.everybody().await, []);
        assert_eq!(sessions_left(&stack).await, 0);
    }
}

#[tokio::test]
async fn what_dynamodb_leaves_of_a_batch_is_sent_again() {
    let stack = Stack::start().await;
    open_sessions(&stack, 60).await;
    // The first five calls process this many writes each. Later calls process all of theirs.
    let mut done = [0, 12, 6, 0, 3].into_iter();
    stack.wire.fail(move |crossing| {
        let batch = crossing.operation == "BatchWriteItem";
        batch.then(|| done.next().map(Fault::Unprocessed)).flatten()
    });

    let ran = Gatehouse::of(&stack)
        .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    assert_eq!(sessions_left(&stack).await, 0);
    let crossings = stack.wire.take().into_iter();
    let batches = crossings.filter(|crossing| crossing.operation == "BatchWriteItem");
    // The batches of 25, 25 and 10 items need one call each, and the first batch needs five more for its rest.
    assert_eq!(batches.count(), 8);
}

#[tokio::test]
async fn a_deletion_for_which_there_is_no_capacity_fails_and_can_be_done_again() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    open_sessions(&stack, 30).await;
    stack
        .wire
        .fail(|crossing| (crossing.operation == "BatchWriteItem").then_some(Fault::Unprocessed(0)));

    let failed = gatehouse
        .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
        .await;
    stack.wire.heal();
    let left = sessions_left(&stack).await;
    let again = gatehouse
        .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
        .await;

    assert!(
        !failed.succeeded && failed.told.contains("DynamoDB processed nothing"),
        "{failed:?}"
    );
    assert_eq!(left, 30);
    assert!(again.succeeded, "{again:?}");
    assert_eq!(sessions_left(&stack).await, 0);
}

#[tokio::test]
async fn a_new_user_of_the_same_address_is_another_one() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let old = stack.login().await;
    let email = Email::parse(EMAIL).unwrap();
    let hash = stack
        .users
        .password_record(&email)
        .await
        .unwrap()
        .unwrap()
        .password_hash;
    let line = json!({"email": EMAIL, "password_hash": hash.expose()});

    gatehouse
        .authctl(&["user", "delete", EMAIL, "--yes", "--reason", "ticket 4711"])
        .await;
    gatehouse
        .authctl(&["user", "import", &file("same-address.jsonl", &line.to_string())])
        .await;

    let [user] = &gatehouse.everybody().await[..] else {
        panic!()
    };
    assert_ne!(user.id, stack.user.id);
    let login = stack
        .send(Call::post(
            "/auth/login",
            &json!({"email": EMAIL, "password": PASSWORD}),
        ))
        .await;
    assert_eq!(login.status, StatusCode::OK);
    let refreshed = stack.refresh(&old.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_user_is_deleted_without_confirmation() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);

    let unasked = gatehouse
        .authctl(&["user", "delete", EMAIL, "--reason", "ticket 4711"])
        .await;
    let unknown = gatehouse
        .authctl(&[
            "user",
            "delete",
            "nobody@example.com",
            "--yes",
            "--reason",
            "ticket 4711",
        ])
        .await;

    assert!(!unasked.succeeded && unasked.told.contains("pass --yes"), "{unasked:?}");
    assert!(
        !unknown.succeeded && unknown.told.contains("no user has this address"),
        "{unknown:?}"
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

/// Opens this many sessions for the user.
async fn open_sessions(stack: &Stack, count: u64) {
    let now = stack.clock.now();
    for number in 0..count {
        let session = Session {
            user_id: stack.user.id.clone(),
            sid: SessionId::new(Moment::new(now.get().saturating_add(number)), [0; 10]),
            generation: 0,
            issued_at: now.timestamp(),
            delivered_at: None,
            previous_delivered_at: None,
            recovered_generation: None,
            idle_expires_at: now.timestamp().plus(Span::seconds(3_600)),
            expires_at: now.timestamp().plus(Span::seconds(3_600)),
            epoch: 0,
            revoked: None,
            created_at: now.timestamp(),
            auth_time: now.timestamp(),
            amr: Amr::PASSWORD,
            client: ClientDetails::default(),
            is_new_device: false,
        };
        stack.sessions.create(&session).await.unwrap();
    }
}

async fn sessions_left(stack: &Stack) -> i32 {
    let table = format!("RefreshTokensTable{}", stack.suffix());
    let scan = stack.client().scan().table_name(table).send().await;
    scan.unwrap().count()
}
