//! The keys of links and codes in mails.

use claims::{
    Claims, Draft, Issuer, KeySet, Link, Moment, Refresh, Refusal, SignError, SignedToken, Timestamp, Unverified,
    Verifier,
};

use crate::keys::Signer;

/// The key set of refresh tokens, as far as it signs and verifies links and codes. Only the functions that write
/// letters, or accept what is in them, have these keys.
#[derive(Debug)]
pub struct LinkKeys {
    set: KeySet<Refresh>,
    verifier: Verifier<Link>,
}

impl LinkKeys {
    /// Makes the keys from the refresh key set of this issuer.
    #[must_use]
    pub fn new(set: KeySet<Refresh>, issuer: &Issuer) -> Self {
        Self {
            verifier: Verifier::link(issuer.clone(), set.verifying_keys()),
            set,
        }
    }

    /// Verifies a link token as of `now`.
    ///
    /// # Errors
    /// If the token is refused.
    pub fn verify(&self, token: &Unverified<'_, Link>, now: Timestamp) -> Result<Claims<Link>, Refusal> {
        self.verifier.verify(token, now)
    }

    /// Returns an HMAC of `message` under the key that was active at `at`, as [`KeySet::tag`] does.
    ///
    /// # Errors
    /// If no key was active then.
    pub(crate) fn tag(&self, at: Moment, label: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.set.tag(at.timestamp(), label, message)
    }
}

impl Signer<Link> for LinkKeys {
    fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.set.ready(at)
    }

    async fn sign(&self, draft: &Draft<Link>) -> Result<SignedToken<Link>, SignError> {
        self.set.sign(draft)
    }
}
