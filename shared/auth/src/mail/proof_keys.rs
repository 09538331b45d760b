//! The secrets with which links and codes are made and checked.

use std::sync::Arc;

use claims::Moment;

use crate::{
    attempts::{PseudonymError, PseudonymKey, PseudonymReader},
    following::{FollowError, Followed},
    keys::{LinkKeys, ReadSecret, Secret},
    mail::{MailKeys, Proofs},
};

/// The mail keys, the keys of links and the pseudonym key, which are kept up to date.
#[derive(Debug)]
pub struct ProofKeyring<S> {
    mail: Followed<Secret<S>, MailKeys>,
    links: Followed<Secret<S>, LinkKeys>,
    pseudonyms: PseudonymReader<S>,
}

/// The keys as they were at one moment.
#[derive(Debug)]
pub struct ProofKeys<'a> {
    /// The keys that open addresses.
    pub mail: Arc<MailKeys>,
    /// The keys that sign and verify links and make codes.
    pub links: Arc<LinkKeys>,
    /// The key of pseudonyms.
    pub pseudonyms: &'a PseudonymKey,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum ProofKeysError {
    /// A secret has no value, or its copy is too old.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The pseudonym key could not be read.
    #[error(transparent)]
    Pseudonym(#[from] PseudonymError),
}

impl<S: ReadSecret> ProofKeyring<S> {
    /// Makes a keyring from keys that are already being followed.
    pub const fn new(
        mail: Followed<Secret<S>, MailKeys>,
        links: Followed<Secret<S>, LinkKeys>,
        pseudonyms: PseudonymReader<S>,
    ) -> Self {
        Self {
            mail,
            links,
            pseudonyms,
        }
    }

    /// Returns the keys as known at `now`.
    ///
    /// # Errors
    /// If a secret has never been read, or its copy is too old.
    pub async fn current(&self, now: Moment) -> Result<ProofKeys<'_>, ProofKeysError> {
        let (mail, links) = tokio::try_join!(self.mail.current(now), self.links.current(now))?;
        Ok(ProofKeys {
            mail,
            links,
            pseudonyms: self.pseudonyms.key().await?,
        })
    }

    /// Returns the errors that have not been reported yet, as [`Followed::take_fault`] does for one secret.
    pub fn take_faults(&self) -> impl Iterator<Item = FollowError> {
        [self.mail.take_fault(), self.links.take_fault()].into_iter().flatten()
    }
}

impl ProofKeys<'_> {
    /// Returns what is needed to check proofs. Codes are accepted only if `has_codes` is true.
    #[must_use]
    pub fn proofs(&self, has_codes: bool) -> Proofs<'_> {
        Proofs {
            mail_keys: &self.mail,
            link_keys: &self.links,
            pseudonyms: self.pseudonyms,
            has_codes,
        }
    }
}
