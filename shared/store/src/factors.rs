//! The table of second factors. One item has the app, the recovery codes and the passkeys of one user. A login with
//! a password has no access to it.

use std::collections::{BTreeMap, HashMap};

use auth::{
    error::StoreError,
    factor::{Factors, FindFactors, RecoveryHash, RemoveFactors, Reset, SealedSeed, Slot, Spend, Step, Totp},
};
use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{AttributeValue, Put, TransactWriteItem, Update, builders::UpdateBuilder},
};
use claims::{Timestamp, UserId};

use crate::{
    fault::{malformed, unavailable},
    passkeys,
};

/// The partition key of the table.
pub(crate) const KEY: &str = "key";
/// The start of the key of a user's factors. What follows is the id of the user.
const FACTORS: &str = "factors#";
/// The attributes of an app that makes codes.
const TOTP: [&str; 3] = ["totp_sealed", "totp_added_at", "totp_step"];

/// The table of second factors: partition key `key`, a string.
#[derive(Clone, Debug)]
pub struct FactorTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl FactorTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Returns the start of an update of a user's factors.
    pub(crate) fn update(&self, user_id: &UserId) -> UpdateBuilder {
        Update::builder().table_name(&self.name).key(KEY, key(user_id))
    }

    /// Returns the update that uses up a proof, if it is possible.
    pub(crate) fn spend_update(&self, user_id: &UserId, spend: &Spend) -> UpdateBuilder {
        let update = self.update(user_id);
        match spend {
            Spend::Step(step) => update
                .condition_expression("totp_step < :step")
                .update_expression("SET totp_step = :step")
                .expression_attribute_values(":step", number(step.get())),
            Spend::Recovery { slot, old, new } => update
                .condition_expression("#slot = :old")
                .update_expression("SET #slot = :new")
                .expression_attribute_names("#slot", slot_attribute(*slot))
                .expression_attribute_values(":old", bytes(old.as_bytes()))
                .expression_attribute_values(":new", bytes(new.as_bytes())),
            Spend::Passkey(usage) => self.use_passkey_update(user_id, usage),
        }
    }

    /// Returns the update that adds an app and, if they are given, recovery codes. Its condition is that there is no app.
    pub(crate) fn enrol_update(
        &self,
        user_id: &UserId,
        totp: &Totp,
        recovery: Option<&BTreeMap<Slot, RecoveryHash>>,
    ) -> UpdateBuilder {
        let update = self
            .update(user_id)
            .condition_expression("attribute_not_exists(totp_sealed)")
            .expression_attribute_values(":sealed", bytes(totp.sealed.as_bytes()))
            .expression_attribute_values(":added_at", number(totp.added_at.get()))
            .expression_attribute_values(":step", number(totp.last_step.get()));
        let set = "SET totp_sealed = :sealed, totp_added_at = :added_at, totp_step = :step";
        match recovery {
            None => update.update_expression(set),
            Some(recovery) => {
                let codes = recovery_assignments();
                add_hashes(update, recovery).update_expression(format!("{set}, {codes}"))
            }
        }
    }

    /// Returns the update that replaces all recovery codes of a user who has any.
    pub(crate) fn recovery_update(&self, user_id: &UserId, recovery: &BTreeMap<Slot, RecoveryHash>) -> UpdateBuilder {
        let update = self
            .update(user_id)
            .condition_expression("attribute_exists(#key)")
            .expression_attribute_names("#key", KEY)
            .update_expression(format!("SET {}", recovery_assignments()));
        add_hashes(update, recovery)
    }

    /// Returns the update that removes an app with this seed, and the recovery codes if no factor is `left`.
    pub(crate) fn remove_totp_update(&self, user_id: &UserId, totp: &Totp, left: &Factors) -> UpdateBuilder {
        let mut removed: Vec<String> = TOTP.map(str::to_owned).into();
        if left.kinds().is_none() {
            removed.extend(Slot::all().map(slot_attribute));
        }
        self.update(user_id)
            .condition_expression("totp_sealed = :sealed")
            .update_expression(format!("REMOVE {}", removed.join(", ")))
            .expression_attribute_values(":sealed", bytes(totp.sealed.as_bytes()))
    }

    /// Returns the writes that remove all factors of a user, who has the passkeys in `seen`, and record why.
    pub(crate) fn reset_writes(
        &self,
        operation: &'static str,
        user_id: &UserId,
        seen: &Factors,
        reason: &str,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let put = Put::builder()
            .table_name(&self.name)
            .item(KEY, key(user_id))
            .item("reset_at", number(now.get()))
            .item("reset_reason", AttributeValue::S(reason.to_owned()));
        let put = if seen.passkeys.is_empty() {
            put.condition_expression("attribute_not_exists(passkeys) OR passkeys = :seen")
        } else {
            put.condition_expression("passkeys = :seen")
        };
        let put = put.expression_attribute_values(":seen", passkeys::count(seen));
        let put = put.build().map_err(|_| malformed(operation))?;
        let mut writes = vec![TransactWriteItem::builder().put(put).build()];
        for passkey in &seen.passkeys {
            writes.push(self.disown_passkey(operation, &passkey.credential.id)?);
        }
        Ok(writes)
    }
}

