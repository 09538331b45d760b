//! The two key sets of an issuer, and a snapshot of them for one request.

use std::sync::Arc;

use claims::{Access, Device, Draft, Issuer, KeySet, Millis, Refresh, SignError, SignedToken, Timestamp, Verifier};

use crate::keys::{KeyFault, KeyReader, KeysUnavailable, ReadSecret, Signer};

/// The keys of refresh tokens and device tokens, for signing and verifying.
#[derive(Debug)]
pub struct RefreshKeys {
    set: KeySet<Refresh>,
    verifier: Verifier<Refresh>,
    devices: Verifier<Device>,
}

impl RefreshKeys {
    /// Makes the keys of this issuer.
    #[must_use]
    pub fn new(set: KeySet<Refresh>, issuer: &Issuer) -> Self {
        Self {
            verifier: Verifier::refresh(issuer.clone(), set.verifying_keys()),
            devices: Verifier::device(issuer.clone(), set.verifying_keys()),
            set,
        }
    }

    /// The verifier of refresh tokens.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier<Refresh> {
        &self.verifier
    }

    /// The verifier of device tokens.
    #[must_use]
    pub const fn devices(&self) -> &Verifier<Device> {
        &self.devices
    }
}

impl Signer<Device> for RefreshKeys {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.set.ready(at)
    }

    async fn sign(&self, draft: &Draft<Device>) -> Result<SignedToken<Device>, SignError> {
        self.set.sign(draft)
    }
}

/// Both key sets at one moment.
#[derive(Clone, Debug)]
pub struct KeySets {
    /// The keys of access tokens.
    pub access: Arc<KeySet<Access>>,
    /// The keys of refresh tokens.
    pub refresh: Arc<RefreshKeys>,
}

impl Signer<Access> for KeySets {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.access.ready(at)
    }

    async fn sign(&self, draft: &Draft<Access>) -> Result<SignedToken<Access>, SignError> {
        self.access.sign(draft)
    }
}

impl Signer<Refresh> for KeySets {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.refresh.set.ready(at)
    }

    async fn sign(&self, draft: &Draft<Refresh>) -> Result<SignedToken<Refresh>, SignError> {
        self.refresh.set.sign(draft)
    }
}

impl Signer<Device> for KeySets {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        Signer::<Device>::ready(&*self.refresh, at)
    }

    async fn sign(&self, draft: &Draft<Device>) -> Result<SignedToken<Device>, SignError> {
        self.refresh.sign(draft).await
    }
}

/// Both key sets, which are read again when due.
#[derive(Debug)]
pub struct Keyring<S> {
    access: KeyReader<S, Access, KeySet<Access>>,
    refresh: KeyReader<S, Refresh, RefreshKeys>,
}

impl<S: ReadSecret> Keyring<S> {
    /// Combines two key sets that are already being followed.
    pub const fn new(
        access: KeyReader<S, Access, KeySet<Access>>,
        refresh: KeyReader<S, Refresh, RefreshKeys>,
    ) -> Self {
        Self { access, refresh }
    }

    /// Returns both key sets as known at `now`.
    ///
    /// # Errors
    /// The same as [`KeyReader::known`], for either set.
    pub async fn known(&self, now: Millis) -> Result<KeySets, KeysUnavailable> {
        let (access, refresh) = tokio::try_join!(self.access.known(now), self.refresh.known(now))?;
        Ok(KeySets { access, refresh })
    }

    /// Returns both key sets as known at `now`, with the key of this refresh token if it can be read.
    ///
    /// # Errors
    /// The same as [`KeyReader::known_for`], for either set.
    pub async fn known_for(&self, refresh_token: &str, now: Millis) -> Result<KeySets, KeysUnavailable> {
        let lacks = |keys: &RefreshKeys| keys.verifier.lacks_key_of(refresh_token, now.timestamp());
        let (access, refresh) = tokio::try_join!(self.access.known(now), self.refresh.known_for(now, lacks))?;
        Ok(KeySets { access, refresh })
    }

    /// Returns why key sets could not be read, as [`KeyReader::take_fault`] does.
    pub fn take_faults(&self) -> impl Iterator<Item = KeyFault> {
        [self.access.take_fault(), self.refresh.take_fault()]
            .into_iter()
            .flatten()
    }
}
