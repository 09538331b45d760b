//! Key sets: the private keys of an issuer, with the times at which they activate and retire.

use std::{collections::BTreeSet, fmt, marker::PhantomData};

use crate::{
    Draft, InvalidKeySet, Jwks, KeyEntry, KeyId, KeySchedule, KeySetDocument, Refresh, ScheduledKey, SignError,
    SignedToken, SigningInput, SigningKey, Timestamp, TokenKind, VerifyingKeys, invalid_key_set::MAX_KEY_ID,
};

/// The private keys that sign tokens of kind `K`. They also sign the tokens of every other kind whose
/// [`TokenKind::Keys`] is `K`.
///
/// The issuer signs with the newest active key, and verifiers accept every listed key until it retires. Every key but
/// the newest has a time at which it retires. No key retires before its successor activates. A set is empty until its
/// first key has been made.
pub struct KeySet<K> {
    keys: Vec<PrivateKey>,
    kind: PhantomData<fn() -> K>,
}

/// A private key and when it is used.
struct PrivateKey {
    kid: KeyId,
    activates_at: Timestamp,
    retires_at: Option<Timestamp>,
    key: SigningKey,
}

impl<K: TokenKind> KeySet<K> {
    /// Parses and checks a key set.
    ///
    /// # Errors
    /// If `json` is not a [`KeySetDocument`], or [`KeySet::new`] refuses it.
    pub fn from_json(json: &str) -> Result<Self, InvalidKeySet> {
        Self::new(&KeySetDocument::from_json(json)?)
    }

    /// Makes a key set from a document, whose keys it parses and checks.
    ///
    /// # Errors
    /// - If a key is weak or malformed, or has an algorithm that tokens of kind `K` do not allow.
    /// - If a `kid` has more than 43 characters, or two keys have the same `kid`.
    /// - If the times at which the keys activate and retire break the rules of [`KeySet`].
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
    /// If no key was active then, the claims cannot be written as JSON, the key cannot sign, or the token would be too
    /// long.
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

    /// Returns the public halves of the keys, for verifiers. HMAC keys have no public half and are left out.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks::new(
            self.keys
                .iter()
                .filter_map(|scheduled| Some((&scheduled.kid, scheduled.retires_at, scheduled.key.jwk()?))),
        )
    }

    /// Returns when the keys are used.
    #[must_use]
    pub fn schedule(&self) -> KeySchedule {
        let keys = self.keys.iter().map(|private| ScheduledKey {
            kid: private.kid.clone(),
            alg: format!("{:?}", private.key.algorithm()),
            activates_at: private.activates_at,
            retires_at: private.retires_at,
        });
        KeySchedule { keys: keys.collect() }
    }

    /// Returns the keys in the form that a verifier uses.
    #[must_use]
    pub fn verifying_keys(&self) -> VerifyingKeys<K> {
        VerifyingKeys::new(self.keys.iter().map(|scheduled| {
            let key = scheduled.key.verifying_key().clone();
            (scheduled.kid.clone(), scheduled.retires_at, key)
        }))
    }

    /// Checks that a key is active at `at`, so that a token issued then can be signed.
    ///
    /// # Errors
    /// If no key is active then.
    pub fn ready(&self, at: Timestamp) -> Result<(), SignError> {
        self.signer_at(at).map(|_| ()).ok_or(SignError::NoActiveKey)
    }

    fn signer_at(&self, at: Timestamp) -> Option<&PrivateKey> {
        self.keys.iter().rev().find(|key| key.activates_at <= at)
    }
}

impl KeySet<Refresh> {
    /// Returns an HMAC-SHA-256 of a message under the key that was active at `at`. Only the issuer can compute it.
    ///
    /// `label` says what the tag is for. It is followed by a line break, which no signing input of a token has, so a tag
    /// is never the signature of a token, and no two labels share a tag.
    ///
    /// # Errors
    /// If no key was active then, or the key cannot sign.
    pub fn tag(&self, at: Timestamp, label: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signer = self.signer_at(at).ok_or(SignError::NoActiveKey)?;
        let input = [label.as_bytes(), b"\n", message].concat();
        signer.key.sign(&input)
    }
}

/// Checks that the keys, sorted by activation, follow each other without a gap, and that the last one never retires.
fn check_schedule(keys: &[PrivateKey]) -> Result<(), InvalidKeySet> {
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

fn parse<K: TokenKind>(entry: &KeyEntry) -> Result<PrivateKey, InvalidKeySet> {
    let kid = entry.kid.clone();
    if kid.as_str().len() > MAX_KEY_ID {
        return Err(InvalidKeySet::LongKeyId { kid });
    }
    if entry.retires_at.is_some_and(|at| at <= entry.activates_at) {
        return Err(InvalidKeySet::Schedule { kid });
    }
    let key = key::<K>(entry)?;
    Ok(PrivateKey {
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
mod tests;
