//! Passkeys: this crate issues challenges, and verifies the responses of clients, as Web Authentication Level 3 demands
//! ("L3" in these pages, <https://www.w3.org/TR/webauthn-3/>).
//!
//! It does no I/O and reads neither a clock nor random numbers. It verifies registrations without attestation, and
//! assertions, both with user verification. All cryptography is that of `ring`.
//!
//! ```
//! use claims::Timestamp;
//! use ring::hmac;
//! use webauthn::{AuthenticationResponse, ChallengeTerms, Origin, Purpose, RelyingParty, RpId};
//!
//! let relying_party = RelyingParty::new(RpId::parse("example.com")?, [Origin::parse("https://example.com")?]);
//! let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
//! let terms = ChallengeTerms { key: &key, purpose: Purpose::Login, binding: b"" };
//! let now = Timestamp::new(1_700_000_000);
//!
//! // The client gets options with a challenge. Nothing is stored.
//! let challenge = terms.issue(now, [1; 16]);
//! let options = serde_json::to_string(&relying_party.request_options(&challenge, &[]))?;
//! assert!(options.contains(&challenge.to_base64url()));
//!
//! // A response is verified with what is stored for its user handle and its id.
//! let response = AuthenticationResponse::from_json(
//!     br#"{"id":"AQ","rawId":"AQ","type":"public-key","response":
//!         {"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"Ag"}}"#,
//! )?;
//! let refusal = relying_party.verify_assertion(&response, now, &terms, None).unwrap_err();
//! assert_eq!(refusal.reason(), "malformed_client_data");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is refused
//!
//! | step of L3 s7.1 | step of s7.2 | refused if | as |
//! |---|---|---|---|
//! | 3, 4 | 3, 4 | the JSON is not that of a public-key credential, repeats a known member, has an id that differs from `rawId`, or a member that is too long | [`InvalidResponse`] |
//! | - | 6 | a login has no user handle | [`Refusal::NoUserHandle`] |
//! | 5, 6 | 8, 9 | the client data is not UTF-8, not a JSON object, or repeats a known member | [`Refusal::MalformedClientData`] |
//! | 7 | 10 | the client data is of the other ceremony | [`Refusal::WrongType`] |
//! | 8 | 11 | the challenge has another key or binding, or is changed | [`Refusal::ForeignChallenge`] |
//! | 8 | 11 | the challenge has another purpose | [`Refusal::OtherPurpose`] |
//! | 8 | 11 | the challenge has expired | [`Refusal::ExpiredChallenge`] |
//! | 9 | 12 | the origin is not one of the accepted ones, compared byte by byte | [`Refusal::WrongOrigin`] |
//! | 10 | 13 | `crossOrigin` is true | [`Refusal::CrossOrigin`] |
//! | 11 | 14 | `topOrigin` is present | [`Refusal::TopOrigin`] |
//! | 13 | - | the attestation object is not one canonical CBOR map with exactly its three entries | [`Refusal::MalformedAttestation`] |
//! | 13 | - | the member `authenticatorData` is present and differs | [`Refusal::OtherAuthenticatorData`] |
//! | 13 | 7 | the authenticator data has another length than its flags demand, or CBOR that is not canonical | [`Refusal::MalformedAuthenticatorData`] |
//! | 14 | 15 | the hash is not that of the RP ID | [`Refusal::WrongRpId`] |
//! | 15 | 16 | the user was not present | [`Refusal::UserNotPresent`] |
//! | 16 | 17 | the user was not verified | [`Refusal::UserNotVerified`] |
//! | 17 | 18 | the passkey is backed up but not eligible for it | [`Refusal::BackedUpWithoutEligibility`] |
//! | s6.1 | - | a registration has no credential | [`Refusal::NoCredential`] |
//! | - | s6.1 | an assertion has a credential | [`Refusal::UnexpectedCredential`] |
//! | s6.5.1 | - | the public key is not a canonical COSE key, or has an optional parameter | [`Refusal::MalformedKey`] |
//! | 19 | - | the algorithm is not ES256, `EdDSA` or RS256 | [`Refusal::AlgorithmNotOffered`] |
//! | s5.8.5 | - | the type, the curve or the parameters of the key do not belong to the algorithm | [`Refusal::WrongKeyType`] |
//! | s5.8.5 | - | the key is not a point of P-256, has another length, or is a weak RSA key | [`Refusal::InvalidKey`] |
//! | s5.2.1 | - | the member `publicKey` or `publicKeyAlgorithm` is present and differs | [`Refusal::OtherPublicKey`] |
//! | 20 to 23 | - | the attestation is `none` and has a statement; other statements are ignored and prove nothing | [`Refusal::StatementInNone`] |
//! | 25 | - | the id differs from that in the authenticator data; it has at most 1023 bytes | [`Refusal::OtherId`] |
//! | - | 5, 6 | nothing is stored for the response | [`Refusal::UnknownCredential`] |
//! | - | 5, 6 | the stored credential is another | [`Refusal::OtherCredential`] |
//! | - | 6 | the user handle is that of another user | [`Refusal::OtherUser`] |
//! | - | 15 | the stored credential is for another RP ID | [`Refusal::StoredForOtherRpId`] |
//! | - | 19 | the eligibility for backups has changed | [`Refusal::EligibilityChanged`] |
//! | - | 21 | the signature is invalid | [`Refusal::BadSignature`] |
//!
//! Step 22 of s7.2 is [`CounterSignal`], which refuses nothing. The caller makes step 26 of s7.1: no other user may have
//! the id. Outputs of extensions are ignored, but those of authenticators must be canonical CBOR.

mod assertion;
mod attestation;
mod authentication_response;
mod authenticator_data;
mod cbor;
mod challenge;
mod client_data;
mod cose_key;
mod credential;
mod credential_id;
mod invalid_response;
mod object;
mod options;
mod origin;
mod public_key;
mod refusal;
mod registration;
mod registration_response;
mod relying_party;
mod rp_id;
mod stored_credential;
mod transport;
mod user_handle;
#[cfg(test)]
mod vectors;

pub use assertion::{Assertion, CounterSignal};
pub use authentication_response::AuthenticationResponse;
pub use challenge::{Challenge, ChallengeTerms, InvalidChallenge, LIFETIME, Purpose};
pub use credential_id::{CredentialId, MAX_CREDENTIAL_ID};
pub use invalid_response::InvalidResponse;
pub use options::{CreationOptions, Descriptor, RequestOptions, User};
pub use origin::{InvalidOrigin, Origin};
pub use public_key::{Algorithm, InvalidPublicKey, PublicKey};
pub use refusal::Refusal;
pub use registration::Registration;
pub use registration_response::RegistrationResponse;
pub use relying_party::RelyingParty;
pub use rp_id::{InvalidRpId, RpId};
pub use stored_credential::StoredCredential;
pub use transport::Transport;
pub use user_handle::{MAX_USER_HANDLE, UserHandle};