impl FindFactors for FactorTable {
    async fn factors(&self, user_id: &UserId) -> Result<Factors, StoreError> {
        const OPERATION: &str = "read factors";
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(KEY, key(user_id))
            .consistent_read(true);
        let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let factors = output.item.map(|item| parse(&item).ok_or_else(|| malformed(OPERATION)));
        Ok(factors.transpose()?.unwrap_or_default())
    }
}

impl RemoveFactors for FactorTable {
    async fn remove_factors(&self, user_id: &UserId) -> Result<(), StoreError> {
        const OPERATION: &str = "remove factors";
        for passkey in self.factors(user_id).await?.passkeys {
            let owner = self.owner_request(&passkey.credential.id);
            owner.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        }
        let item = self.client.delete_item().table_name(&self.name).key(KEY, key(user_id));
        item.send()
            .await
            .map(drop)
            .map_err(|error| unavailable(OPERATION, &error))
    }
}

/// Returns the factors in an item, or `None` if it is malformed.
fn parse(item: &HashMap<String, AttributeValue>) -> Option<Factors> {
    let [sealed, added_at, step] = TOTP;
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse().ok();
    let totp = match item.get(sealed) {
        None => None,
        Some(sealed) => Some(Totp {
            sealed: SealedSeed::from_bytes(sealed.as_b().ok()?.as_ref().to_vec()),
            added_at: Timestamp::new(number(added_at)?),
            last_step: Step::new(number(step)?),
        }),
    };
    let recovery = Slot::all().filter_map(|slot| Some((slot, item.get(&slot_attribute(slot))?)));
    let recovery = recovery.map(|(slot, hash)| Some((slot, RecoveryHash::from_bytes(hash.as_b().ok()?.as_ref())?)));
    let reset = match item.get("reset_at") {
        None => None,
        Some(_) => Some(Reset {
            at: Timestamp::new(number("reset_at")?),
            reason: item.get("reset_reason")?.as_s().ok()?.clone(),
        }),
    };
    Some(Factors {
        reset,
        passkeys: passkeys::parse(item)?,
        totp,
        recovery: recovery.collect::<Option<_>>()?,
    })
}

pub(crate) fn recovery_assignments() -> String {
    let all = Slot::all().map(|slot| format!("{} = :code_{}", slot_attribute(slot), slot.get()));
    all.collect::<Vec<_>>().join(", ")
}

pub(crate) fn add_hashes(update: UpdateBuilder, recovery: &BTreeMap<Slot, RecoveryHash>) -> UpdateBuilder {
    recovery.iter().fold(update, |update, (slot, hash)| {
        update.expression_attribute_values(format!(":code_{}", slot.get()), bytes(hash.as_bytes()))
    })
}

pub(crate) fn slot_attribute(slot: Slot) -> String {
    format!("recovery_{}", slot.get())
}

fn key(user_id: &UserId) -> AttributeValue {
    AttributeValue::S(format!("{FACTORS}{user_id}"))
}

fn bytes(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
