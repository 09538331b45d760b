//! The fuzz target for tokens. It verifies the data as a token. If the data has a line feed, it also verifies a
//! correctly signed token, whose header is the data before the first line feed and whose claims are the rest.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Access, KeySet, Refresh, SigningKey, Timestamp, Unverified, Verifier};

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const SECRET: &str = "mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU";
const KEYS: &str =
    r#"{"keys":[{"kid":"k","alg":"HS256","activates_at":0,"k":"mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU"}]}"#;

/// Verifies the data as a token. If it has a line feed, also verifies a signed token with the data as header and
/// claims.
///
/// # Panics
/// If a token is valid both as an access token and as a refresh token.
pub fn run(data: &[u8]) {
    verify(&String::from_utf8_lossy(data));
    if let Some((header, claims)) = data.iter().position(|byte| *byte == b'\n').map(|at| data.split_at(at)) {
        verify(&seal(header, claims));
    }
}

fn verify(token: &str) {
    static ACCESS: LazyLock<Verifier<Access>> = LazyLock::new(|| {
        let keys = KeySet::from_json(KEYS).unwrap().verifying_keys();
        Verifier::access(
            "https://issuer.example".parse().unwrap(),
            "dashboard".parse().unwrap(),
            keys,
        )
    });
    static REFRESH: LazyLock<Verifier<Refresh>> = LazyLock::new(|| {
        let keys = KeySet::from_json(KEYS).unwrap().verifying_keys();
        Verifier::refresh("https://issuer.example".parse().unwrap(), keys)
    });
    let (access, refresh) = (
        Unverified::parse(token).and_then(|token| ACCESS.verify(&token, NOW)),
        Unverified::parse(token).and_then(|token| REFRESH.verify_of_any_age(&token, NOW)),
    );
    assert!(access.is_err() || refresh.is_err());
}

fn seal(header: &[u8], claims: &[u8]) -> String {
    static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::hs256(SECRET).unwrap());
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(KEY.sign(input.as_bytes()).unwrap());
    format!("{input}.{signature}")
}
