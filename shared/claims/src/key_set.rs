//! Key sets: private keys with a schedule, as stored in a secret.

use std::{collections::BTreeSet, fmt, marker::PhantomData};

use crate::{
    Draft, InvalidKeySet, Jwks, KeyEntry, KeyId, KeySetDocument, SignError, SignedToken, SigningInput, SigningKey,
    Timestamp, TokenKind, VerifyingKeys, invalid_key_set::MAX_KEY_ID,
};

/// The private keys for tokens of kind `K`, and of the kinds that have no key set of their own.
///
/// The issuer signs with the newest active key, and verifiers accept every listed key until it retires. Every key but
/// the newest retires, and not before its successor activates. A set without keys is one whose first key has not been
/// made yet.
pub struct KeySet<K> {
    keys: Vec<ScheduledKey>,
    kind: PhantomData<fn() -> K>,
}

struct ScheduledKey {
    kid: KeyId,
    activates_at: Timestamp,
    retires_at: Option<Timestamp>,
    key: SigningKey,
}

impl<K: TokenKind> KeySet<K> {
    /// Parses and checks a key set. Each key is parsed once.
    ///
    /// # Errors
    /// If it is not a [`KeySetDocument`], or as for [`KeySet::new`].
    pub fn from_json(json: &str) -> Result<Self, InvalidKeySet> {
        Self::new(&KeySetDocument::from_json(json)?)
    }

    /// Checks a key set. Each key is parsed once.
    ///
    /// # Errors
    /// If a key is weak or malformed, has an algorithm that tokens of kind `K` do not allow, is listed twice, or has a
    /// `kid` of more than 43 characters, or if the schedule contradicts itself.
    pub fn new(document: &KeySetDocument) -> Result<Self, InvalidKeySet> {
        let mut seen = BTreeSet::new();
        let mut keys = document
            .keys
            .iter()
            .map(|entry| {
                if seen.insert(&entry.kid) {
                    parse::<K>(entry)
                } else {
                    Err(InvalidKeySet::Duplicate { kid: entry.kid.clone() })
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| key.activates_at);
        check_schedule(&keys)?;
        Ok(Self {
            keys,
            kind: PhantomData,
        })
    }

    /// Signs a draft with the newest key that is active at the draft's time of issue.
    ///
    /// # Errors
    /// If no key was active then, or the token would be too long.
    pub fn sign<T: TokenKind<Keys = K>>(&self, draft: &Draft<T>) -> Result<SignedToken<T>, SignError> {
        let signer = self.signer_at(draft.iat).ok_or(SignError::NoActiveKey)?;
        let input = SigningInput::new(draft, &signer.kid, signer.key.algorithm())?;
        let signature = signer.key.sign(input.as_bytes())?;
        input.join(&signature)
    }

    /// Returns whether the set has no keys.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the public halves of the keys, for verifiers. The set is empty for HMAC keys, which have none.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks::new(
            self.keys
                .iter()
                .filter_map(|scheduled| Some((&scheduled.kid, scheduled.retires_at, scheduled.key.jwk()?))),
        )
    }

    /// Returns the verifying half of each key.
    #[must_use]
    pub fn verifying_keys(&self) -> VerifyingKeys<K> {
        VerifyingKeys::new(self.keys.iter().map(|scheduled| {
            let key = scheduled.key.verifying_key().clone();
            (scheduled.kid.clone(), scheduled.retires_at, key)
        }))
    }

    /// Checks that a key can sign a token issued at `at`.
    ///
    /// # Errors
    /// If no key was active then.
    pub fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.signer_at(at).map(|_| ()).ok_or(SignError::NoActiveKey)
    }

    fn signer_at(&self, at: Timestamp) -> Option<&ScheduledKey> {
        self.keys.iter().rev().find(|key| key.activates_at <= at)
    }
}

/// Checks that the keys, sorted by activation, follow each other without a gap, and that the last one stays.
fn check_schedule(keys: &[ScheduledKey]) -> Result<(), InvalidKeySet> {
    for (key, successor) in keys.iter().zip(keys.iter().skip(1)) {
        let (kid, next) = (key.kid.clone(), successor.kid.clone());
        if key.activates_at == successor.activates_at {
            return Err(InvalidKeySet::Simultaneous { kid: next, other: kid });
        }
        match key.retires_at {
            None => return Err(InvalidKeySet::Permanent { kid, successor: next }),
            Some(at) if at < successor.activates_at => return Err(InvalidKeySet::Gap { kid, successor: next }),
            Some(_) => {}
        }
    }
    match keys.last() {
        Some(last) if last.retires_at.is_some() => Err(InvalidKeySet::Last { kid: last.kid.clone() }),
        Some(_) | None => Ok(()),
    }
}

impl<K> fmt::Debug for KeySet<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.keys.iter().map(|scheduled| &scheduled.kid))
            .finish()
    }
}

