//! Sessions in the `RefreshTokens` table: one item each. Every change is one conditional write.

use std::collections::HashMap;

use auth::{
    error::StoreError,
    session::{
        Change, FindOtherSession, FindSession, OpenSessions, RefreshAttempt, RefreshRule, RevokeReason, RevokeSessions,
        RotateSessions, Rotation, Session,
    },
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, Update, builders::UpdateBuilder},
};
use claims::{LEEWAY, SessionId, Timestamp, UserId};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use crate::{
    fault::{malformed, unavailable},
    session_item::{NEVER, SessionItem, ttl, ttl_of_revoked},
    tries::Tries,
};

/// The `RefreshTokens` table: partition key `user_id`, sort key `sid`, both strings.
#[derive(Clone, Debug)]
pub struct SessionTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// The condition that a session is new. A request to create it may arrive a second time, after a rotation or a logout,
/// and must not restore the old state.
const IS_NEW: &str = "attribute_not_exists(sid)";

/// The DynamoDB condition under which [`auth::session::Session::decide`] returns `Rotate`.
const MAY_ROTATE: &str = "attribute_exists(sid) \
    AND attribute_not_exists(revoked_at) \
    AND expires_at > :now \
    AND idle_expires_at > :idle_since \
    AND (gen < :presented OR (gen = :presented \
        AND (attribute_not_exists(delivered_at) OR delivered_at < :delivered_before)))";
/// [`auth::session::Session::rotated`] as a DynamoDB update.
const ROTATE: &str = "SET gen = :next, issued_at = :now, \
    previous_delivered_at = if_not_exists(delivered_at, :never), delivered_at = :now, \
    idle_expires_at = :idle_expires_at, #ttl = :ttl";

/// The condition that a session with a stored `delivered_at` has not changed since it was read.
const UNMOVED: &str = "gen = :gen AND delivered_at = :delivered_at AND attribute_not_exists(revoked_at)";
/// The condition [`UNMOVED`] for a session whose `delivered_at` is [`NEVER`] or missing.
const UNMOVED_SINCE_LOGIN: &str = "gen = :gen AND attribute_not_exists(revoked_at) \
    AND (attribute_not_exists(delivered_at) OR delivered_at = :delivered_at)";
/// [`auth::session::Session::recovered`] as a DynamoDB update.
const RECOVER: &str = "SET recovered_gen = :gen, delivered_at = :now";

/// The maximum number of a user's sessions that are read to find another live one. If there are more, the search
/// assumes that one of them is live.
const LOOKED_AT: i32 = 1_000;
const ALIVE: &str = "epoch = :epoch AND attribute_not_exists(revoked_at) \
    AND expires_at > :now AND idle_expires_at > :idle_since";

const NOT_REVOKED: &str = "attribute_exists(sid) AND attribute_not_exists(revoked_at)";
const REVOKE: &str = "SET revoked_at = :now, revoke_reason = :reason, #ttl = :ttl";

impl OpenSessions for SessionTable {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        const OPERATION: &str = "create session";
        let item = to_item(SessionItem::from(session)).map_err(|_| malformed(OPERATION))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(IS_NEW);
        match put.send().await {
            Ok(_) => Ok(()),
            // Session ids are never reused, so an existing item was written by an earlier try of this request.
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(unavailable(OPERATION, &error)),
        }
    }
}

impl RotateSessions for SessionTable {
    async fn rotate(
        &self,
        presented: &RefreshAttempt,
        rotation: &Rotation,
        rule: &RefreshRule,
    ) -> Result<Change, StoreError> {
        let now = presented.now.get();
        let update = self
            .update_session(&presented.user_id, &presented.sid)
            .condition_expression(MAY_ROTATE)
            .update_expression(ROTATE)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":presented", number(presented.generation))
            .expression_attribute_values(":next", number(presented.generation.saturating_add(1)))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":idle_since", number(now.saturating_sub(LEEWAY.get())))
            .expression_attribute_values(":delivered_before", number(now.saturating_sub(rule.window.get())))
            .expression_attribute_values(":idle_expires_at", number(rotation.idle_expires_at.get()))
            .expression_attribute_values(":ttl", number(ttl(rotation.idle_expires_at)))
            .expression_attribute_values(":never", number(NEVER));
        send_update("rotate session", update, |found| found.is_left_by(presented, rotation)).await
    }

    async fn recover(&self, seen: &Session, now: Timestamp) -> Result<Change, StoreError> {
        let unmoved = seen.delivered_at.map_or(UNMOVED_SINCE_LOGIN, |_| UNMOVED);
        let update = self
            .update_session(&seen.user_id, &seen.sid)
            .condition_expression(unmoved)
            .update_expression(RECOVER)
            .expression_attribute_values(":gen", number(seen.generation))
            .expression_attribute_values(":delivered_at", number(seen.delivered_at.map_or(NEVER, Timestamp::get)))
            .expression_attribute_values(":now", number(now.get()));
        send_update("recover session", update, |found| *found == seen.recovered(now)).await
    }
}

