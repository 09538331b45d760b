//! What is stored of a credential, and the key that takes its place if nothing is stored.

use std::sync::LazyLock;

use crate::{CredentialId, PublicKey, RpId, UserHandle};

/// What is stored of a credential, and of the user that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// The id.
    pub id: CredentialId,
    /// The public key.
    pub key: PublicKey,
    /// The counter of signatures in the latest response.
    pub counter: u32,
    /// Whether the passkey may be copied to other devices, as it was registered.
    pub backup_eligible: bool,
    /// The RP ID for which it was registered.
    pub rp_id: RpId,
    /// The handle of the user.
    pub user_handle: UserHandle,
}

/// The coordinates of [`decoy_key`]. The first is the SHA-256 of "Gatehouse: the public key of no passkey 5", where 5 is
/// the first number for which there is such a point. So nobody has the private key.
const DECOY_X: [u8; 32] = [
    0x90, 0xa2, 0x8f, 0x62, 0xb0, 0x15, 0xf1, 0x03, 0xe6, 0xe1, 0x06, 0x27, 0x76, 0xa8, 0x0f, 0x26, 0xb1, 0x37, 0x0a,
    0xdf, 0xb2, 0x2f, 0xd0, 0x3e, 0x0d, 0xbe, 0x5c, 0xbc, 0x9f, 0x6c, 0x74, 0x95,
];
const DECOY_Y: [u8; 32] = [
    0x6e, 0x7d, 0x9c, 0xbb, 0xa9, 0x27, 0xd6, 0xd1, 0xc1, 0xbb, 0x44, 0x09, 0x5d, 0x81, 0x0b, 0x5d, 0x15, 0xf4, 0x1f,
    0x31, 0x58, 0xd5, 0x7d, 0x08, 0x3c, 0xd9, 0x1c, 0xdf, 0x3b, 0x60, 0x60, 0xb5,
];

/// Returns the key with which a response is verified if no credential is stored for it. It has the algorithm of most
/// passkeys, so that the work is the same. Its private key is unknown.
pub(crate) fn decoy_key() -> &'static PublicKey {
    static KEY: LazyLock<PublicKey> = LazyLock::new(|| PublicKey::p256(&DECOY_X, &DECOY_Y));
    &KEY
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use claims::VerifyingKey;
    use ring::digest;

    use super::*;

    #[test]
    fn the_decoy_is_a_point_of_the_curve_that_nobody_chose() {
        let [x, y] = [DECOY_X, DECOY_Y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
        let hash = digest::digest(&digest::SHA256, b"Gatehouse: the public key of no passkey 5");

        assert!(VerifyingKey::es256(&x, &y).is_ok());
        assert_eq!(hash.as_ref(), DECOY_X);
    }
}