fn parse<K: TokenKind>(entry: &KeyEntry) -> Result<ScheduledKey, InvalidKeySet> {
    let kid = entry.kid.clone();
    if kid.as_str().len() > MAX_KEY_ID {
        return Err(InvalidKeySet::LongKeyId { kid });
    }
    if entry.retires_at.is_some_and(|at| at <= entry.activates_at) {
        return Err(InvalidKeySet::Schedule { kid });
    }
    let key = key::<K>(entry)?;
    Ok(ScheduledKey {
        kid,
        activates_at: entry.activates_at,
        retires_at: entry.retires_at,
        key,
    })
}

fn key<K: TokenKind>(entry: &KeyEntry) -> Result<SigningKey, InvalidKeySet> {
    let kid = || entry.kid.clone();
    if !K::ALGORITHMS
        .iter()
        .any(|algorithm| format!("{algorithm:?}") == entry.alg)
    {
        return Err(InvalidKeySet::Algorithm {
            kid: kid(),
            typ: K::TYP,
            expected: format!("{:?}", K::ALGORITHMS),
        });
    }
    let needs = |member| InvalidKeySet::Member { kid: kid(), member };
    let parsed = match (entry.alg.as_str(), &entry.pkcs8, &entry.k) {
        ("RS256", Some(pkcs8), None) => SigningKey::rs256(pkcs8),
        ("ES256", Some(pkcs8), None) => SigningKey::es256(pkcs8),
        ("EdDSA", Some(pkcs8), None) => SigningKey::eddsa(pkcs8),
        ("HS256", None, Some(secret)) => SigningKey::hs256(secret),
        ("HS256", ..) => return Err(needs("k")),
        _ => return Err(needs("pkcs8")),
    };
    parsed.map_err(|fault| InvalidKeySet::Key { kid: kid(), fault })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{Access, InvalidKey, Refresh};

    const SECRET: &str = "mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU";

    fn hs256(kid: &str, rest: &str) -> String {
        format!(r#"{{"kid":"{kid}","alg":"HS256","activates_at":100{rest}}}"#)
    }

    fn set(keys: &[String]) -> String {
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    #[rstest]
    #[case::not_json("{", "not a key set: malformed at line 1, column 1")]
    #[case::twice(
        &set(&[hs256("a", &format!(r#","k":"{SECRET}""#)), hs256("a", &format!(r#","k":"{SECRET}""#))]),
        "key a: another key has the same kid"
    )]
    #[case::short(&set(&[hs256("a", r#","k":"c2hvcnQ""#)]), "key a: its secret is shorter than 32 bytes")]
    #[case::constant(
        &set(&[hs256("a", r#","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#)]),
        "key a: its secret is not random"
    )]
    #[case::published(
        &set(&[hs256("a", r#","k":"YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc""#)]),
        "key a: its secret is a published example"
    )]
    #[case::not_base64(&set(&[hs256("a", r#","k":"%%%""#)]), "key a: its key material is not base64")]
    #[case::no_secret(&set(&[hs256("a", "")]), "key a: it needs exactly the member `k`")]
    #[case::both(
        &set(&[hs256("a", &format!(r#","k":"{SECRET}","pkcs8":"AA==""#))]),
        "key a: it needs exactly the member `k`"
    )]
    #[case::schedule(
        &set(&[hs256("a", &format!(r#","k":"{SECRET}","retires_at":100"#))]),
        "key a: it retires before it activates"
    )]
    #[case::long_kid(
        &set(&[hs256(&"a".repeat(44), &format!(r#","k":"{SECRET}""#))]),
        &format!("key {}: its kid is longer than 43 characters", "a".repeat(44))
    )]
    fn a_bad_key_set_is_refused_with_its_key_and_fault(#[case] json: &str, #[case] message: &str) {
        let error = KeySet::<Refresh>::from_json(json).unwrap_err();

        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_set_without_keys_is_one_that_waits_for_its_first() {
        let keys = KeySet::<Access>::from_json(r#"{"keys":[]}"#).unwrap();

        assert!(keys.is_empty());
        assert_eq!(keys.ready(Timestamp::new(100)), Err(SignError::NoActiveKey));
        assert!(keys.jwks().is_empty());
    }

    #[rstest]
    #[case("RS256")]
    #[case("ES256")]
    #[case("EdDSA")]
    #[case("HS512")]
    fn a_refresh_key_is_of_no_other_algorithm_than_hs256(#[case] alg: &str) {
        let json = format!(r#"{{"keys":[{{"kid":"a","alg":"{alg}","activates_at":1,"pkcs8":"AA=="}}]}}"#);

        let error = KeySet::<Refresh>::from_json(&json).unwrap_err();

        assert_eq!(
            error.to_string(),
            "key a: its alg is not one for rt+jwt tokens, use [HS256]"
        );
    }

    #[test]
    fn a_misplaced_secret_is_not_echoed() {
        let json = r#"{"keys":[{"kid":"a","alg":"HS256","activates_at":"super-secret-value","k":"x"}]}"#;

        let error = KeySet::<Refresh>::from_json(json).unwrap_err();

        assert!(!error.to_string().contains("super"), "{error}");
    }

    #[rstest]
    #[case::rs256("RS256", r#""pkcs8":"MAA=""#, &InvalidKey::InvalidRsa.to_string())]
    #[case::es256("ES256", r#""pkcs8":"MAA=""#, &InvalidKey::InvalidP256.to_string())]
    #[case::eddsa("EdDSA", r#""pkcs8":"MAA=""#, &InvalidKey::InvalidEd25519.to_string())]
    #[case::not_base64("ES256", r#""pkcs8":"%""#, &InvalidKey::NotBase64.to_string())]
    #[case::secret_for_rs256("RS256", r#""k":"AA""#, "it needs exactly the member `pkcs8`")]
    #[case::secret_for_es256("ES256", r#""k":"AA""#, "it needs exactly the member `pkcs8`")]
    #[case::both_for_eddsa("EdDSA", r#""pkcs8":"MAA=","k":"AA""#, "it needs exactly the member `pkcs8`")]
    #[case::private_for_hs256("HS256", r#""pkcs8":"MAA=""#, "it needs exactly the member `k`")]
    #[case::not_offered(
        "PS256",
        r#""pkcs8":"MAA=""#,
        "its alg is not one for at+jwt tokens, use [RS256, ES256, EdDSA, HS256]"
    )]
    #[case::none(
        "none",
        r#""k":"""#,
        "its alg is not one for at+jwt tokens, use [RS256, ES256, EdDSA, HS256]"
    )]
    fn a_bad_access_key_is_refused(#[case] alg: &str, #[case] member: &str, #[case] fault: &str) {
        let json = format!(r#"{{"keys":[{{"kid":"a","alg":"{alg}","activates_at":1,{member}}}]}}"#);

        let error = KeySet::<Access>::from_json(&json).unwrap_err();

        assert_eq!(error.to_string(), format!("key a: {fault}"));
    }

    #[rstest]
    #[case::ambiguous(&[("a", 100, None), ("b", 100, None)], "key b: it activates at the same time as key a")]
    #[case::permanent(&[("a", 100, None), ("b", 200, None)], "key a: it has a successor, key b, but never retires")]
    #[case::listed_backwards(&[("b", 200, None), ("a", 100, None)], "key a: it has a successor, key b, but never retires")]
    #[case::gap(
        &[("a", 100, Some(199)), ("b", 200, None)],
        "key a: it retires before its successor, key b, activates"
    )]
    #[case::gap_later(
        &[("a", 100, Some(300)), ("b", 200, Some(299)), ("c", 300, None)],
        "key b: it retires before its successor, key c, activates"
    )]
    #[case::last(&[("a", 100, Some(200))], "key a: it retires but has no successor")]
    #[case::last_of_two(&[("a", 100, Some(200)), ("b", 200, Some(300))], "key b: it retires but has no successor")]
    fn a_schedule_that_contradicts_itself_is_refused(#[case] keys: &[(&str, u64, Option<u64>)], #[case] message: &str) {
        let error = KeySet::<Refresh>::from_json(&scheduled(keys)).unwrap_err();

        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn the_newest_active_key_signs() {
        let schedules: [&[(&str, u64, Option<u64>)]; 2] = [
            &[("old", 100, Some(200)), ("next", 200, None)],
            &[("next", 200, None), ("old", 100, Some(900))],
        ];

        for schedule in schedules {
            let keys = KeySet::<Refresh>::from_json(&scheduled(schedule)).unwrap();
            let signer = |at| keys.signer_at(Timestamp::new(at)).map(|key| key.kid.as_str());

            assert_eq!(signer(99), None);
            assert_eq!(keys.ready(Timestamp::new(99)), Err(SignError::NoActiveKey));
            assert_eq!(keys.ready(Timestamp::new(100)), Ok(()));
            assert_eq!(signer(100), Some("old"));
            assert_eq!(signer(199), Some("old"));
            assert_eq!(signer(200), Some("next"));
        }
    }

    /// Returns a set of keys given by `kid`, activation and retirement.
    fn scheduled(keys: &[(&str, u64, Option<u64>)]) -> String {
        let keys = keys.iter().map(|(kid, activates_at, retires_at)| {
            serde_json::json!({
                "kid": kid, "alg": "HS256", "activates_at": activates_at, "retires_at": retires_at, "k": SECRET
            })
            .to_string()
        });
        set(&keys.collect::<Vec<_>>())
    }
}
