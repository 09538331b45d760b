//! Changes of second factors, and uses of them, which write to several tables together.

use std::collections::BTreeMap;

use auth::{
    error::StoreError,
    factor::{
        AddPasskey, ChangeFactors, EnrolTotp, Factors, FindFactors, FindPasskeyOwner, NewPasskey, NewTotp,
        OpenWithFactor, RecoveryHash, ResetFactors, Slot, Spend, StepUp,
    },
    mail::{Notice, QueueNotice, QueuedNotice},
    session::Session,
    user::{FactorKinds, FindUser as _, Status},
};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem, Update, builders::UpdateBuilder};
use claims::{Amr, Moment, Timestamp, UserId};
use webauthn::CredentialId;

use crate::{
    FactorTable, MailTable, SessionTable, UserTable,
    fault::malformed,
    item::{put_new, to_update},
    session_item::SessionItem,
    transaction::transact,
    users::{IS_THERE, USER_ID, key},
};

/// How often a reset is tried while its user adds or removes passkeys.
const RESET_TRIES: usize = 3;

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

    /// Returns the writes that follow from a new factor: the user has its kind, all sessions end but this one, which has
    /// proven it, and the user is told.
    fn added_writes(
        &self,
        operation: &'static str,
        session: &Session,
        amr: Amr,
        (seen, kinds): (FactorKinds, FactorKinds),
        now: Moment,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let user_id = &session.user_id;
        let condition = format!("epoch = :epoch AND {}", kinds_condition(seen));
        let user = self
            .users
            .raise_epoch_update(user_id, &condition, now.timestamp())
            .update_expression("SET epoch_raised_at = :raised_at, factors = :factors ADD epoch :one")
            .expression_attribute_values(":epoch", number(session.epoch))
            .expression_attribute_values(":factors", text(kinds.as_str()));
        let kept = self
            .sessions
            .raise_epoch_update(session)
            .update_expression("SET amr = :amr, auth_time = :now ADD epoch :one")
            .expression_attribute_values(":amr", methods(amr))
            .expression_attribute_values(":now", number(now.timestamp().get()));
        let mut writes = vec![update(operation, add_seen_kinds(user, seen))?, update(operation, kept)?];
        writes.extend(self.notice(operation, user_id, Notice::FactorAdded, now)?);
        Ok(writes)
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

impl OpenWithFactor for FactorChanges {
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
        let factors = self.factors.enrol_update(user_id, new.totp, new.recovery);
        let mut writes = vec![update(OPERATION, factors)?];
        writes.extend(self.added_writes(OPERATION, session, new.amr, (new.seen, new.seen.with_totp()), now)?);
        self.transact(OPERATION, writes).await
    }
}

impl FindPasskeyOwner for FactorChanges {
    async fn passkey_owner(&self, id: &CredentialId) -> Result<Option<UserId>, StoreError> {
        self.factors.passkey_owner(id).await
    }
}

impl AddPasskey for FactorChanges {
    async fn add_passkey(&self, new: NewPasskey<'_>, now: Moment) -> Result<bool, StoreError> {
        const OPERATION: &str = "add passkey";
        let (user_id, id) = (&new.session.user_id, &new.passkey.credential.id);
        let kinds = (new.seen, new.seen.with_passkey());
        let mut writes = vec![
            self.factors.own_passkey(OPERATION, user_id, id)?,
            update(OPERATION, self.factors.add_passkey_update(OPERATION, &new)?)?,
        ];
        writes.extend(self.added_writes(OPERATION, new.session, new.amr, kinds, now)?);
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

    async fn remove_passkey(
        &self,
        user_id: &UserId,
        id: &CredentialId,
        seen: &Factors,
        now: Moment,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove passkey";
        let mut left = seen.clone();
        left.passkeys.retain(|passkey| passkey.credential.id != *id);
        let removed = self.factors.remove_passkey_update(user_id, id, seen, &left);
        let mut writes = vec![
            update(OPERATION, removed)?,
            self.factors.disown_passkey(OPERATION, id)?,
            update(OPERATION, self.kinds_update(user_id, seen.kinds(), left.kinds()))?,
        ];
        writes.extend(self.notice(OPERATION, user_id, Notice::FactorRemoved, now)?);
        self.transact(OPERATION, writes).await
    }

    async fn rename_passkey(&self, user_id: &UserId, id: &CredentialId, label: &str) -> Result<bool, StoreError> {
        const OPERATION: &str = "rename passkey";
        let renamed = self.factors.rename_passkey_update(user_id, id, label);
        self.transact(OPERATION, vec![update(OPERATION, renamed)?]).await
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
        let stepped_up = self.sessions.session_update(session);
        let stepped_up = match spend {
            Some(Spend::Passkey(_)) => stepped_up
                .condition_expression("epoch = :epoch AND attribute_not_exists(revoked_at) AND auth_time = :seen")
                .expression_attribute_values(":seen", number(session.auth_time.get())),
            Some(Spend::Step(_) | Spend::Recovery { .. }) | None => stepped_up,
        };
        let stepped_up = stepped_up
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
        for _ in 0..RESET_TRIES {
            let seen = self.factors.factors(user_id).await?;
            let user = self
                .users
                .raise_epoch_update(user_id, IS_THERE, now.timestamp())
                .update_expression("SET epoch_raised_at = :raised_at REMOVE factors ADD epoch :one");
            let mut writes = self
                .factors
                .reset_writes(OPERATION, user_id, &seen, reason, now.timestamp())?;
            writes.push(update(OPERATION, user)?);
            writes.extend(self.notice(OPERATION, user_id, Notice::FactorsReset, now)?);
            let is_reset = self.transact(OPERATION, writes).await?;
            let epoch = self.users.user(user_id).await?.map(|user| user.epoch);
            if is_reset || epoch.is_none() {
                return Ok(epoch);
            }
        }
        Err(StoreError::Unavailable {
            operation: OPERATION,
            cause: "the user changed their passkeys each time".to_owned(),
        })
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
