//! The live sessions of a user, newest first, page by page. A page reads a limited number of sessions.

use auth::{
    error::StoreError,
    session::{
        Alive, FindLastLogin, FindLiveSessions, LOOKED_AT, ListSessions, ListedSession, LiveSession, SessionPage,
    },
};
use aws_sdk_dynamodb::{
    operation::query::{QueryOutput, builders::QueryFluentBuilder},
    types::AttributeValue,
};
use claims::{LEEWAY, SessionId, Timestamp, UserId};
use serde::de::DeserializeOwned;
use serde_dynamo::aws_sdk_dynamodb_1::from_items;

use crate::{
    SessionTable,
    fault::{malformed, unavailable},
    session_item::{ListedItem, LiveItem},
    sessions::number,
};

/// [`auth::session::Alive::includes`] as a DynamoDB condition.
const IS_ALIVE: &str = "attribute_not_exists(revoked_at) AND epoch = :epoch AND expires_at > :now \
    AND idle_expires_at > :idle_since";

impl FindLiveSessions for SessionTable {
    async fn live(&self, alive: Alive<'_>) -> Result<Vec<LiveSession>, StoreError> {
        const OPERATION: &str = "find live sessions";
        let query = self
            .newest_query(alive, None, LOOKED_AT)
            .projection_expression(LiveItem::ATTRIBUTES);
        let output = query.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let found: Vec<LiveItem> = items(OPERATION, output)?;
        Ok(found.into_iter().map(LiveSession::from).collect())
    }
}

impl ListSessions for SessionTable {
    async fn page(
        &self,
        alive: Alive<'_>,
        before: Option<&SessionId>,
        most_read: usize,
    ) -> Result<SessionPage, StoreError> {
        const OPERATION: &str = "list sessions";
        let query = self
            .newest_query(alive, before, most_read)
            .projection_expression(ListedItem::ATTRIBUTES);
        let output = query.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let last = output.last_evaluated_key().and_then(|key| key.get("sid"));
        let next = last.map(|sid| {
            let sid = sid.as_s().ok().and_then(|sid| SessionId::parse(sid.as_str()).ok());
            sid.ok_or_else(|| malformed(OPERATION))
        });
        let next = next.transpose()?;
        let found: Vec<ListedItem> = items(OPERATION, output)?;
        Ok(SessionPage {
            sessions: found.into_iter().map(ListedSession::from).collect(),
            next,
        })
    }
}

impl FindLastLogin for SessionTable {
    async fn last_login(&self, user_id: &UserId) -> Result<Option<Timestamp>, StoreError> {
        const OPERATION: &str = "find last login";
        let query = self
            .stored_query(user_id, 1)
            .projection_expression(ListedItem::ATTRIBUTES);
        let output = query.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let newest: Vec<ListedItem> = items(OPERATION, output)?;
        Ok(newest
            .into_iter()
            .next()
            .map(|item| ListedSession::from(item).created_at))
    }
}

impl SessionTable {
    /// Returns a query that reads the newest `most_read` stored sessions of a user, and returns the live ones among
    /// them. If `before` is given, the query reads only sessions that are older than `before`. It reads at most one
    /// DynamoDB page, which is a megabyte.
    fn newest_query(&self, alive: Alive<'_>, before: Option<&SessionId>, most_read: usize) -> QueryFluentBuilder {
        let now = alive.now.get();
        let query = self
            .stored_query(alive.user_id, most_read)
            .filter_expression(IS_ALIVE)
            .expression_attribute_values(":epoch", number(alive.epoch))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":idle_since", number(now.saturating_sub(LEEWAY.get())));
        match before {
            None => query,
            Some(sid) => query
                .key_condition_expression("user_id = :user_id AND sid < :before")
                .expression_attribute_values(":before", AttributeValue::S(sid.to_string())),
        }
    }

    /// Returns a query for the newest `most_read` stored sessions of a user, whether they are alive or not.
    fn stored_query(&self, user_id: &UserId, most_read: usize) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(most_read.try_into().unwrap_or(i32::MAX))
            .key_condition_expression("user_id = :user_id")
            .expression_attribute_values(":user_id", AttributeValue::S(user_id.to_string()))
    }
}

fn items<T: DeserializeOwned>(operation: &'static str, output: QueryOutput) -> Result<Vec<T>, StoreError> {
    from_items(output.items.unwrap_or_default()).map_err(|_| malformed(operation))
}
