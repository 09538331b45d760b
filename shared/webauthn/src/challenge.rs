//! Challenges without state: a challenge contains all that is needed to check it, and a proof that the service issued
//! it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Span, Timestamp};
use ring::hmac;

/// How long a challenge is valid. Clients get it as the timeout of a ceremony. L3 s15.1 recommends 5 to 10 minutes for
/// ceremonies with user verification.
pub const LIFETIME: Span = Span::seconds(300);
/// The length of the part that the MAC covers: the purpose, the expiry and the random bytes.
const CONTENT: usize = 25;
/// The length of the truncated MAC.
const MAC: usize = 16;

/// What a response to a challenge is used for. A challenge for one purpose is refused for every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A login with a passkey alone. It is the only purpose for which the user is not known before the response, so the
    /// response must contain the user handle.
    Login,
    /// The second step of a login, after the password.
    SecondStep,
    /// The registration of a passkey.
    Register,
    /// The confirmation of a session by a user who is logged in.
    Confirm,
}

impl Purpose {
    const fn byte(self) -> u8 {
        match self {
            Self::Login => 1,
            Self::SecondStep => 2,
            Self::Register => 3,
            Self::Confirm => 4,
        }
    }
}

/// What a challenge is issued for, and what it is checked against.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeTerms<'a> {
    /// The key of the MAC. It must not be used for anything but challenges.
    pub key: &'a hmac::Key,
    /// What the response is used for.
    pub purpose: Purpose,
    /// What the challenge is bound to, such as the id of the user or a hash of the token of a second step. It is not
    /// part of the challenge, and is empty for a login.
    pub binding: &'a [u8],
}

/// A challenge that this service issued: the purpose (1 byte), the expiry in seconds since the Unix epoch (8 bytes,
/// big-endian), 16 random bytes, and the first 16 bytes of an HMAC-SHA-256 over these and the binding.
///
/// Nothing is stored, so a challenge can be answered more than once before it expires. A caller that must refuse the
/// second answer records [`Challenge::random`], for example as part of an identifier that must be new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    bytes: Vec<u8>,
    random: [u8; 16],
    expires_at: Timestamp,
}

/// Why a challenge is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChallenge {
    /// The challenge has another length or a wrong MAC: it was not issued with this key, or is bound to something else.
    #[error("the challenge was not issued by this service for this binding")]
    Foreign,
    /// The challenge was issued for another purpose.
    #[error("the challenge was issued for another purpose")]
    OtherPurpose,
    /// The challenge has expired.
    #[error("the challenge has expired")]
    Expired,
}

impl ChallengeTerms<'_> {
    /// Issues a challenge that is valid for [`LIFETIME`]. The random bytes must never be used again.
    #[must_use]
    pub fn issue(&self, now: Timestamp, random: [u8; 16]) -> Challenge {
        let expires_at = now.plus(LIFETIME);
        let mut bytes = [&[self.purpose.byte()], &expires_at.get().to_be_bytes()[..], &random].concat();
        let mac = self.mac(&bytes);
        bytes.extend(mac.as_ref().iter().take(MAC));
        Challenge {
            bytes,
            random,
            expires_at,
        }
    }

    /// Checks a challenge that a client sent back. The MAC is compared in constant time.
    ///
    /// # Errors
    /// If the challenge was not issued with this key, for this purpose and binding, or has expired.
    pub fn check(&self, bytes: &[u8], now: Timestamp) -> Result<Challenge, InvalidChallenge> {
        let (content, mac) = bytes.split_first_chunk::<CONTENT>().ok_or(InvalidChallenge::Foreign)?;
        if mac.len() != MAC || !is_start_of(mac, self.mac(content).as_ref()) {
            return Err(InvalidChallenge::Foreign);
        }
        let ([purpose], rest) = content.split_first_chunk().ok_or(InvalidChallenge::Foreign)?;
        let (expiry, random) = rest.split_first_chunk().ok_or(InvalidChallenge::Foreign)?;
        let random = random.try_into().map_err(|_| InvalidChallenge::Foreign)?;
        if *purpose != self.purpose.byte() {
            return Err(InvalidChallenge::OtherPurpose);
        }
        let expires_at = Timestamp::new(u64::from_be_bytes(*expiry));
        if now >= expires_at {
            return Err(InvalidChallenge::Expired);
        }
        Ok(Challenge {
            bytes: bytes.to_vec(),
            random,
            expires_at,
        })
    }

    /// Returns the MAC over the content of a challenge and the binding. The content always has the same length, so no
    /// two pairs have the same input.
    fn mac(&self, content: &[u8]) -> hmac::Tag {
        let mut mac = hmac::Context::with_key(self.key);
        mac.update(content);
        mac.update(self.binding);
        mac.sign()
    }
}

/// Returns whether `start` is the start of `whole`, in a time that does not depend on where they differ.
fn is_start_of(start: &[u8], whole: &[u8]) -> bool {
    let pairs = start.iter().zip(whole);
    pairs.fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

impl Challenge {
    /// Returns the bytes of the challenge.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the challenge in base64url, as clients get it and send it back.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.bytes)
    }

    /// Returns the random bytes, which no other challenge has.
    #[must_use]
    pub const fn random(&self) -> [u8; 16] {
        self.random
    }

    /// Returns the first ten random bytes. They are the random part of an identifier that the answer to this challenge
    /// creates, such as that of a session.
    #[must_use]
    pub const fn entropy(&self) -> [u8; 10] {
        let [entropy @ .., _, _, _, _, _, _] = self.random;
        entropy
    }

    /// Returns the time from which the challenge is refused.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
