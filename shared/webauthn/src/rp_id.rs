//! The RP ID: the domain that passkeys belong to.

use ring::digest;

/// The maximum length of a domain in bytes.
const MAX_DOMAIN: usize = 253;
/// The maximum length of a part of a domain in bytes.
const MAX_LABEL: usize = 63;
/// The only name without a dot that browsers accept, and the only one that they accept without TLS.
pub(crate) const LOCALHOST: &str = "localhost";

/// The RP ID: the domain that passkeys belong to (L3 s4). It never changes: with another RP ID, every passkey is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpId(Box<str>);

/// The error for an RP ID that is not a domain in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an RP ID must be a domain in lower case such as example.com, or localhost")]
pub struct InvalidRpId;

impl RpId {
    /// Parses a domain, such as `example.com`, or `localhost`. A domain with other characters than ASCII must be in its
    /// `xn--` form.
    ///
    /// # Errors
    /// If `text` is not a domain in lower case. An IP address is not a domain.
    pub fn parse(text: &str) -> Result<Self, InvalidRpId> {
        is_domain(text).then(|| Self(text.into())).ok_or(InvalidRpId)
    }

    /// Returns the domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a hash is the SHA-256 of this RP ID.
    pub(crate) fn has_hash(&self, hash: &[u8]) -> bool {
        digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref() == hash
    }
}

/// Returns whether a string is a domain in lower case with at least two labels, or `localhost`.
pub(crate) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = |last: &str| !last.bytes().all(|byte| byte.is_ascii_digit());
    text == LOCALHOST
        || text.len() <= MAX_DOMAIN
            && text.split('.').all(is_label)
            && text.rsplit_once('.').is_some_and(|(_, last)| is_name(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_in_lower_case_is_an_rp_id() {
        for good in [
            "example.com",
            "localhost",
            "a.b.c.example",
            "xn--bcher-kva.example",
            "4.example",
        ] {
            assert_eq!(RpId::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn anything_else_is_not() {
        let (long_label, long) = (
            format!("{}.example", "a".repeat(64)),
            format!("{}example", "a.".repeat(124)),
        );
        for bad in [
            "",
            "com",
            "Example.com",
            "example.com.",
            ".example.com",
            "example..com",
            "-a.example",
            "a-.example",
            "a_b.example",
            "bücher.example",
            "127.0.0.1",
            "[::1]",
            "example.com:443",
            "https://example.com",
            "example.com/",
            &long_label,
            &long,
        ] {
            assert_eq!(RpId::parse(bad), Err(InvalidRpId), "{bad}");
        }
    }
}
