//! The two key sets of an issuer, and a snapshot of them for one request.

use std::sync::Arc;

use claims::{
    Access, Claims, Device, Draft, Issuer, KeySet, Moment, Refresh, Second, SignError, SignedToken, Timestamp,
    Unverified, Verifier,
};

use crate::{
    following::{FollowError, Followed, Source},
    keys::{ChallengeKeys, Signer, TokenError, verify},
};

/// The keys that sign and verify refresh tokens, device tokens and the tokens of second steps.
#[derive(Debug)]
pub struct RefreshKeys {
    set: KeySet<Refresh>,
    verifier: Verifier<Refresh>,
    devices: Verifier<Device>,
    second_steps: Verifier<Second>,
}

impl RefreshKeys {
    /// Makes the keys from the key set of this issuer.
    #[must_use]
    pub fn new(set: KeySet<Refresh>, issuer: &Issuer) -> Self {
        Self {
            verifier: Verifier::refresh(issuer.clone(), set.verifying_keys()),
            devices: Verifier::device(issuer.clone(), set.verifying_keys()),
            second_steps: Verifier::second(issuer.clone(), set.verifying_keys()),
            set,
        }
    }

    /// Returns the verifier of refresh tokens.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier<Refresh> {
        &self.verifier
    }

    /// Returns the verifier of device tokens.
    #[must_use]
    pub const fn devices(&self) -> &Verifier<Device> {
        &self.devices
    }

    /// Returns the keys of the challenges for logins with a passkey.
    ///
    /// # Errors
    /// If no key is active.
    pub fn challenges(&self, now: Timestamp) -> Result<ChallengeKeys, SignError> {
        ChallengeKeys::for_logins(&self.set, now)
    }

    /// Returns the verifier of the tokens of second steps.
    #[must_use]
    pub const fn second_steps(&self) -> &Verifier<Second> {
        &self.second_steps
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

/// Two key sets, as they were at one moment: one for access tokens, and one for refresh tokens and device tokens.
#[derive(Clone, Debug)]
pub struct KeySets {
    /// The keys of access tokens.
    pub access: Arc<KeySet<Access>>,
    /// The keys of refresh tokens and device tokens.
    pub refresh: Arc<RefreshKeys>,
}

impl Signer<Access> for KeySet<Access> {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        Self::ready(self, at)
    }

    async fn sign(&self, draft: &Draft<Access>) -> Result<SignedToken<Access>, SignError> {
        Self::sign(self, draft)
    }
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

impl Signer<Second> for KeySets {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.refresh.set.ready(at)
    }

    async fn sign(&self, draft: &Draft<Second>) -> Result<SignedToken<Second>, SignError> {
        self.refresh.set.sign(draft)
    }
}

/// Two key sets that are kept up to date: one for access tokens, and one for refresh tokens and device tokens.
#[derive(Debug)]
pub struct Keyring<S> {
    access: Followed<S, KeySet<Access>>,
    refresh: Followed<S, RefreshKeys>,
}

impl<S: Source> Keyring<S> {
    /// Makes a keyring from two key sets that are already being followed.
    pub const fn new(access: Followed<S, KeySet<Access>>, refresh: Followed<S, RefreshKeys>) -> Self {
        Self { access, refresh }
    }

    /// Returns both key sets as known at `now`.
    ///
    /// # Errors
    /// If either set has no value, or its copy is too old: see [`Followed::current`].
    pub async fn current(&self, now: Moment) -> Result<KeySets, FollowError> {
        let (access, refresh) = tokio::try_join!(self.access.current(now), self.refresh.current(now))?;
        Ok(KeySets { access, refresh })
    }

    /// Verifies a refresh token as of `now`. Returns both key sets and the claims of the token.
    ///
    /// # Errors
    /// If either set has no value, or its copy is too old, or if the token is refused.
    pub async fn verify(
        &self,
        token: &Unverified<'_, Refresh>,
        now: Moment,
    ) -> Result<(KeySets, Claims<Refresh>), TokenError> {
        let verify_with = |keys: &RefreshKeys| keys.verifier.verify(token, now.timestamp());
        let (access, verified) = tokio::join!(self.access.current(now), verify(&self.refresh, now, verify_with));
        let access = access?;
        let (refresh, claims) = verified?;
        Ok((KeySets { access, refresh }, claims))
    }

    /// Returns the errors of both key sets that have not been reported yet, as [`Followed::take_fault`] does for one.
    pub fn take_faults(&self) -> impl Iterator<Item = FollowError> {
        [self.access.take_fault(), self.refresh.take_fault()]
            .into_iter()
            .flatten()
    }
}
