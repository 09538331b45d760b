//! Passkeys in the table of second factors. The item of a user has one attribute for each passkey, and an item for each
//! passkey names its user, so that no other user can add it.

use std::collections::HashMap;

use auth::{
    error::StoreError,
    factor::{
        Factors, FindPasskeyOwner, NewPasskey,
        passkey::{MAX_PASSKEYS, Passkey, PasskeyUse},
    },
};
use aws_sdk_dynamodb::{
    operation::delete_item::builders::DeleteItemFluentBuilder,
    types::{AttributeValue, Delete, Put, TransactWriteItem, builders::UpdateBuilder},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Timestamp, UserId};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_dynamo::aws_sdk_dynamodb_1::{from_attribute_value, to_attribute_value};
use webauthn::{Algorithm, CredentialId, PublicKey, RpId, StoredCredential, Transport, UserHandle};

use crate::{
    FactorTable,
    factors::{KEY, add_hashes, number, recovery_assignments, slot_attribute},
    fault::malformed,
    item::read,
};

/// The start of the key of a passkey's item. What follows is the hash of its id.
const PASSKEY: &str = "passkey#";
/// The start of the name of a passkey's attribute in the item of its user. What follows is the hash of its id.
const ATTRIBUTE: &str = "passkey_";

/// The item of a passkey.
#[derive(Deserialize)]
struct Owner {
    user_id: UserId,
}

/// A passkey in the item of its user.
#[derive(Serialize, Deserialize)]
struct StoredPasskey {
    id: ByteBuf,
    alg: i64,
    spki: ByteBuf,
    counter: u32,
    backup_eligible: bool,
    backed_up: bool,
    rp_id: String,
    user_handle: ByteBuf,
    aaguid: ByteBuf,
    transports: Vec<String>,
    label: String,
    added_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

impl FactorTable {
    /// Returns the write that records whose passkey it is, if it is nobody's yet.
    pub(crate) fn own_passkey(
        &self,
        operation: &'static str,
        user_id: &UserId,
        id: &CredentialId,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.name)
            .item(KEY, AttributeValue::S(owner_key(id)))
            .item("user_id", AttributeValue::S(user_id.to_string()))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", KEY)
            .build()
            .map_err(|_| malformed(operation))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Returns the write that forgets whose passkey it was.
    pub(crate) fn disown_passkey(
        &self,
        operation: &'static str,
        id: &CredentialId,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .key(KEY, AttributeValue::S(owner_key(id)))
            .build()
            .map_err(|_| malformed(operation))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Returns a request that forgets whose passkey it was.
    pub(crate) fn owner_request(&self, id: &CredentialId) -> DeleteItemFluentBuilder {
        let key = AttributeValue::S(owner_key(id));
        self.client.delete_item().table_name(&self.name).key(KEY, key)
    }

    /// Returns the update that adds a passkey and, if they are given, recovery codes. Its condition is that the user has
    /// neither this passkey nor as many as a user may have.
    pub(crate) fn add_passkey_update(
        &self,
        operation: &'static str,
        new: &NewPasskey<'_>,
    ) -> Result<UpdateBuilder, StoreError> {
        let passkey = StoredPasskey::from(new.passkey);
        let passkey = to_attribute_value(passkey).map_err(|_| malformed(operation))?;
        let most = u64::try_from(MAX_PASSKEYS).unwrap_or(u64::MAX);
        let update = self
            .update(&new.session.user_id)
            .condition_expression(
                "attribute_not_exists(#passkey) AND (attribute_not_exists(passkeys) OR passkeys < :most)",
            )
            .expression_attribute_names("#passkey", attribute(&new.passkey.credential.id))
            .expression_attribute_values(":passkey", passkey)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(most));
        let (set, add) = ("SET #passkey = :passkey", "ADD passkeys :one");
        Ok(match new.recovery {
            None => update.update_expression(format!("{set} {add}")),
            Some(recovery) => {
                let codes = recovery_assignments();
                add_hashes(update, recovery).update_expression(format!("{set}, {codes} {add}"))
            }
        })
    }

    /// Returns the update that removes a passkey, and the recovery codes if no factor is `left`. Its condition is that the
    /// user has this passkey, and as many as are in `seen`.
    pub(crate) fn remove_passkey_update(
        &self,
        user_id: &UserId,
        id: &CredentialId,
        seen: &Factors,
        left: &Factors,
    ) -> UpdateBuilder {
        let mut removed = vec!["#passkey".to_owned()];
        if left.kinds().is_none() {
            removed.extend(auth::factor::Slot::all().map(slot_attribute));
        }
        self.update(user_id)
            .condition_expression("attribute_exists(#passkey) AND passkeys = :seen")
            .update_expression(format!("REMOVE {} ADD passkeys :minus_one", removed.join(", ")))
            .expression_attribute_names("#passkey", attribute(id))
            .expression_attribute_values(":seen", count(seen))
            .expression_attribute_values(":minus_one", AttributeValue::N("-1".to_owned()))
    }

