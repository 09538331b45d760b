//! Sessions as items: the attribute `ttl`, and the reading of older and broken items.

use auth::{
    error::StoreError,
    feed::retention,
    session::{Change, OpenSessions as _, RemoveSessions as _, RevokeReason, RotateSessions as _, Session},
};
use aws_sdk_dynamodb::types::AttributeValue;
use claims::LEEWAY;

use crate::{
    sessions::{NOW, ROTATION, RULE, after, presented, revoke, session, stored},
    tables::Tables,
};

#[tokio::test]
async fn an_item_may_be_deleted_once_its_refresh_token_is_dead() {
    let tables = Tables::new().await;
    let session = session(1);
    tables.sessions.create(&session).await.unwrap();
    let fresh = number(&tables, &session, "ttl").await;

    let rotation = rotate(&tables, &session).await;
    assert!(matches!(rotation, Change::Written(_)));
    let rotated = number(&tables, &session, "ttl").await;

    assert_eq!(fresh, session.idle_expires_at.plus(LEEWAY).get());
    assert_eq!(rotated, ROTATION.idle_expires_at.plus(LEEWAY).get());
}

#[tokio::test]
async fn a_revoked_item_may_be_deleted_once_it_is_announced_no_more() {
    let tables = Tables::new().await;
    let session = Session {
        idle_expires_at: after(1_000_000),
        ..session(1)
    };
    tables.sessions.create(&session).await.unwrap();

    revoke(&tables.sessions, &session, RevokeReason::Logout, after(5)).await;

    let ttl = number(&tables, &session, "ttl").await;
    assert_eq!(ttl, after(5).plus(retention()).get());
}

#[tokio::test]
async fn an_older_item_without_delivered_at_can_be_rotated_and_recovered() {
    let tables = Tables::new().await;
    let older = session(1);
    tables.sessions.create(&older).await.unwrap();
    remove(&tables, &older, "delivered_at").await;
    remove(&tables, &older, "previous_delivered_at").await;

    let rotation = rotate(&tables, &older).await;
    assert_eq!(rotation, Change::Written(older.rotated(0, NOW, &ROTATION)));

    let older = session(2);
    tables.sessions.create(&older).await.unwrap();
    remove(&tables, &older, "delivered_at").await;

    let recovery = tables.sessions.recover(&older, after(20)).await.unwrap();
    assert_eq!(recovery, Change::Written(older.recovered(after(20))));
}

#[tokio::test]
async fn an_attribute_of_a_newer_version_is_left_alone() {
    let tables = Tables::new().await;
    let session = session(1);
    tables.sessions.create(&session).await.unwrap();
    set(&tables, &session, "newer", AttributeValue::N("7".to_owned())).await;

    let rotation = rotate(&tables, &session).await;

    assert_eq!(rotation, Change::Written(session.rotated(0, NOW, &ROTATION)));
    assert_eq!(number(&tables, &session, "newer").await, 7);
}

#[tokio::test]
async fn an_idle_limit_beyond_the_end_counts_as_the_end() {
    let tables = Tables::new().await;
    let session = Session {
        idle_expires_at: after(100),
        expires_at: after(50),
        ..session(1)
    };
    tables.sessions.create(&session).await.unwrap();

    let found = stored(&tables.sessions, &session).await.unwrap();

    assert_eq!(found.idle_expires_at, session.expires_at);
}

#[tokio::test]
async fn a_malformed_item_is_reported_without_its_values() {
    const CANARY: &str = "canary-4f1e";
    let tables = Tables::new().await;
    let broken = [
        ("issued_at", AttributeValue::S(CANARY.to_owned())),
        ("auth_time", AttributeValue::N("1.5".to_owned())),
        ("label", AttributeValue::L(vec![AttributeValue::S(CANARY.to_owned())])),
        ("revoke_reason", AttributeValue::S(CANARY.to_owned())),
    ];
    for (number, (attribute, value)) in (1..).zip(broken) {
        let session = session(number);
        tables.sessions.create(&session).await.unwrap();
        set(&tables, &session, attribute, value).await;

        // The generation differs from that of the stored session, so the write fails and returns the stored session,
        // which is broken.
        let moved = Session {
            generation: 1,
            ..session
        };
        let told = tables.sessions.recover(&moved, NOW).await.unwrap_err();

        assert!(matches!(told, StoreError::Malformed { .. }), "{attribute}: {told:?}");
        let shown = format!("{told} {told:?}");
        assert!(!shown.contains(CANARY) && !shown.contains("1.5"), "{shown}");
    }
}

#[tokio::test]
async fn a_malformed_item_is_removed_with_the_others_of_its_user() {
    let tables = Tables::new().await;
    for number in [1, 2] {
        tables.sessions.create(&session(number)).await.unwrap();
    }
    remove(&tables, &session(1), "issued_at").await;

    tables.sessions.remove_sessions(&session(1).user_id).await.unwrap();

    let left = tables.client.scan().table_name(tables.sessions_name()).send().await;
    assert_eq!(left.unwrap().items(), []);
}

async fn rotate(tables: &Tables, session: &Session) -> Change {
    let presented = presented(session);
    tables.sessions.rotate(&presented, &ROTATION, &RULE).await.unwrap()
}

async fn number(tables: &Tables, session: &Session, attribute: &str) -> u64 {
    let found = tables.client.get_item().table_name(tables.sessions_name());
    let found = found
        .key("user_id", AttributeValue::S(session.user_id.to_string()))
        .key("sid", AttributeValue::S(session.sid.to_string()))
        .send()
        .await
        .unwrap();
    found.item.unwrap()[attribute].as_n().unwrap().parse().unwrap()
}

async fn set(tables: &Tables, session: &Session, attribute: &str, value: AttributeValue) {
    let update = tables.client.update_item().table_name(tables.sessions_name());
    update
        .key("user_id", AttributeValue::S(session.user_id.to_string()))
        .key("sid", AttributeValue::S(session.sid.to_string()))
        .update_expression("SET #attribute = :value")
        .expression_attribute_names("#attribute", attribute)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

async fn remove(tables: &Tables, session: &Session, attribute: &str) {
    let update = tables.client.update_item().table_name(tables.sessions_name());
    update
        .key("user_id", AttributeValue::S(session.user_id.to_string()))
        .key("sid", AttributeValue::S(session.sid.to_string()))
        .update_expression("REMOVE #attribute")
        .expression_attribute_names("#attribute", attribute)
        .send()
        .await
        .unwrap();
}
