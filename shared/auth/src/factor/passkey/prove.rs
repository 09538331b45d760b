//! Verifying that a user has one of their passkeys.

use std::fmt;

use claims::{Amr, Timestamp};
use webauthn::{
    Assertion, AuthenticationResponse, Challenge, CounterSignal, CredentialId, Purpose, Refusal, RelyingParty,
};

use super::Passkey;
use crate::{factor::Factors, keys::ChallengeKeys};

/// The response of a client to a challenge, and the relying party that verifies it.
#[derive(Clone, Copy)]
pub struct PasskeyProof<'a> {
    /// The response.
    pub response: &'a AuthenticationResponse,
    /// The relying party.
    pub relying_party: &'a RelyingParty,
}

/// A use of a passkey, which is recorded with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// The id of the passkey.
    pub id: CredentialId,
    /// The counter of its signatures.
    pub counter: u32,
    /// Whether the passkey is copied to other devices at present.
    pub backed_up: bool,
    /// When it was used.
    pub at: Timestamp,
}

/// A passkey that was proven.
#[derive(Debug)]
pub(crate) struct ProvenPasskey {
    pub(crate) usage: PasskeyUse,
    /// What it proves.
    pub(crate) amr: Amr,
    /// Whether the counter went back, which may mean that the passkey was copied.
    pub(crate) went_back: bool,
    pub(crate) challenge: Challenge,
}

/// Verifies a response to a challenge of this purpose and binding with the user's passkeys.
pub(crate) fn prove(
    proof: PasskeyProof<'_>,
    purpose: Purpose,
    binding: &[u8],
    keys: &ChallengeKeys,
    factors: &Factors,
    now: Timestamp,
) -> Result<ProvenPasskey, Refusal> {
    let PasskeyProof {
        response,
        relying_party,
    } = proof;
    let passkey = factors.passkey(response.id());
    let stored = passkey.map(|passkey| &passkey.credential);
    let (_, assertion) = keys.verify(purpose, binding, |terms| {
        relying_party.verify_assertion(response, now, terms, stored)
    })?;
    let amr = passkey.map(Passkey::amr).ok_or(Refusal::UnknownCredential)?;
    Ok(ProvenPasskey::new(assertion, amr, now))
}

impl ProvenPasskey {
    fn new(assertion: Assertion, amr: Amr, now: Timestamp) -> Self {
        Self {
            usage: PasskeyUse {
                id: assertion.id,
                counter: assertion.counter,
                backed_up: assertion.backed_up,
                at: now,
            },
            amr,
            went_back: assertion.signal == CounterSignal::WentBack,
            challenge: assertion.challenge,
        }
    }
}

impl PasskeyUse {
    /// Returns whether the user still has the passkey.
    pub(crate) fn is_possible(&self, factors: &Factors) -> bool {
        factors.passkey(&self.id).is_some()
    }

    /// Records it.
    pub(crate) fn apply(&self, factors: &mut Factors) {
        let mut passkeys = factors.passkeys.iter_mut();
        if let Some(passkey) = passkeys.find(|passkey| passkey.credential.id == self.id) {
            passkey.credential.counter = self.counter;
            passkey.backed_up = self.backed_up;
            passkey.last_used_at = Some(self.at);
        }
    }
}

/// A response proves who the user is, so `Debug` does not show it.
impl fmt::Debug for PasskeyProof<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasskeyProof(..)")
    }
}
