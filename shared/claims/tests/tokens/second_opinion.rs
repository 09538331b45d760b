//! The verdict of `jsonwebtoken` on a token. `jsonwebtoken` has its own parser and checks. Signatures are checked with
//! `ring`, as in `claims`.

use std::sync::OnceLock;

use claims::Algorithm;
use jsonwebtoken::{
    DecodingKey, DecodingKeyKind, Validation,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{Error as SignatureError, Verifier},
};
use ring::{
    hmac::{self, HMAC_SHA256},
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use serde_json::{Map, Value};

use crate::harness::{audience, issuer};

/// Returns the claims of a token if `jsonwebtoken` accepts it with this key and algorithm. `jsonwebtoken` reads the
/// system's clock, so the token must be valid now.
#[expect(clippy::disallowed_methods, reason = "the test compares with jsonwebtoken itself")]
pub(crate) fn claims(token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Map<String, Value>, Error> {
    install();
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer().as_str()]);
    validation.set_audience(&[audience().as_str()]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    jsonwebtoken::decode(token, key, &validation).map(|data| data.claims)
}

/// Installs a cryptographic provider for `jsonwebtoken`. The workspace builds `jsonwebtoken` without a provider.
fn install() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
        verifier_factory: |algorithm, key| {
            Ok(Box::new(Ring {
                algorithm: *algorithm,
                key: key.kind().clone(),
            }))
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| PROVIDER.install_default().unwrap());
}

struct Ring {
    algorithm: Algorithm,
    key: DecodingKeyKind,
}

impl Verifier<Vec<u8>> for Ring {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        match (&self.key, self.algorithm) {
            (DecodingKeyKind::RsaModulusExponent { n, e }, Algorithm::RS256) => {
                PublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (DecodingKeyKind::SecretOrDer(point), Algorithm::ES256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (DecodingKeyKind::SecretOrDer(point), Algorithm::EdDSA) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            (DecodingKeyKind::SecretOrDer(secret), Algorithm::HS256) => {
                hmac::verify(&hmac::Key::new(HMAC_SHA256, secret), message, signature)
            }
            _ => Err(ring::error::Unspecified),
        }
        .map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Ring {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
