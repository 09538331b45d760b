//! Why a response is refused. The reason is for the log; the caller only learns that the response was refused.

use crate::InvalidChallenge;

/// Declares the refusals: for each its name, its name in logs, and its message.
macro_rules! refusals {
    ($($(#[$doc:meta])* $refusal:ident = $reason:literal, $message:literal;)+) => {
        /// Why a response is refused. The variants are in the order of the checks.
        ///
        /// [`Refusal::reason`] returns the stable name of a refusal in logs and metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($message)] $refusal,)+
        }

        impl Refusal {
            /// Every refusal, in the order of the checks.
            pub const ALL: &[Self] = &[$(Self::$refusal),+];

            /// Returns the stable name of this refusal in logs and metrics.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$refusal => $reason,)+
                }
            }
        }
    };
}

refusals! {
    /// The response to a login has no user handle.
    NoUserHandle = "no_user_handle", "the user handle is missing";
    /// The client data is not a JSON object in UTF-8, repeats a known member, or has one of the wrong type.
    MalformedClientData = "malformed_client_data",
        "the client data is not a JSON object with the members of client data";
    /// The client data is of another ceremony.
    WrongType = "wrong_type", "the type of the client data is that of another ceremony";
    /// The challenge was not issued by this service, or is bound to something else.
    ForeignChallenge = "foreign_challenge", "the challenge was not issued by this service for this binding";
    /// The challenge was issued for another purpose.
    OtherPurpose = "other_purpose", "the challenge was issued for another purpose";
    /// The challenge has expired.
    ExpiredChallenge = "expired_challenge", "the challenge has expired";
    /// The response comes from a site or an app that is not accepted.
    WrongOrigin = "wrong_origin", "the origin is not accepted";
    /// The response comes from a frame within another site.
    CrossOrigin = "cross_origin", "the response comes from a frame within another site";
    /// The client data names the site around a frame.
    TopOrigin = "top_origin", "the client data names the site around a frame";
    /// The attestation object is not a canonical CBOR map of a format, a statement and authenticator data.
    MalformedAttestation = "malformed_attestation", "the attestation object is malformed";
    /// The member `authenticatorData` differs from the authenticator data in the attestation object.
    OtherAuthenticatorData = "other_authenticator_data",
        "the authenticator data differs from that in the attestation object";
    /// The authenticator data is too short, has something left over, or contains CBOR that is not canonical.
    MalformedAuthenticatorData = "malformed_authenticator_data", "the authenticator data is malformed";
    /// The passkey belongs to another RP ID.
    WrongRpId = "wrong_rp_id", "the passkey belongs to another RP ID";
    /// The authenticator did not test that a user is present.
    UserNotPresent = "user_not_present", "the user was not present";
    /// The authenticator did not verify the user.
    UserNotVerified = "user_not_verified", "the user was not verified";
    /// The passkey is backed up but may not be.
    BackedUpWithoutEligibility = "backed_up_without_eligibility", "the passkey is backed up but not eligible for it";
    /// The authenticator data of a registration has no credential.
    NoCredential = "no_credential", "the authenticator data has no credential";
    /// The authenticator data of an assertion has a credential (L3 s6.1).
    UnexpectedCredential = "unexpected_credential", "the authenticator data of an assertion has a credential";
    /// The public key is not a canonical COSE key, or has optional parameters.
    MalformedKey = "malformed_key", "the public key is not a COSE key with only the required parameters";
    /// The algorithm of the public key was not offered.
    AlgorithmNotOffered = "algorithm_not_offered", "the algorithm of the public key was not offered";
    /// The type, the curve or the parameters of the public key do not belong to its algorithm.
    WrongKeyType = "wrong_key_type", "the type of the public key does not belong to its algorithm";
    /// The public key is weak or is not a point of its curve.
    InvalidKey = "invalid_key", "the public key is weak or not a point of its curve";
    /// The member `publicKey` or `publicKeyAlgorithm` differs from the key in the authenticator data.
    OtherPublicKey = "other_public_key", "the public key differs from that in the authenticator data";
    /// The attestation has the format `none`, but its statement is not empty.
    StatementInNone = "statement_in_none", "the attestation of the format none has a statement";
    /// The id of the response differs from that in the authenticator data.
    OtherId = "other_id", "the id differs from that in the authenticator data";
    /// No credential is stored for the response.
    UnknownCredential = "unknown_credential", "the credential is unknown";
    /// The response is of another credential than the stored one.
    OtherCredential = "other_credential", "the response is of another credential";
    /// The response has the user handle of another user.
    OtherUser = "other_user", "the user handle is that of another user";
    /// The stored credential belongs to another RP ID than that of the relying party.
    StoredForOtherRpId = "stored_for_other_rp_id", "the stored credential belongs to another RP ID";
    /// The passkey may be backed up, but could not be when it was registered, or the reverse.
    EligibilityChanged = "eligibility_changed", "the eligibility for backups has changed";
    /// The signature is invalid.
    BadSignature = "bad_signature", "the signature is invalid";
}

impl From<InvalidChallenge> for Refusal {
    fn from(invalid: InvalidChallenge) -> Self {
        match invalid {
            InvalidChallenge::Foreign => Self::ForeignChallenge,
            InvalidChallenge::OtherPurpose => Self::OtherPurpose,
            InvalidChallenge::Expired => Self::ExpiredChallenge,
        }
    }
}
