//! Changes of second factors, and uses of them, which write to several tables together.

use std::collections::BTreeMap;

use auth::{
    error::StoreError,
    factor::{
        ChangeFactors, EnrolTotp, Factors, FindFactors, NewTotp, OpenSecondStep, RecoveryHash, ResetFactors, Slot,
        Spend, StepUp,
    },
    mail::{Notice, QueueNotice, QueuedNotice},
    session::Session,
    user::{FactorKinds, FindUser as _, Status},
};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem, Update, builders::UpdateBuilder};
use claims::{Amr, Moment, Timestamp, UserId};

use crate::{
    FactorTable, MailTable, SessionTable, UserTable,
    fault::malformed,
    item::{put_new, to_update},
    session_item::SessionItem,
    transaction::transact,
    users::{IS_THERE, USER_ID, key},
};

/// The tables to which second factors write: their own, those of users and sessions, and that of requested mails if the
/// deployment sends mail.
#[derive(Clone, Debug)]
pub struct FactorChanges {
    factors: FactorTable,
    users: UserTable,
    sessions: SessionTable,
    outbox: Option<MailTable>,
}

impl FactorChanges {
    /// Combines the table of factors with the tables of users and sessions. `outbox` is the table of requested mails, if
    /// there is one.
    #[must_use]
    pub const fn new(
        factors: FactorTable,
        users: UserTable,
        sessions: SessionTable,
        outbox: Option<MailTable>,
    ) -> Self {
        Self {
            factors,
            users,
            sessions,
            outbox,
        }
    }

    async fn transact(&self, operation: &'static str, writes: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let request = self.users.client.transact_write_items();
        transact(operation, request.set_transact_items(Some(writes))).await
    }

    fn notice(
        &self,
        operation: &'static str,
        user_id: &UserId,
        notice: Notice,
        now: Moment,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        notice_write(operation, self.outbox.as_ref(), user_id, notice, now)
    }

    /// Returns the update that records which kinds of factor a user has, if they still have those in `seen`.
    fn kinds_update(&self, user_id: &UserId, seen: FactorKinds, kinds: FactorKinds) -> UpdateBuilder {
        let update = Update::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(user_id));
        set_kinds(update.condition_expression(kinds_condition(seen)), seen, kinds)
    }
}

/// Returns the condition that a user has these kinds of factor. The value has the name `:seen_factors`.
pub(crate) const fn kinds_condition(seen: FactorKinds) -> &'static str {
    if seen.is_none() {
        "attribute_exists(user_id) AND attribute_not_exists(factors)"
    } else {
        "factors = :seen_factors"
    }
}

/// Adds the value of [`kinds_condition`].
pub(crate) fn add_seen_kinds(update: UpdateBuilder, seen: FactorKinds) -> UpdateBuilder {
    if seen.is_none() {
        update
    } else {
        update.expression_attribute_values(":seen_factors", text(seen.as_str()))
    }
}

fn set_kinds(update: UpdateBuilder, seen: FactorKinds, kinds: FactorKinds) -> UpdateBuilder {
    let update = add_seen_kinds(update, seen);
    if kinds.is_none() {
        update.update_expression("REMOVE factors")
    } else {
        update
            .update_expression("SET factors = :factors")
            .expression_attribute_values(":factors", text(kinds.as_str()))
    }
}

/// Returns the writes that use up a proof and queue its notice.
pub(crate) fn spend_writes(
    operation: &'static str,
    factors: &FactorTable,
    outbox: Option<&MailTable>,
    user_id: &UserId,
    spend: &Spend,
    now: Moment,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let mut writes = vec![update(operation, factors.spend_update(user_id, spend))?];
    if let Some(notice) = spend.notice() {
        writes.extend(notice_write(operation, outbox, user_id, notice, now)?);
    }
    Ok(writes)
}

fn notice_write(
    operation: &'static str,
    outbox: Option<&MailTable>,
    user_id: &UserId,
    notice: Notice,
    now: Moment,
) -> Result<Option<TransactWriteItem>, StoreError> {
    let notice = QueuedNotice::new(user_id.clone(), notice, now);
    let queued = outbox.map(|outbox| to_update(operation, &outbox.notice_update(&notice)));
    let queued = queued.transpose()?;
    Ok(queued.map(|queued| TransactWriteItem::builder().update(queued).build()))
}

