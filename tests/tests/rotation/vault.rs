//! A secret and a public keys table in memory, which remember all their earlier contents.

use std::{collections::BTreeMap, sync::Mutex};

use auth::{
    error::StoreError,
    keys::{
        KeySetVersion, KeySetVersions, PublishKeys, PublishSchedule, ReadKeySet, ReadPublicKeys, ReadSchedule,
        ReadSecret,
    },
};
use claims::{Access, Jwks, KeySchedule, Refresh, Span, Timestamp, TokenKind};
use rotation::steps::{RotationError, create, finish, publish, test};
use zeroize::Zeroizing;

/// A secret with the versions of a key set.
#[derive(Debug)]
pub(crate) struct Vault {
    versions: Mutex<Versions>,
}

#[derive(Debug)]
struct Versions {
    /// The versions in the order in which they became current: the time, the id and the text of each.
    current: Vec<(Timestamp, String, String)>,
    pending: Option<(String, String)>,
    now: Timestamp,
}

impl Vault {
    /// Returns a secret without keys.
    pub(crate) fn empty(now: Timestamp) -> Self {
        let first = (now, "first".to_owned(), r#"{"keys":[]}"#.to_owned());
        Self {
            versions: Mutex::new(Versions {
                current: vec![first],
                pending: None,
                now,
            }),
        }
    }

    pub(crate) fn at(&self, now: Timestamp) {
        self.versions.lock().unwrap().now = now;
    }

    /// Returns the text of the version that was current at a moment, or that of the first version if none was current
    /// yet.
    pub(crate) fn text_at(&self, at: Timestamp) -> String {
        let versions = self.versions.lock().unwrap();
        let found = versions.current.iter().rev().find(|(since, ..)| *since <= at);
        found.unwrap_or(&versions.current[0]).2.clone()
    }

    /// Returns the text of the current version.
    pub(crate) fn text(&self) -> String {
        self.versions.lock().unwrap().current.last().unwrap().2.clone()
    }

    /// Writes `text` outside the rotation, as an operator does.
    pub(crate) fn put(&self, text: &str) {
        let mut versions = self.versions.lock().unwrap();
        let (now, id) = (versions.now, format!("operator-{}", versions.current.len()));
        versions.current.push((now, id, text.to_owned()));
    }

    /// Returns the text of the pending version, if there is one.
    pub(crate) fn waiting(&self) -> Option<String> {
        let versions = self.versions.lock().unwrap();
        versions.pending.as_ref().map(|(_, text)| text.clone())
    }
}

impl ReadKeySet for Vault {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        let (_, id, text) = self.versions.lock().unwrap().current.last().unwrap().clone();
        Ok(KeySetVersion {
            id,
            text: Zeroizing::new(text),
        })
    }
}

impl KeySetVersions for Vault {
    async fn pending(&self, id: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        let pending = self.versions.lock().unwrap().pending.clone();
        let found = pending.filter(|(waiting, _)| waiting == id);
        Ok(found.map(|(_, text)| Zeroizing::new(text)))
    }

    async fn put_pending(&self, id: &str, text: &str) -> Result<(), StoreError> {
        let mut versions = self.versions.lock().unwrap();
        if versions.pending.as_ref().is_none_or(|(waiting, _)| waiting != id) {
            versions.pending = Some((id.to_owned(), text.to_owned()));
        }
        Ok(())
    }

    async fn promote(&self, id: &str, from: &str) -> Result<(), StoreError> {
        let mut versions = self.versions.lock().unwrap();
        let (_, current, _) = versions.current.last().unwrap();
        let (waiting, text) = versions.pending.clone().unwrap();
        if current != from || waiting != id {
            return Err(StoreError::Unavailable {
                operation: "promote",
                cause: "not current".to_owned(),
            });
        }
        let now = versions.now;
        versions.current.push((now, waiting, text));
        versions.pending = None;
        Ok(())
    }

