//! Verifying assertions (L3 s7.2).

use claims::Timestamp;
use ring::digest;

use crate::{
    AuthenticationResponse, Challenge, ChallengeTerms, CredentialId, InvalidChallenge, PublicKey, Purpose, Refusal,
    RelyingParty, StoredCredential, UserHandle,
    authenticator_data::AuthenticatorData,
    client_data::{self, Ceremony},
    stored_credential::decoy_key,
};

/// A verified assertion: the user of the stored credential was present, and the authenticator verified the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The id of the credential.
    pub id: CredentialId,
    /// The handle of the user.
    pub user_handle: UserHandle,
    /// The counter of signatures, which the caller stores. L3 s7.2, step 24, stores it even if it went back.
    pub counter: u32,
    /// What the counter shows.
    pub signal: CounterSignal,
    /// Whether the passkey may be copied to other devices.
    pub backup_eligible: bool,
    /// Whether the passkey is copied to other devices at present, which the caller stores.
    pub backed_up: bool,
    /// The challenge that the response answers.
    pub challenge: Challenge,
}

/// What the counter of signatures shows (L3 s6.1.1). It is never a reason to refuse an assertion: clones are only one of
/// several causes of a counter that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterSignal {
    /// The counter is higher than the stored one.
    Fine,
    /// The authenticator does not count: both counters are 0. This is usual for passkeys that are synchronised.
    NotUsed,
    /// The counter is not higher than the stored one. The private key may have been copied.
    WentBack,
}

impl RelyingParty {
    /// Verifies an assertion: makes the checks of L3 s7.2. For a login, the response must have a user handle; otherwise
    /// it may be missing.
    ///
    /// Pass `None` if no credential is stored for the id or the user handle. The response is then refused after the
    /// same work, so that the time does not reveal which credentials are stored.
    ///
    /// # Errors
    /// If a check fails. The error says which one.
    pub fn verify_assertion(
        &self,
        response: &AuthenticationResponse,
        now: Timestamp,
        terms: &ChallengeTerms<'_>,
        stored: Option<&StoredCredential>,
    ) -> Result<Assertion, Refusal> {
        if terms.purpose == Purpose::Login && response.user_handle.is_none() {
            return Err(Refusal::NoUserHandle);
        }
        self.check_assertion(response, stored, |challenge| terms.check(challenge, now))
    }

    pub(crate) fn check_assertion(
        &self,
        response: &AuthenticationResponse,
        stored: Option<&StoredCredential>,
        check: impl FnOnce(&[u8]) -> Result<Challenge, InvalidChallenge>,
    ) -> Result<Assertion, Refusal> {
        let challenge = client_data::check(&response.client_data, Ceremony::Get, self, check)?;
        let data = AuthenticatorData::parse(&response.authenticator_data).ok_or(Refusal::MalformedAuthenticatorData)?;
        data.check(self.rp_id())?;
        if data.attested.is_some() {
            return Err(Refusal::UnexpectedCredential);
        }
        // The signature is verified before anything is compared with what is stored, so that every refusal below takes
        // the same time.
        let key = match stored {
            Some(stored) => &stored.key,
            None => decoy_key(),
        };
        let is_signed = response.is_signed_with(key);
        let stored = stored.ok_or(Refusal::UnknownCredential)?;
        stored.check(self, response, &data)?;
        if !is_signed {
            return Err(Refusal::BadSignature);
        }
        Ok(Assertion {
            id: stored.id.clone(),
            user_handle: stored.user_handle.clone(),
            counter: data.counter,
            signal: CounterSignal::new(stored.counter, data.counter),
            backup_eligible: stored.backup_eligible,
            backed_up: data.is_backed_up(),
            challenge,
        })
    }
}

impl AuthenticationResponse {
    /// Returns whether the signature over the authenticator data and the hash of the client data is valid.
    pub(crate) fn is_signed_with(&self, key: &PublicKey) -> bool {
        let hash = digest::digest(&digest::SHA256, &self.client_data);
        let message = [&self.authenticator_data, hash.as_ref()].concat();
        key.verify(&message, &self.signature)
    }
}

impl StoredCredential {
    /// Compares a response with what is stored.
    fn check(
        &self,
        relying_party: &RelyingParty,
        response: &AuthenticationResponse,
        data: &AuthenticatorData<'_>,
    ) -> Result<(), Refusal> {
        if response.id != self.id {
            return Err(Refusal::OtherCredential);
        }
        if response
            .user_handle
            .as_ref()
            .is_some_and(|handle| *handle != self.user_handle)
        {
            return Err(Refusal::OtherUser);
        }
        if self.rp_id != *relying_party.rp_id() {
            return Err(Refusal::StoredForOtherRpId);
        }
        if self.backup_eligible != data.is_backup_eligible() {
            return Err(Refusal::EligibilityChanged);
        }
        Ok(())
    }
}

impl CounterSignal {
    const fn new(stored: u32, counter: u32) -> Self {
        match (stored, counter) {
            (0, 0) => Self::NotUsed,
            _ if counter > stored => Self::Fine,
            _ => Self::WentBack,
        }
    }
}