    /// Returns the update that records a use of a passkey, if the user still has it.
    pub(crate) fn use_passkey_update(&self, user_id: &UserId, usage: &PasskeyUse) -> UpdateBuilder {
        self.update(user_id)
            .condition_expression("attribute_exists(#passkey)")
            .update_expression(
                "SET #passkey.#counter = :counter, #passkey.backed_up = :backed_up, #passkey.last_used_at = :at",
            )
            .expression_attribute_names("#passkey", attribute(&usage.id))
            .expression_attribute_names("#counter", "counter")
            .expression_attribute_values(":counter", number(usage.counter.into()))
            .expression_attribute_values(":backed_up", AttributeValue::Bool(usage.backed_up))
            .expression_attribute_values(":at", number(usage.at.get()))
    }

    /// Returns the update that names a passkey, if the user has it.
    pub(crate) fn rename_passkey_update(&self, user_id: &UserId, id: &CredentialId, label: &str) -> UpdateBuilder {
        self.update(user_id)
            .condition_expression("attribute_exists(#passkey)")
            .update_expression("SET #passkey.label = :label")
            .expression_attribute_names("#passkey", attribute(id))
            .expression_attribute_values(":label", AttributeValue::S(label.to_owned()))
    }
}

impl FindPasskeyOwner for FactorTable {
    async fn passkey_owner(&self, id: &CredentialId) -> Result<Option<UserId>, StoreError> {
        let key = owner_key(id);
        let owner: Option<Owner> = read("read owner of passkey", &self.client, &self.name, (KEY, key.as_str())).await?;
        Ok(owner.map(|owner| owner.user_id))
    }
}

/// Returns the passkeys in the item of a user, in the order in which they were added, or `None` if one is malformed.
pub(crate) fn parse(item: &HashMap<String, AttributeValue>) -> Option<Vec<Passkey>> {
    let stored = item.iter().filter(|(name, _)| name.starts_with(ATTRIBUTE));
    let passkeys = stored.map(|(_, value)| {
        let stored: StoredPasskey = from_attribute_value(value.clone()).ok()?;
        stored.into_passkey()
    });
    let mut passkeys: Vec<Passkey> = passkeys.collect::<Option<_>>()?;
    passkeys.sort_by(|one, other| {
        let key = |passkey: &Passkey| (passkey.added_at, passkey.credential.id.as_bytes().to_vec());
        key(one).cmp(&key(other))
    });
    Some(passkeys)
}

/// Returns how many passkeys were seen.
pub(crate) fn count(seen: &Factors) -> AttributeValue {
    number(u64::try_from(seen.passkeys.len()).unwrap_or(u64::MAX))
}

fn owner_key(id: &CredentialId) -> String {
    format!("{PASSKEY}{}", hash(id))
}

fn attribute(id: &CredentialId) -> String {
    format!("{ATTRIBUTE}{}", hash(id))
}

/// Returns a name for an id, which may be longer than a key of a table.
fn hash(id: &CredentialId) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, id.as_bytes()))
}

impl From<&Passkey> for StoredPasskey {
    fn from(passkey: &Passkey) -> Self {
        let credential = &passkey.credential;
        Self {
            id: ByteBuf::from(credential.id.as_bytes()),
            alg: credential.key.algorithm().cose(),
            spki: ByteBuf::from(credential.key.spki()),
            counter: credential.counter,
            backup_eligible: credential.backup_eligible,
            backed_up: passkey.backed_up,
            rp_id: credential.rp_id.as_str().to_owned(),
            user_handle: ByteBuf::from(credential.user_handle.as_bytes()),
            aaguid: ByteBuf::from(passkey.aaguid),
            transports: passkey.transports.iter().map(|one| one.as_str().to_owned()).collect(),
            label: passkey.label.clone(),
            added_at: passkey.added_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

impl StoredPasskey {
    fn into_passkey(self) -> Option<Passkey> {
        let algorithm = Algorithm::from_cose(self.alg)?;
        Some(Passkey {
            credential: StoredCredential {
                id: CredentialId::new(self.id.into_vec())?,
                key: PublicKey::from_spki(algorithm, self.spki.into_vec()).ok()?,
                counter: self.counter,
                backup_eligible: self.backup_eligible,
                rp_id: RpId::parse(&self.rp_id).ok()?,
                user_handle: UserHandle::new(self.user_handle.into_vec())?,
            },
            backed_up: self.backed_up,
            aaguid: self.aaguid.into_vec().try_into().ok()?,
            transports: self
                .transports
                .iter()
                .filter_map(|name| Transport::from_name(name))
                .collect(),
            label: self.label,
            added_at: self.added_at,
            last_used_at: self.last_used_at,
        })
    }
}