    async fn discard(&self, id: &str) -> Result<(), StoreError> {
        let mut versions = self.versions.lock().unwrap();
        versions.pending = versions.pending.take().filter(|(waiting, _)| waiting != id);
        Ok(())
    }
}

/// The public keys table, with everything that was published and when.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    published: Mutex<Vec<(Timestamp, String)>>,
    /// The schedules by the `typ` of their tokens.
    schedules: Mutex<BTreeMap<&'static str, KeySchedule>>,
    now: Mutex<Option<Timestamp>>,
}

impl Feed {
    pub(crate) fn at(&self, now: Timestamp) {
        *self.now.lock().unwrap() = Some(now);
    }

    /// Returns the last public keys that were published up to a moment, or `None` if there were none.
    pub(crate) fn jwks_at(&self, at: Timestamp) -> Option<String> {
        let published = self.published.lock().unwrap();
        let found = published.iter().rev().find(|(since, _)| *since <= at);
        found.map(|(_, jwks)| jwks.clone())
    }

    /// Returns the public keys that were published last.
    pub(crate) fn jwks(&self) -> String {
        self.published.lock().unwrap().last().unwrap().1.clone()
    }
}

impl PublishKeys for Feed {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        let now = self.now.lock().unwrap().unwrap();
        self.published.lock().unwrap().push((now, jwks.to_json()));
        Ok(())
    }
}

impl PublishSchedule for Feed {
    async fn publish_schedule<K: TokenKind>(&self, schedule: &KeySchedule) -> Result<(), StoreError> {
        self.schedules.lock().unwrap().insert(K::TYP, schedule.clone());
        Ok(())
    }
}

impl ReadSchedule for Feed {
    async fn schedule<K: TokenKind>(&self) -> Result<Option<KeySchedule>, StoreError> {
        Ok(self.schedules.lock().unwrap().get(K::TYP).cloned())
    }
}

impl ReadPublicKeys for Feed {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        Ok(self.published.lock().unwrap().last().map(|(_, jwks)| jwks.clone()))
    }
}

/// A secret or a table as it was some time ago. Its reader does not know that the contents are old.
#[derive(Debug)]
pub(crate) struct Late<'a, P> {
    place: &'a P,
    by: Span,
    now: &'a Mutex<Timestamp>,
}

impl<'a, P> Late<'a, P> {
    pub(crate) const fn new(place: &'a P, by: Span, now: &'a Mutex<Timestamp>) -> Self {
        Self { place, by, now }
    }

    fn moment(&self) -> Timestamp {
        let now = self.now.lock().unwrap().get();
        Timestamp::new(now.saturating_sub(self.by.get()))
    }
}

impl ReadSecret for Late<'_, Vault> {
    fn poll(&self) -> Span {
        Span::seconds(300)
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        Ok(Zeroizing::new(self.place.text_at(self.moment())))
    }
}

impl ReadPublicKeys for Late<'_, Feed> {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        Ok(self.place.jwks_at(self.moment()))
    }
}

/// Rotates the access keys in the four steps of Secrets Manager.
pub(crate) async fn rotate_access(
    id: &str,
    algorithm: claims::Algorithm,
    now: Timestamp,
    vault: &Vault,
    feed: &Feed,
) -> Result<(), RotationError> {
    vault.at(now);
    feed.at(now);
    create::<Access>(id, algorithm, now, &mut config::random(), vault).await?;
    publish::<Access>(id, vault, feed).await?;
    test::<Access>(id, now, vault, feed).await?;
    finish::<Access>(id, vault, feed).await.map(drop)
}

/// Rotates the refresh keys in the four steps of Secrets Manager.
pub(crate) async fn rotate_refresh(id: &str, now: Timestamp, vault: &Vault, feed: &Feed) -> Result<(), RotationError> {
    vault.at(now);
    create::<Refresh>(id, claims::Algorithm::HS256, now, &mut config::random(), vault).await?;
    publish::<Refresh>(id, vault, feed).await?;
    test::<Refresh>(id, now, vault, feed).await?;
    finish::<Refresh>(id, vault, feed).await.map(drop)
}
