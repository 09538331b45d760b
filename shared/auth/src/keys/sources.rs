//! Following the sources of keys.

use claims::{InvalidJwks, Jwks, KeySet, Moment, Span, TokenKind};
use zeroize::Zeroizing;

use crate::{
    error::StoreError,
    following::{Followed, Following, InvalidText, OnFailure, Source},
    keys::{EdgeKeys, ReadPublicKeys, ReadSecret},
};

/// The maximum age of a copy of keys while its source cannot be read. It is shorter than the time between the
/// publication and the activation of a new key, so that every copy in use contains the key that has to sign.
pub const KEYS_STALE: Span = Span::seconds(60 * 60);

/// Follows a key set for tokens of kind `K`, and makes one `T` from each new set. The first read is at `now`.
///
/// # Errors
/// If the secret is not a valid key set: no request could be answered with it.
pub async fn follow_key_set<S: ReadSecret, K: TokenKind, T>(
    source: S,
    now: Moment,
    make: impl Fn(KeySet<K>) -> T + Send + Sync + 'static,
) -> Result<Followed<Secret<S>, T>, InvalidText> {
    let make = move |text: &str| {
        let set = KeySet::from_json(text).map_err(InvalidText::new)?;
        Ok((!set.is_empty()).then(|| make(set)))
    };
    follow_secret(source, make).start(now).await
}

/// Follows the keys of the proxy. The first read is at `now`.
///
/// # Errors
/// If the secret does not hold valid keys: no request could be answered with it.
pub async fn follow_edge_keys<S: ReadSecret>(
    source: S,
    now: Moment,
) -> Result<Followed<Secret<S>, EdgeKeys>, InvalidText> {
    let make = |text: &str| EdgeKeys::from_json(text).map(Some).map_err(InvalidText::new);
    follow_secret(source, make).start(now).await
}

/// Follows the public keys, and makes one `T` from each new set. The keys are first read when a value is needed.
pub fn follow_public_keys<P: ReadPublicKeys, T>(
    source: P,
    following: Following,
    make: impl Fn(&Jwks) -> Result<T, InvalidJwks> + Send + Sync + 'static,
) -> Followed<Published<P>, T> {
    Followed::new(Published(source), following, move |text| {
        let keys = Jwks::from_json(text).and_then(|jwks| make(&jwks));
        keys.map(Some).map_err(InvalidText::new)
    })
}

/// Follows a secret, and makes one `T` from each new text.
pub(crate) fn follow_secret<S: ReadSecret, T>(
    source: S,
    make: impl Fn(&str) -> Result<Option<T>, InvalidText> + Send + Sync + 'static,
) -> Followed<Secret<S>, T> {
    let following = Following {
        poll: source.poll(),
        stale: KEYS_STALE,
        on_failure: OnFailure::Closed,
    };
    Followed::new(Secret(source), following, make)
}

/// A secret as a source that can be followed.
#[derive(Debug)]
pub struct Secret<S>(S);

impl<S: ReadSecret> Source for Secret<S> {
    async fn text(&self) -> Result<Option<Zeroizing<String>>, StoreError> {
        self.0.read().await.map(Some)
    }
}

/// The published keys as a source that can be followed.
#[derive(Debug)]
pub struct Published<P>(P);

impl<P: ReadPublicKeys> Source for Published<P> {
    async fn text(&self) -> Result<Option<Zeroizing<String>>, StoreError> {
        Ok(self.0.public_keys().await?.map(Zeroizing::new))
    }
}
