//! The keys of second factors: they seal seeds and issue challenges. Only the functions that check codes have them; a login does not.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Moment, SessionId, Span, Timestamp, UserId};
use rand::CryptoRng;
use ring::hmac;
use webauthn::{Challenge, Purpose, UserHandle};
use zeroize::Zeroizing;

use crate::{
    factor::totp::{SEED, Seed},
    following::{Followed, InvalidText},
    keys::{ChallengeKeys, Issuer, ReadSecret, Secret, follow_secret},
    sealing::{Derived, InvalidSealingKeys, SealError, SealNonce, SealingKeys},
};

/// What the keys that seal seeds are derived for.
const LABEL: &[u8] = b"gatehouse factors";
/// What the keys of challenges are derived for.
const CHALLENGES: &[u8] = b"gatehouse passkey challenges";
/// What the keys that make user handles are derived for.
const HANDLES: &[u8] = b"gatehouse passkey user handles";
/// How long a person has to confirm an enrolment with a first code.
pub const ENROLMENT_LIFE: Span = Span::seconds(10 * 60);

/// The key that seals seeds, issues challenges and makes user handles, and the one before it, whose seeds and challenges
/// are still accepted.
pub struct FactorKeys {
    seeds: SealingKeys,
    challenges: ChallengeKeys,
    handles: (hmac::Key, Option<hmac::Key>),
}

/// A seed that was encrypted for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSeed(Vec<u8>);

impl SealedSeed {
    /// Returns the sealed seed with these bytes. Only [`FactorKeys`] show whether they can be opened.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FactorKeys {
    /// Parses `{"current":"...","previous":"..."}`, in which `previous` may be missing or empty.
    ///
    /// # Errors
    /// If `text` does not have this format, or has a key of fewer than 32 bytes.
    pub fn from_json(text: &str) -> Result<Self, InvalidSealingKeys> {
        let (current, previous) = Derived::from_json(text, CHALLENGES)?.hmac_keys();
        Ok(Self {
            seeds: SealingKeys::from_json(text, LABEL)?,
            challenges: ChallengeKeys::new(current, previous),
            handles: Derived::from_json(text, HANDLES)?.hmac_keys(),
        })
    }

    /// Issues a challenge for a user who is known: any but that of a login.
    pub(crate) fn challenge(&self, purpose: Purpose, binding: &[u8], now: Timestamp, random: [u8; 16]) -> Challenge {
        self.challenges.issue(purpose, binding, now, random)
    }

    /// Returns the keys of all challenges but those of logins.
    #[must_use]
    pub const fn challenges(&self) -> &ChallengeKeys {
        &self.challenges
    }

    /// Returns the user handle of a user's first passkey, made with the key that issues or issued the challenge. It says
    /// nothing about the user to anyone who reads it from an authenticator, as L3 s14.6.1 demands.
    pub(crate) fn user_handle(&self, user_id: &UserId, issuer: Issuer) -> Option<UserHandle> {
        let (current, previous) = &self.handles;
        let key = match issuer {
            Issuer::Current => current,
            Issuer::Previous => previous.as_ref()?,
        };
        UserHandle::new(hmac::sign(key, user_id.as_str().as_bytes()).as_ref().to_vec())
    }

    /// Seals a user's seed.
    ///
    /// # Errors
    /// If the seed cannot be sealed.
    pub fn seal(&self, user_id: &UserId, seed: &Seed, rng: &mut impl CryptoRng) -> Result<SealedSeed, SealError> {
        self.seal_with(user_id, seed, SealNonce::draw(rng))
    }

    /// Seals a user's seed with a nonce that was drawn before.
    pub(crate) fn seal_with(&self, user_id: &UserId, seed: &Seed, nonce: SealNonce) -> Result<SealedSeed, SealError> {
        let sealed = self.seeds.seal(&seed_context(user_id), seed.as_bytes(), nonce);
        sealed.map(SealedSeed)
    }

    /// Returns the seed, if one of the keys sealed it for this user.
    pub(crate) fn open(&self, user_id: &UserId, sealed: &SealedSeed) -> Option<Seed> {
        Seed::from_bytes(&self.seeds.open(&seed_context(user_id), &sealed.0)?)
    }

