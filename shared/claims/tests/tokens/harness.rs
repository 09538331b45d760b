//! Keys, drafts and forged tokens for these tests.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{
    Access, AccessClaims, Algorithm, Audience, Claims, Delivery, Draft, Issuer, KeyId, KeySet, Refresh, RefreshClaims,
    Refusal, SigningKey, Span, Timestamp, TokenId, TokenKind, Unverified, Verifier,
};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Map, Value, json};

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
pub(crate) const LIFE: Span = Span::seconds(900);
/// The leeway in seconds around a token's times of issue and expiry.
pub(crate) const LEEWAY: u64 = 30;
/// The algorithms of access tokens.
pub(crate) const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
/// A random secret in base64url.
pub(crate) const SECRET: &str = "mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU";

/// A service with one key. It issues and verifies tokens, and can forge them with that key.
pub(crate) struct Service<K: TokenKind> {
    pub(crate) keys: KeySet<K>,
    pub(crate) key: SigningKey,
    pub(crate) kid: KeyId,
    pub(crate) algorithm: Algorithm,
    pub(crate) verifier: Verifier<K>,
    /// The private key or the secret, as a key set contains it.
    pub(crate) material: String,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// Returns the service for access tokens with this algorithm. Each service is made once, because making RSA keys is
/// slow.
pub(crate) fn access(algorithm: Algorithm) -> &'static Service<Access> {
    static SERVICES: LazyLock<[Service<Access>; 4]> = LazyLock::new(|| {
        ALGORITHMS.map(|algorithm| {
            let json = keygen::access_key_set(algorithm, NOW, &mut StdRng::seed_from_u64(1)).unwrap();
            Service::new(&json, &access_draft(), |keys| {
                Verifier::access(issuer(), audience(), keys.verifying_keys())
            })
        })
    });
    SERVICES.iter().find(|service| service.algorithm == algorithm).unwrap()
}

/// Returns the service with the default algorithm.
pub(crate) fn rs256() -> &'static Service<Access> {
    access(Algorithm::RS256)
}

/// Returns the service for refresh tokens.
pub(crate) fn refresh() -> &'static Service<Refresh> {
    static SERVICE: LazyLock<Service<Refresh>> = LazyLock::new(|| {
        let json = keygen::refresh_key_set(NOW, &mut StdRng::seed_from_u64(2));
        Service::new(&json, &refresh_draft(), |keys| {
            Verifier::refresh(issuer(), keys.verifying_keys())
        })
    });
    &SERVICE
}

impl<K: TokenKind<Keys = K>> Service<K> {
    fn new(json: &str, draft: &Draft<K>, verifier: impl FnOnce(&KeySet<K>) -> Verifier<K>) -> Self {
        let keys = KeySet::from_json(json).unwrap();
        let token = keys.sign(draft).unwrap();
        let [header, claims] = [0, 1].map(|part| {
            let json = URL_SAFE_NO_PAD.decode(token.expose().split('.').nth(part).unwrap());
            serde_json::from_slice::<Map<_, _>>(&json.unwrap()).unwrap()
        });
        let algorithm = header["alg"].as_str().unwrap().parse().unwrap();
        let material = material(json, algorithm);
        Self {
            key: signing_key(&material, algorithm),
            material,
            kid: header["kid"].as_str().unwrap().parse().unwrap(),
            algorithm,
            verifier: verifier(&keys),
            keys,
            header,
            claims,
        }
    }

    /// Returns a token of this service.
    pub(crate) fn token(&self) -> String {
        self.sealed(|_, _| ())
    }

    /// Returns a token with a valid signature, whose header and claims `change` has changed.
    pub(crate) fn sealed(&self, change: impl FnOnce(&mut Map<String, Value>, &mut Map<String, Value>)) -> String {
        let (mut header, mut claims) = (self.header.clone(), self.claims.clone());
        change(&mut header, &mut claims);
        let [header, claims] = [header, claims].map(|object| Value::Object(object).to_string());
        self.sealed_bytes(header.as_bytes(), claims.as_bytes())
    }

    /// Returns a token with a valid signature and with this member in its header.
    pub(crate) fn with_header(&self, name: &str, value: Value) -> String {
        self.sealed(|header, _| {
            header.insert(name.to_owned(), value);
        })
    }

    /// Returns a token with a valid signature, in which the claim `name` has this value. If `value` is `None`, the
    /// claim is missing.
    pub(crate) fn with_claim(&self, name: &str, value: Option<Value>) -> String {
        self.sealed(|_, claims| {
            claims.remove(name);
            claims.extend(value.map(|value| (name.to_owned(), value)));
        })
    }