impl RevokeSessions for SessionTable {
    async fn revoke(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        reason: RevokeReason,
        now: Timestamp,
    ) -> Result<Change, StoreError> {
        const OPERATION: &str = "revoke session";
        let written = serde_dynamo::to_attribute_value(reason).map_err(|_| malformed(OPERATION))?;
        let update = self
            .update_session(user_id, sid)
            .condition_expression(NOT_REVOKED)
            .update_expression(REVOKE)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(ttl_of_revoked(now)))
            .expression_attribute_values(":now", number(now.get()))
            .expression_attribute_values(":reason", written);
        send_update(OPERATION, update, |found| found.revoked == Some((now, reason))).await
    }
}

impl FindSession for SessionTable {
    async fn session(&self, user_id: &UserId, sid: &SessionId) -> Result<Option<Session>, StoreError> {
        const OPERATION: &str = "read session";
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("user_id", AttributeValue::S(user_id.to_string()))
            .key("sid", AttributeValue::S(sid.to_string()))
            .consistent_read(true);
        let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        output.item.map(|item| parse_session(OPERATION, item)).transpose()
    }
}

impl FindOtherSession for SessionTable {
    async fn has_other(&self, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            // The newest come first, because a live session is most likely among them.
            .scan_index_forward(false)
            .limit(LOOKED_AT)
            .key_condition_expression("user_id = :user_id")
            .filter_expression(ALIVE)
            .projection_expression("sid")
            .expression_attribute_values(":user_id", AttributeValue::S(session.user_id.to_string()))
            .expression_attribute_values(":epoch", number(session.epoch))
            .expression_attribute_values(":now", number(now.get()))
            .expression_attribute_values(":idle_since", number(now.get().saturating_sub(LEEWAY.get())));
        let found = query.send().await;
        let found = found.map_err(|error| unavailable("find other session", &error))?;
        let own = AttributeValue::S(session.sid.to_string());
        let has_other = found.items().iter().any(|item| item.get("sid") != Some(&own));
        Ok(has_other || found.last_evaluated_key().is_some())
    }
}

impl SessionTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Returns an update that raises a session's epoch by one, unless the epoch has changed or the session is revoked.
    pub(crate) fn raise_epoch_update(&self, session: &Session) -> UpdateBuilder {
        self.session_update(session)
            .update_expression("ADD epoch :one")
            .expression_attribute_values(":one", number(1))
    }

    /// Returns the start of an update of a session that has this epoch and is not revoked.
    pub(crate) fn session_update(&self, session: &Session) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .key("user_id", AttributeValue::S(session.user_id.to_string()))
            .key("sid", AttributeValue::S(session.sid.to_string()))
            .condition_expression("epoch = :epoch AND attribute_not_exists(revoked_at)")
            .expression_attribute_values(":epoch", number(session.epoch))
    }

    fn update_session(&self, user_id: &UserId, sid: &SessionId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .key("user_id", AttributeValue::S(user_id.to_string()))
            .key("sid", AttributeValue::S(sid.to_string()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// Sends a conditional update and returns its result.
///
/// If an answer is lost, the SDK sends the update again, and the condition then fails on what the first try wrote. If
/// the call was sent several times and `ours` returns `true` for the stored session, the session therefore counts as
/// written by this call. If the call was sent only once, such a session was written by another request in the same
/// second.
async fn send_update(
    operation: &'static str,
    update: UpdateItemFluentBuilder,
    ours: impl FnOnce(&Session) -> bool,
) -> Result<Change, StoreError> {
    let tries = Tries::default();
    match update.customize().interceptor(tries.clone()).send().await {
        Ok(output) => Ok(Change::Written(parse_session(
            operation,
            output.attributes.unwrap_or_default(),
        )?)),
        Err(SdkError::ServiceError(service))
            if matches!(service.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
        {
            Ok(match session_of_failure(operation, service.into_err())? {
                Some(session) if tries.were_several() && ours(&session) => Change::Written(session),
                found => Change::Unchanged(found),
            })
        }
        Err(error) => Err(unavailable(operation, &error)),
    }
}

/// Returns the stored session on which a condition failed, or `None` if there is none.
fn session_of_failure(operation: &'static str, error: UpdateItemError) -> Result<Option<Session>, StoreError> {
    let UpdateItemError::ConditionalCheckFailedException(failure) = error else {
        return Ok(None);
    };
    failure.item.map(|item| parse_session(operation, item)).transpose()
}

fn parse_session(operation: &'static str, item: HashMap<String, AttributeValue>) -> Result<Session, StoreError> {
    let item: SessionItem = from_item(item).map_err(|_| malformed(operation))?;
    Ok(item.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