fn update(operation: &'static str, update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|_| malformed(operation))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

impl FindFactors for FactorChanges {
    async fn factors(&self, user_id: &UserId) -> Result<Factors, StoreError> {
        self.factors.factors(user_id).await
    }
}

impl QueueNotice for FactorChanges {
    async fn queue_notice(&self, notice: &QueuedNotice) -> Result<(), StoreError> {
        self.outbox.queue_notice(notice).await
    }
}

impl OpenSecondStep for FactorChanges {
    async fn open(&self, session: &Session, spend: &Spend, now: Moment) -> Result<bool, StoreError> {
        const OPERATION: &str = "open second step";
        let user_id = &session.user_id;
        let user = ConditionCheck::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(user_id))
            .condition_expression("epoch = :epoch AND #status = :enabled")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":epoch", number(session.epoch))
            .expression_attribute_values(":enabled", text(Status::Enabled.as_str()))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let mut writes = spend_writes(OPERATION, &self.factors, self.outbox.as_ref(), user_id, spend, now)?;
        writes.push(put_new(
            OPERATION,
            &self.sessions.name,
            "sid",
            SessionItem::from(session),
        )?);
        writes.push(TransactWriteItem::builder().condition_check(user).build());
        self.transact(OPERATION, writes).await
    }
}

impl EnrolTotp for FactorChanges {
    async fn enrol(&self, new: NewTotp<'_>, now: Moment) -> Result<bool, StoreError> {
        const OPERATION: &str = "enrol totp";
        let (user_id, session) = (&new.session.user_id, new.session);
        let user = self
            .users
            .raise_epoch_update(user_id, "epoch = :epoch", now.timestamp())
            .update_expression("SET epoch_raised_at = :raised_at, factors = :factors ADD epoch :one")
            .expression_attribute_values(":epoch", number(session.epoch))
            .expression_attribute_values(":factors", text(new.kinds.as_str()));
        let kept = self
            .sessions
            .raise_epoch_update(session)
            .update_expression("SET amr = :amr, auth_time = :now ADD epoch :one")
            .expression_attribute_values(":amr", methods(new.amr))
            .expression_attribute_values(":now", number(now.timestamp().get()));
        let factors = self.factors.enrol_update(user_id, new.totp, new.recovery);
        let mut writes = Vec::from([factors, user, kept].map(|one| update(OPERATION, one)))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        writes.extend(self.notice(OPERATION, user_id, Notice::FactorAdded, now)?);
        self.transact(OPERATION, writes).await
    }
}

impl ChangeFactors for FactorChanges {
    async fn remove_totp(&self, user_id: &UserId, seen: &Factors, now: Moment) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove totp";
        let Some(totp) = &seen.totp else {
            return Ok(false);
        };
        let left = Factors {
            totp: None,
            ..seen.clone()
        };
        let mut writes = vec![
            update(OPERATION, self.factors.remove_totp_update(user_id, totp, &left))?,
            update(OPERATION, self.kinds_update(user_id, seen.kinds(), left.kinds()))?,
        ];
        writes.extend(self.notice(OPERATION, user_id, Notice::FactorRemoved, now)?);
        self.transact(OPERATION, writes).await
    }

    async fn replace_recovery(
        &self,
        user_id: &UserId,
        recovery: &BTreeMap<Slot, RecoveryHash>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "replace recovery codes";
        let has_factor = ConditionCheck::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(user_id))
            .condition_expression("attribute_exists(factors)")
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let mut writes = vec![
            update(OPERATION, self.factors.recovery_update(user_id, recovery))?,
            TransactWriteItem::builder().condition_check(has_factor).build(),
        ];
        writes.extend(self.notice(OPERATION, user_id, Notice::RecoveryCodesReplaced, now)?);
        self.transact(OPERATION, writes).await
    }
}

impl StepUp for FactorChanges {
    async fn step_up(
        &self,
        session: &Session,
        amr: Amr,
        at: Timestamp,
        spend: Option<&Spend>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "step up";
        let stepped_up = self
            .sessions
            .session_update(session)
            .update_expression("SET amr = :amr, auth_time = :at")
            .expression_attribute_values(":amr", methods(amr))
            .expression_attribute_values(":at", number(at.get()));
        let mut writes = vec![update(OPERATION, stepped_up)?];
        if let Some(spend) = spend {
            let outbox = self.outbox.as_ref();
            writes.extend(spend_writes(
                OPERATION,
                &self.factors,
                outbox,
                &session.user_id,
                spend,
                now,
            )?);
        }
        self.transact(OPERATION, writes).await
    }
}

impl ResetFactors for FactorChanges {
    async fn reset_factors(&self, user_id: &UserId, reason: &str, now: Moment) -> Result<Option<u64>, StoreError> {
        const OPERATION: &str = "reset factors";
        let user = self
            .users
            .raise_epoch_update(user_id, IS_THERE, now.timestamp())
            .update_expression("SET epoch_raised_at = :raised_at REMOVE factors ADD epoch :one");
        let factors = self.factors.reset_update(user_id, reason, now.timestamp());
        let mut writes = vec![update(OPERATION, user)?, update(OPERATION, factors)?];
        writes.extend(self.notice(OPERATION, user_id, Notice::FactorsReset, now)?);
        if !self.transact(OPERATION, writes).await? {
            return Ok(None);
        }
        Ok(self.users.user(user_id).await?.map(|user| user.epoch))
    }
}

fn methods(amr: Amr) -> AttributeValue {
    AttributeValue::L(amr.methods().map(|method| text(method.as_str())).collect())
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