    /// Returns a token with a valid signature, whose header has `text` added before its closing brace.
    pub(crate) fn with_header_text(&self, text: &str) -> String {
        self.sealed_bytes(with(&self.header, text).as_bytes(), self.claims_text().as_bytes())
    }

    /// Returns a token with a valid signature, whose claims have `text` added before their closing brace.
    pub(crate) fn with_claims_text(&self, text: &str) -> String {
        self.sealed_bytes(self.header_text().as_bytes(), with(&self.claims, text).as_bytes())
    }

    /// Returns a token with a valid signature, whose header and claims are these bytes.
    pub(crate) fn sealed_bytes(&self, header: &[u8], claims: &[u8]) -> String {
        seal(header, claims, |input| self.key.sign(input).unwrap())
    }

    pub(crate) fn header_text(&self) -> String {
        Value::Object(self.header.clone()).to_string()
    }

    pub(crate) fn claims_text(&self) -> String {
        Value::Object(self.claims.clone()).to_string()
    }

    /// Returns the claims as JSON, in which the claim `name` has the value `text`.
    pub(crate) fn claims_text_with(&self, name: &str, text: &str) -> String {
        let mut claims = self.claims.clone();
        claims.remove(name);
        with(&claims, &format!(r#","{name}":{text}"#))
    }

    pub(crate) fn verify(&self, token: &str) -> Result<Claims<K>, Refusal> {
        verify(&self.verifier, token, NOW)
    }

    /// Returns why a token is refused.
    #[track_caller]
    pub(crate) fn refusal(&self, token: &str) -> Refusal {
        self.verify(token).err().expect(token)
    }
}

/// Parses and verifies a token.
pub(crate) fn verify<K: TokenKind>(verifier: &Verifier<K>, token: &str, now: Timestamp) -> Result<Claims<K>, Refusal> {
    verifier.verify(&Unverified::parse(token)?, now)
}

/// Parses and verifies a refresh token, which may have expired.
pub(crate) fn verify_of_any_age(
    verifier: &Verifier<Refresh>,
    token: &str,
    now: Timestamp,
) -> Result<Claims<Refresh>, Refusal> {
    verifier.verify_of_any_age(&Unverified::parse(token)?, now)
}

/// Returns a token whose header and claims are these bytes, with the signature that `sign` makes.
pub(crate) fn seal(header: &[u8], claims: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let [header, claims] = [header, claims].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let input = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// Returns the three parts of a token.
pub(crate) fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// Returns the public half of a service's key.
pub(crate) fn published(service: &Service<Access>) -> Value {
    serde_json::to_value(service.keys.jwks()).unwrap()["keys"][0].clone()
}

pub(crate) fn issuer() -> Issuer {
    Issuer::parse("https://issuer.example").unwrap()
}

pub(crate) fn audience() -> Audience {
    Audience::parse("dashboard").unwrap()
}

pub(crate) fn access_draft() -> Draft<Access> {
    Draft {
        iss: issuer(),
        aud: audience(),
        sub: "user-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(LIFE),
        own: AccessClaims {
            email: "Ada@example.com".into(),
            custom: Map::from_iter([("tenant".to_owned(), json!({"id": 7}))]),
            ..doubles::access_claims(NOW)
        },
    }
}

pub(crate) fn refresh_draft() -> Draft<Refresh> {
    let sid = "session-1".parse().unwrap();
    Draft {
        iss: issuer(),
        aud: issuer().as_audience(),
        sub: "user-1".parse().unwrap(),
        jti: TokenId::from_generation(&sid, 0),
        iat: NOW,
        exp: NOW.plus(LIFE),
        own: RefreshClaims {
            sid,
            generation: 0,
            delivery: Delivery::Body,
        },
    }
}

/// Returns the private key or the secret of the only key in a key set.
fn material(json: &str, algorithm: Algorithm) -> String {
    let document: Value = serde_json::from_str(json).unwrap();
    let member = if algorithm == Algorithm::HS256 { "k" } else { "pkcs8" };
    document["keys"][0][member].as_str().unwrap().to_owned()
}

fn signing_key(material: &str, algorithm: Algorithm) -> SigningKey {
    let parse = if algorithm == Algorithm::HS256 {
        SigningKey::hs256
    } else if algorithm == Algorithm::RS256 {
        SigningKey::rs256
    } else if algorithm == Algorithm::ES256 {
        SigningKey::es256
    } else {
        SigningKey::eddsa
    };
    parse(material).unwrap()
}

/// Returns an object as JSON with `text` added before its closing brace.
fn with(object: &Map<String, Value>, text: &str) -> String {
    let json = Value::Object(object.clone()).to_string();
    format!("{}{text}}}", json.strip_suffix('}').unwrap())
}
