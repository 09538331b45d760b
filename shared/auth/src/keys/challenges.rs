//! The keys of challenges for passkeys.

use std::fmt;

use claims::{KeySet, Refresh, SignError, Timestamp};
use ring::hmac::{self, HMAC_SHA256};
use webauthn::{Challenge, ChallengeTerms, LIFETIME, Purpose, Refusal};

/// What the keys of logins are derived for.
const LABEL: &str = "passkey challenges";

/// The key of new challenges, and the one before it, whose challenges are still answered.
#[derive(Clone)]
pub struct ChallengeKeys {
    current: hmac::Key,
    previous: Option<hmac::Key>,
}

/// Which of the keys issued a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// The key of new challenges.
    Current,
    /// The key before it.
    Previous,
}

impl ChallengeKeys {
    /// Derives the keys of the challenges for logins from the keys of refresh tokens.
    ///
    /// # Errors
    /// If no key of refresh tokens is active.
    pub fn for_logins(set: &KeySet<Refresh>, now: Timestamp) -> Result<Self, SignError> {
        let at = |time| {
            let tag = set.tag(time, LABEL, b"")?;
            Ok(hmac::Key::new(HMAC_SHA256, &tag))
        };
        let earlier = Timestamp::new(now.get().saturating_sub(LIFETIME.get()));
        Ok(Self {
            current: at(now)?,
            previous: at(earlier).ok(),
        })
    }

    pub(crate) const fn new(current: hmac::Key, previous: Option<hmac::Key>) -> Self {
        Self { current, previous }
    }

    /// Issues a challenge. The random bytes must never be used again.
    #[must_use]
    pub fn issue(&self, purpose: Purpose, binding: &[u8], now: Timestamp, random: [u8; 16]) -> Challenge {
        let terms = ChallengeTerms {
            key: &self.current,
            purpose,
            binding,
        };
        terms.issue(now, random)
    }

    /// Verifies a response with the key that issued its challenge. Returns which one it is with what `verify` returns.
    pub(crate) fn verify<T>(
        &self,
        purpose: Purpose,
        binding: &[u8],
        verify: impl Fn(&ChallengeTerms<'_>) -> Result<T, Refusal>,
    ) -> Result<(Issuer, T), Refusal> {
        let with = |key| verify(&ChallengeTerms { key, purpose, binding });
        match (with(&self.current), &self.previous) {
            (Err(Refusal::ForeignChallenge), Some(previous)) => Ok((Issuer::Previous, with(previous)?)),
            (verified, _) => Ok((Issuer::Current, verified?)),
        }
    }
}

/// The keys are secrets, so `Debug` does not show them.
impl fmt::Debug for ChallengeKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ChallengeKeys(..)")
    }
}