    /// Returns an enrolment: a seed that is sealed for a session until a time, in base64url. Nothing about it is stored.
    ///
    /// # Errors
    /// If the seed cannot be sealed.
    pub fn seal_enrolment(
        &self,
        (user_id, sid): (&UserId, &SessionId),
        seed: &Seed,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<String, SealError> {
        let expires_at = now.plus(ENROLMENT_LIFE).get().to_be_bytes();
        let content = Zeroizing::new([seed.as_bytes(), &expires_at].concat());
        let sealed = self
            .seeds
            .seal(&enrolment_context(user_id, sid), &content, SealNonce::draw(rng))?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Returns the seed of an enrolment, if it was made for this session and is not over.
    pub(crate) fn open_enrolment(
        &self,
        (user_id, sid): (&UserId, &SessionId),
        text: &str,
        now: Timestamp,
    ) -> Option<Seed> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let content = self.seeds.open(&enrolment_context(user_id, sid), &sealed)?;
        let (seed, expires_at) = content.split_at_checked(SEED)?;
        let expires_at = Timestamp::new(u64::from_be_bytes(expires_at.try_into().ok()?));
        Seed::from_bytes(seed).filter(|_| now < expires_at)
    }
}

/// The keys are secrets, so `Debug` does not show them.
impl fmt::Debug for FactorKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FactorKeys(..)")
    }
}

/// Follows the keys of second factors. The first read is at `now`.
///
/// # Errors
/// If the secret does not hold valid keys: no code could be checked with it.
pub async fn follow_factor_keys<S: ReadSecret>(
    source: S,
    now: Moment,
) -> Result<Followed<Secret<S>, FactorKeys>, InvalidText> {
    let make = |text: &str| FactorKeys::from_json(text).map(Some).map_err(InvalidText::new);
    follow_secret(source, make).start(now).await
}

/// Returns what binds a sealed seed to its user.
fn seed_context(user_id: &UserId) -> Vec<u8> {
    format!("totp\0{user_id}").into_bytes()
}

/// Returns what binds an enrolment to its session.
fn enrolment_context(user_id: &UserId, sid: &SessionId) -> Vec<u8> {
    format!("enrolment\0{user_id}\0{sid}").into_bytes()
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use rstest::rstest;

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);

    #[test]
    fn a_seed_opens_only_for_its_user() {
        let sealed = keys().seal(&user("ada"), &seed(), &mut rng()).unwrap();

        let opened = keys().open(&user("ada"), &sealed).unwrap();

        assert_eq!(opened.as_bytes(), seed().as_bytes());
        assert!(keys().open(&user("eve"), &sealed).is_none());
    }

    #[rstest]
    #[case::own("ada", "session", 0, true)]
    #[case::last_second("ada", "session", 599, true)]
    #[case::over("ada", "session", 600, false)]
    #[case::other_user("eve", "session", 0, false)]
    #[case::other_session("ada", "other", 0, false)]
    fn an_enrolment_is_for_one_session_and_ten_minutes(
        #[case] id: &str,
        #[case] session: &str,
        #[case] later: u64,
        #[case] expected: bool,
    ) {
        let own = (&user("ada"), &sid("session"));
        let text = keys().seal_enrolment(own, &seed(), NOW, &mut rng()).unwrap();

        let opened = keys().open_enrolment((&user(id), &sid(session)), &text, NOW.plus(Span::seconds(later)));

        assert_eq!(opened.is_some(), expected);
    }

    #[test]
    fn a_sealed_seed_is_no_enrolment_and_an_enrolment_no_sealed_seed() {
        let sealed = keys().seal(&user("ada"), &seed(), &mut rng()).unwrap();
        let text = URL_SAFE_NO_PAD.encode(sealed.as_bytes());
        let own = (&user("ada"), &sid("session"));
        assert!(keys().open_enrolment(own, &text, NOW).is_none());

        let text = keys().seal_enrolment(own, &seed(), NOW, &mut rng()).unwrap();
        let sealed = SealedSeed::from_bytes(URL_SAFE_NO_PAD.decode(text).unwrap());
        assert!(keys().open(&user("ada"), &sealed).is_none());
    }

    fn keys() -> FactorKeys {
        FactorKeys::from_json(r#"{"current":"0123456789abcdefghijklmnopqrstuv"}"#).unwrap()
    }

    fn seed() -> Seed {
        Seed::draw(&mut StdRng::seed_from_u64(1))
    }

    fn rng() -> StdRng {
        StdRng::seed_from_u64(2)
    }

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn sid(id: &str) -> SessionId {
        SessionId::parse(id).unwrap()
    }
}
