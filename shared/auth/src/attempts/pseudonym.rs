//! Pseudonyms: what is stored and logged instead of an email or IP address.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::DeviceId;
use ring::hmac::{self, HMAC_SHA256};

use crate::{attempts::Success, user::Email};

/// The minimum length of a key in bytes.
const MIN_KEY: usize = 32;
/// The length of a pseudonym in bytes, before base64: with 128 bits, two addresses practically never share a pseudonym.
const LENGTH: usize = 16;
/// The mask for the part of an IPv6 address that identifies a subscriber: its first 64 bits.
const SUBSCRIBER: u128 = u128::MAX << 64;
/// The mask for the part of an IPv6 address that identifies a site: its first 48 bits. A site has 65,536 networks of
/// subscribers.
const SITE: u128 = u128::MAX << 80;

/// The key of all pseudonyms. It is never rotated, since a new key would change the pseudonym of every address.
#[derive(Clone)]
pub struct PseudonymKey(hmac::Key);

/// An HMAC that stands for an email address, an IP address or a limit on successes. Without the key, nobody can recover
/// what it stands for or test guesses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pseudonym(String);

/// The error for a key that is so short that it could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of pseudonyms must have at least {MIN_KEY} characters")]
pub struct InvalidPseudonymKey;

impl PseudonymKey {
    /// Parses a key from a string of random characters. Surrounding white space is ignored.
    ///
    /// # Errors
    /// If the key has fewer than 32 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidPseudonymKey> {
        let text = text.trim();
        (text.len() >= MIN_KEY)
            .then(|| Self(hmac::Key::new(HMAC_SHA256, text.as_bytes())))
            .ok_or(InvalidPseudonymKey)
    }

    /// Returns the pseudonym of an email address, whether or not a user has it.
    #[must_use]
    pub fn hash_address(&self, email: &Email) -> Pseudonym {
        self.hash("address", email.normalised())
    }

    /// Returns the pseudonym of the limit that applies to a success.
    #[must_use]
    pub(crate) fn hash_success(&self, success: &Success) -> Pseudonym {
        let device = success.device().map(DeviceId::as_str).unwrap_or_default();
        self.hash("success", &format!("{}#{device}", success.record()))
    }

    /// Returns the pseudonym of the IP address of a request. All IPv6 addresses in a /64, the network of one
    /// subscriber, share one pseudonym.
    #[must_use]
    pub fn hash_source(&self, ip: &str) -> Pseudonym {
        let text = match ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            Ok(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & SUBSCRIBER).to_string(),
            Ok(IpAddr::V4(ip)) => ip.to_string(),
            Err(_) => ip.to_owned(),
        };
        self.hash("source", &text)
    }

    /// Returns the pseudonym of the /48 that contains an IPv6 address, or `None` for any other address.
    #[must_use]
    pub fn hash_site(&self, ip: &str) -> Option<Pseudonym> {
        let IpAddr::V6(ip) = ip.parse::<IpAddr>().ok()?.to_canonical() else {
            return None;
        };
        Some(self.hash("site", &Ipv6Addr::from_bits(ip.to_bits() & SITE).to_string()))
    }

    fn hash(&self, what: &str, text: &str) -> Pseudonym {
        let tag = hmac::sign(&self.0, format!("{what}\n{text}").as_bytes());
        let half = tag.as_ref().chunks(LENGTH).next().unwrap_or_default();
        Pseudonym(URL_SAFE_NO_PAD.encode(half))
    }
}

impl Pseudonym {
    /// Returns the pseudonym that [`Pseudonym::as_str`] returns as this text, or `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == LENGTH).then(|| Self(text.to_owned()))
    }

    /// Returns the pseudonym as 22 characters of base64url.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key is a secret, so `Debug` does not show it.
impl fmt::Debug for PseudonymKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PseudonymKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const KEY: &str = "0123456789abcdefghijklmnopqrstuv";

    #[test]
    fn an_address_has_one_pseudonym_however_it_is_typed() {
        let one = key(KEY).hash_address(&Email::parse(" Ada@Example.com").unwrap());

        assert_eq!(one, key(KEY).hash_address(&Email::parse("ada@example.com").unwrap()));
        assert_ne!(one, key(KEY).hash_address(&Email::parse("ada@example.org").unwrap()));
        assert_eq!(one.as_str().len(), 22);
        assert_eq!(Pseudonym::parse(one.as_str()), Some(one));
        assert_eq!(Pseudonym::parse("ada@example.com"), None);
    }

    #[test]
    fn another_key_makes_other_pseudonyms() {
        let email = Email::parse("ada@example.com").unwrap();

        let other = key(&KEY.to_uppercase()).hash_address(&email);

        assert_ne!(other, key(KEY).hash_address(&email));
    }

    #[rstest]
    #[case::same("192.0.2.1", "192.0.2.1", true)]
    #[case::neighbour("192.0.2.1", "192.0.2.2", false)]
    #[case::mapped("192.0.2.1", "::ffff:192.0.2.1", true)]
    #[case::same_subscriber("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    #[case::other_subscriber("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    #[case::no_address("test-invoke-source-ip", "test-invoke-source-ip", true)]
    #[case::no_address_and_one("test-invoke-source-ip", "192.0.2.1", false)]
    fn a_source_is_what_one_subscriber_has(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        assert_eq!(key(KEY).hash_source(one) == key(KEY).hash_source(other), same);
    }

    #[rstest]
    #[case::same_site("2001:db8:1:2::1", "2001:db8:1:3::1", true)]
    #[case::other_site("2001:db8:1:2::1", "2001:db8:2:2::1", false)]
    fn a_site_is_a_48_of_version_6(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        let [one, other] = [one, other].map(|ip| key(KEY).hash_site(ip));

        assert!(one.is_some());
        assert_eq!(one == other, same);
    }

    #[rstest]
    #[case::version_4("192.0.2.1")]
    #[case::mapped("::ffff:192.0.2.1")]
    #[case::no_address("test-invoke-source-ip")]
    fn what_is_not_of_version_6_is_of_no_site(#[case] ip: &str) {
        assert_eq!(key(KEY).hash_site(ip), None);
    }

    #[rstest]
    #[case("", false)]
    #[case("0123456789abcdefghijklmnopqrstu", false)]
    #[case(" 0123456789abcdefghijklmnopqrstu ", false)]
    #[case("0123456789abcdefghijklmnopqrstuv", true)]
    #[case("0123456789abcdefghijklmnopqrstuv\n", true)]
    fn a_key_is_long(#[case] text: &str, #[case] accepted: bool) {
        assert_eq!(PseudonymKey::parse(text).is_ok(), accepted);
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", key(KEY)), "PseudonymKey(..)");
    }

    fn key(text: &str) -> PseudonymKey {
        PseudonymKey::parse(text).unwrap()
    }
}
