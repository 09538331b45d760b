//! `GET /auth/sessions` page by page, and its bounded cost with any number of sessions.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use axum::http::StatusCode;
use claims::{Clock as _, Moment, SessionId};
use rstest::rstest;
use serde_json::Value;
use tests::{Answer, Call, Stack};

/// The number of sessions of a user who tries to break the list.
const MANY: u64 = 10_000;

#[tokio::test]
async fn a_list_goes_on_where_the_one_before_it_ended() {
    let stack = Stack::start().await;
    let mut sids = Vec::new();
    for _ in 0..5 {
        stack.clock.advance(1);
        sids.push(stack.login().await.text("sid"));
    }
    let asking = stack.login().await;
    stack.clock.advance(1);

    let mut listed = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = list(&stack, &asking, &query).await.json();
        let sessions = page["sessions"].as_array().unwrap();
        assert!(sessions.len() <= 2);
        listed.extend(
            sessions
                .iter()
                .map(|session| session["sid"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.get("next_cursor") else {
            break;
        };
        query = format!("?limit=2&cursor={}", cursor.as_str().unwrap());
    }

    listed.retain(|sid| *sid != asking.text("sid"));
    sids.reverse();
    assert_eq!(listed, sids);
}

#[rstest]
#[case::no_limit("?limit=0", "`limit` must be a number from 1 to 100")]
#[case::too_much("?limit=101", "`limit` must be a number from 1 to 100")]
#[case::twice("?limit=1&limit=2", "`limit` must be a number from 1 to 100")]
#[case::no_number("?limit=x", "`limit` must be a number from 1 to 100")]
#[case::no_cursor("?cursor=x", "`cursor` must be the `next_cursor` of an earlier page")]
#[case::a_session_id(
    "?cursor=018bcfe5-6800-7000-8000-000000000003",
    "`cursor` must be the `next_cursor` of an earlier page"
)]
#[tokio::test]
async fn an_invalid_limit_or_cursor_is_refused_before_anything_is_read(#[case] query: &str, #[case] description: &str) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    reads(&stack);

    let refused = list(&stack, &login, query).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    assert_eq!(refused.text("error_description"), description);
    assert_eq!(reads(&stack), [""; 0]);
}

#[tokio::test]
async fn a_cursor_of_somebody_else_shows_nothing_of_theirs() {
    let stack = Stack::start().await;
    for _ in 0..3 {
        stack.login().await;
    }
    let asking = stack.login().await;
    let other = stack.login_as_another_user().await;
    let cursor = list(&stack, &asking, "?limit=1").await.text("next_cursor");

    let page = list(&stack, &other, &format!("?cursor={cursor}")).await;

    assert_eq!(page.status, StatusCode::OK);
    let page = page.json();
    let shown = page["sessions"].as_array().unwrap().iter();
    assert!(
        shown
            .map(|session| &session["sid"])
            .all(|sid| *sid == other.text("sid")),
        "{page}"
    );
}

#[tokio::test]
async fn ten_thousand_sessions_are_listed_by_pages_and_brought_under_the_cap() {
    let stack = Stack::start().await;
    let asking = stack.login().await;
    open_many(&stack, &asking, &[]).await;

    let list = list(&stack, &asking, "").await;
    let listing = reads(&stack);
    let login = stack.login().await;
    let looking = reads(&stack);

    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    assert_eq!(list.json()["sessions"].as_array().unwrap().len(), 50);
    assert!(list.json().get("next_cursor").is_some());
    assert_eq!(listing, ["GetItem", "Query"]);
    assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    assert_eq!(looking.iter().filter(|operation| *operation == "Query").count(), 1);
    let logged = stack.log.events().pop().unwrap();
    assert_eq!(logged["evicted"].as_str().unwrap().split(' ').count(), 25);
}

#[tokio::test]
async fn a_list_among_ten_thousand_dead_sessions_reads_eight_pages_at_most() {
    let stack = Stack::start().await;
    let asking = stack.login().await;
    let revoked_at = AttributeValue::N(stack.clock.now().timestamp().get().to_string());
    open_many(&stack, &asking, &[("revoked_at", revoked_at)]).await;

    let list = list(&stack, &asking, "").await;

    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    assert_eq!(list.json()["sessions"], Value::Array(Vec::new()));
    assert!(list.json().get("next_cursor").is_some());
    let mut expected = vec!["GetItem"];
    expected.extend(["Query"; 8]);
    assert_eq!(reads(&stack), expected);
}

#[tokio::test]
async fn a_user_who_lists_in_a_loop_must_wait_and_costs_no_reads() {
    let stack = Stack::start().await;
    let (asking, other) = (stack.login().await, stack.login_as_another_user().await);
    for _ in 0..60 {
        assert_eq!(list(&stack, &asking, "").await.status, StatusCode::OK);
    }
    reads(&stack);

    let refused = list(&stack, &asking, "").await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "throttled")
    );
    assert_eq!(reads(&stack), [""; 0]);
    assert_eq!(stack.log.names().last().unwrap(), "sessions.throttled");
    assert_eq!(list(&stack, &other, "").await.status, StatusCode::OK);
    stack
        .clock
        .advance(refused.header("retry-after").unwrap().parse().unwrap());
    assert_eq!(list(&stack, &asking, "").await.status, StatusCode::OK);
}

async fn list(stack: &Stack, login: &Answer, query: &str) -> Answer {
    let call = Call::get(&format!("/auth/sessions{query}"));
    stack.send(call.bearer(&login.text("access_token"))).await
}

/// Returns the operations of the functions `sessions` and `login` since the recorded calls were last taken.
fn reads(stack: &Stack) -> Vec<String> {
    let crossings = stack.wire.take().into_iter();
    let own = crossings.filter(|crossing| ["sessions", "login"].contains(&crossing.function.as_str()));
    own.map(|crossing| crossing.operation).collect()
}

/// Stores [`MANY`] later sessions. They differ from the login's session only in their ids and in the attributes
/// `changes`.
async fn open_many(stack: &Stack, login: &Answer, changes: &[(&str, AttributeValue)]) {
    let (client, table) = (stack.client(), format!("RefreshTokensTable{}", stack.suffix()));
    let found = client.get_item().table_name(&table);
    let found = found
        .key("user_id", AttributeValue::S(stack.user.id.to_string()))
        .key("sid", AttributeValue::S(login.text("sid")))
        .send()
        .await;
    let mut item = found.unwrap().item.unwrap();
    item.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));

    let at = stack.clock.now().get();
    let sids = (1..=MANY).map(|number| SessionId::new(Moment::new(at.saturating_add(number)), [0; 10]).to_string());
    let writes = sids.map(|sid| {
        let mut item = item.clone();
        item.insert("sid".to_owned(), AttributeValue::S(sid));
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    let writes: Vec<WriteRequest> = writes.collect();
    for batch in writes.chunks(25) {
        let request = client.batch_write_item().request_items(&table, batch.to_vec());
        // A batch that fails is written again, because writing the same session twice changes nothing.
        while request.clone().send().await.is_err() {}
    }
    reads(stack);
}
