//! Verifying registrations (L3 s7.1).

use claims::Timestamp;

use crate::{
    Challenge, ChallengeTerms, CredentialId, InvalidChallenge, PublicKey, Refusal, RegistrationResponse, RelyingParty,
    Transport,
    attestation::Attestation,
    authenticator_data::AuthenticatorData,
    client_data::{self, Ceremony},
    cose_key,
};

/// A verified registration. The caller stores it, unless a credential with this id is already stored for any user
/// (L3 s7.1, step 26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The id of the credential.
    pub id: CredentialId,
    /// The public key.
    pub key: PublicKey,
    /// The counter of signatures, or 0 if the authenticator does not count.
    pub counter: u32,
    /// Whether the passkey may be copied to other devices. This never changes.
    pub backup_eligible: bool,
    /// Whether the passkey is copied to other devices at present.
    pub backed_up: bool,
    /// The model of the authenticator, which is not verified. It may be all zeros.
    pub aaguid: [u8; 16],
    /// How clients can reach the authenticator, which is not verified.
    pub transports: Vec<Transport>,
    /// The challenge that the response answers.
    pub challenge: Challenge,
}

impl RelyingParty {
    /// Verifies a registration: makes the checks of L3 s7.1 in their order. A registration contains no proof that the
    /// client has the private key; the first assertion is that proof.
    ///
    /// # Errors
    /// If a check fails. The error says which one.
    pub fn verify_registration(
        &self,
        response: &RegistrationResponse,
        now: Timestamp,
        terms: &ChallengeTerms<'_>,
    ) -> Result<Registration, Refusal> {
        self.check_registration(response, |challenge| terms.check(challenge, now))
    }

    pub(crate) fn check_registration(
        &self,
        response: &RegistrationResponse,
        check: impl FnOnce(&[u8]) -> Result<Challenge, InvalidChallenge>,
    ) -> Result<Registration, Refusal> {
        let challenge = client_data::check(&response.client_data, Ceremony::Create, self, check)?;
        let attestation = Attestation::parse(&response.attestation_object).ok_or(Refusal::MalformedAttestation)?;
        let bytes = attestation.authenticator_data;
        if response.authenticator_data.as_deref().is_some_and(|copy| copy != bytes) {
            return Err(Refusal::OtherAuthenticatorData);
        }
        let data = AuthenticatorData::parse(bytes).ok_or(Refusal::MalformedAuthenticatorData)?;
        data.check(self.rp_id())?;
        let attested = data.attested.as_ref().ok_or(Refusal::NoCredential)?;
        let key = cose_key::parse(attested.key)?;
        if !response.repeats(&key) {
            return Err(Refusal::OtherPublicKey);
        }
        attestation.check_statement()?;
        if attested.id != response.id.as_bytes() {
            return Err(Refusal::OtherId);
        }
        Ok(Registration {
            id: response.id.clone(),
            key,
            counter: data.counter,
            backup_eligible: data.is_backup_eligible(),
            backed_up: data.is_backed_up(),
            aaguid: attested.aaguid,
            transports: response.transports.clone(),
            challenge,
        })
    }
}

impl RegistrationResponse {
    /// Returns whether the members that repeat the public key agree with it. They may be missing.
    fn repeats(&self, key: &PublicKey) -> bool {
        self.public_key.as_deref().is_none_or(|spki| spki == key.spki())
            && self
                .public_key_algorithm
                .is_none_or(|number| number == key.algorithm().cose())
    }
}
