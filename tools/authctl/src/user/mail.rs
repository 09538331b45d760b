//! `authctl user invite` and `authctl user reset` start a mail. The person who gets it chooses the password.

use auth::{
    accounts::{Invitation, QueueingKeys, invite_user, start_reset},
    attempts::PseudonymKey,
    keys::ReadKeySet as _,
    mail::{Language, MailKeys},
    user::Email,
};
use claims::{Clock as _, KeySet};
use store::MailTable;

use crate::{
    arguments::{Output, Target},
    key::KeySetName,
    output,
    target::{self, UserStores},
};

/// The table of requested mails, with the keys for it.
struct Outbox {
    table: MailTable,
    mail_keys: MailKeys,
    pseudonyms: PseudonymKey,
}

/// Queues an invitation and prints what was queued.
pub(super) async fn invite(
    invitation: Invitation,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let outbox = Outbox::open(target).await?;
    let refresh_keys = target::key_store(KeySetName::Refresh, target).await?;
    let grant_keys = KeySet::from_json(&refresh_keys.current().await?.text)?;
    let (now, rng) = (stores.clock().await?.now(), &mut config::random());
    let (keys, users) = (outbox.keys(), &stores.users);
    let started = invite_user(invitation, now, rng, &grant_keys, keys, users, &outbox.table).await?;
    output::print_started_mail(&started, output)
}

/// Queues a mail with which the user sets a new password, and prints what was queued.
pub(super) async fn reset(
    email: Email,
    language: Option<Language>,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let outbox = Outbox::open(target).await?;
    let (now, rng) = (stores.clock().await?.now(), &mut config::random());
    let (keys, users) = (outbox.keys(), &stores.users);
    let started = start_reset(email, language, now, rng, keys, users, &outbox.table).await?;
    output::print_started_mail(&started, output)
}

impl Outbox {
    /// Returns the table of the target, and reads the keys.
    async fn open(target: &Target) -> anyhow::Result<Self> {
        let table = target::mail_table(target).await?;
        let (mail_key, pseudonym_key) = (target.mail_key().await?, target.pseudonym_key().await?);
        Ok(Self {
            table,
            mail_keys: MailKeys::from_json(&mail_key.current().await?.text)?,
            pseudonyms: PseudonymKey::parse(&pseudonym_key.current().await?.text)?,
        })
    }

    const fn keys(&self) -> QueueingKeys<'_> {
        QueueingKeys {
            mail_keys: &self.mail_keys,
            pseudonyms: &self.pseudonyms,
        }
    }
}
