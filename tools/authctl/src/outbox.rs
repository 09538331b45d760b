//! The outbox of a stack: the table of requested mails, with the keys for it.

use auth::{accounts::QueueingKeys, attempts::PseudonymKey, keys::ReadKeySet as _, mail::MailKeys};
use store::MailTable;

use crate::{arguments::Target, target};

/// The table of requested mails, with the keys with which mails are queued.
pub(crate) struct Outbox {
    pub(crate) table: MailTable,
    mail_keys: MailKeys,
    pseudonyms: PseudonymKey,
}

impl Outbox {
    /// Returns the table of the target, and reads the keys.
    pub(crate) async fn open(target: &Target) -> anyhow::Result<Self> {
        let table = target::mail_table(target).await?;
        let mail_key = target.mail_key().await?;
        Ok(Self {
            table,
            mail_keys: MailKeys::from_json(&mail_key.current().await?.text)?,
            pseudonyms: pseudonym_key(target).await?,
        })
    }

    pub(crate) const fn keys(&self) -> QueueingKeys<'_> {
        QueueingKeys {
            mail_keys: &self.mail_keys,
            pseudonyms: &self.pseudonyms,
        }
    }
}

/// Reads the key of pseudonyms.
pub(crate) async fn pseudonym_key(target: &Target) -> anyhow::Result<PseudonymKey> {
    let store = target.pseudonym_key().await?;
    Ok(PseudonymKey::parse(&store.current().await?.text)?)
}
