//! Password hashes as they are stored: PHC strings, and bcrypt's own format.

use std::{fmt, sync::Arc};

use crate::password::{HashCost, UnusableHash, stored::StoredHash};

/// A password hash: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<output>`, or the hash of another system from which the user
/// was imported. The string is parsed once. Two hashes are equal if their strings are equal.
#[derive(Clone)]
pub struct PasswordHash {
    text: String,
    stored: Result<Arc<StoredHash>, UnusableHash>,
}

impl PasswordHash {
    /// Makes a hash from its stored string. If the string is malformed, or the hash costs more than the limit, no
    /// password matches it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self {
            stored: StoredHash::parse(&text).map(Arc::new),
            text,
        }
    }

    /// Makes a hash that no password matches, with the cost of a new hash. If the user is unknown, the password is
    /// checked against this decoy, so that the check takes as long as one against a new hash. Making the decoy does not
    /// hash anything.
    #[must_use]
    pub fn decoy(cost: HashCost) -> Self {
        Self::argon2id(cost, "A".repeat(22), "A".repeat(43))
    }

    /// Makes a new hash from its salt and output in base64.
    pub(crate) fn argon2id(cost: HashCost, salt: impl fmt::Display, output: impl fmt::Display) -> Self {
        let (memory, passes) = (cost.memory(), cost.passes());
        Self::from_stored(format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${output}"))
    }

    /// Returns the parsed hash, or why it cannot verify a password.
    pub(crate) const fn stored(&self) -> Result<&Arc<StoredHash>, &UnusableHash> {
        self.stored.as_ref()
    }

    /// Returns the hash as a string, which is only for storage and exports.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns whether this hash can verify a password: its format is known and its cost is within the limit.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.stored.is_ok()
    }

    /// Checks that this hash can verify a password.
    ///
    /// # Errors
    /// If its format is unknown or malformed, or its cost exceeds the limit.
    pub fn require_usable(&self) -> Result<(), UnusableHash> {
        self.stored().map(drop).map_err(Clone::clone)
    }

    /// Returns whether a new hash of this cost would be stronger than this hash. That is so if this hash is unusable,
    /// or has another algorithm, an older version, less memory, less work, or a shorter salt or output.
    #[must_use]
    pub fn is_weaker_than(&self, cost: HashCost) -> bool {
        self.stored.as_ref().map_or(true, |stored| stored.is_weaker_than(cost))
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PasswordHash {}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_decoy_is_as_a_new_hash_would_be() {
        for cost in [HashCost::MIN, HashCost::new(65_536, 3)] {
            let decoy = PasswordHash::decoy(cost);

            assert!(decoy.is_usable());
            assert!(!decoy.is_weaker_than(cost));
        }
    }

    #[test]
    fn a_hash_is_not_shown() {
        assert_eq!(format!("{:?}", PasswordHash::decoy(HashCost::MIN)), "PasswordHash(..)");
    }

    #[rstest]
    #[case::the_same("$argon2id$v=19$m=19456,t=2,p=1", false)]
    #[case::more_memory("$argon2id$v=19$m=65536,t=2,p=1", false)]
    #[case::more_passes("$argon2id$v=19$m=19456,t=3,p=1", false)]
    #[case::more_lanes("$argon2id$v=19$m=19456,t=2,p=4", false)]
    #[case::more_memory_for_fewer_passes("$argon2id$v=19$m=47104,t=1,p=1", false)]
    #[case::less_memory("$argon2id$v=19$m=19455,t=2,p=1", true)]
    #[case::more_passes_for_less_memory("$argon2id$v=19$m=9216,t=9,p=1", true)]
    #[case::less_work("$argon2id$v=19$m=19456,t=1,p=1", true)]
    #[case::an_older_version("$argon2id$v=16$m=65536,t=4,p=1", true)]
    #[case::another_algorithm("$argon2i$v=19$m=65536,t=4,p=1", true)]
    #[case::scrypt("$scrypt$ln=17,r=8,p=1", true)]
    #[case::pbkdf2("$pbkdf2-sha256$i=2000000", true)]
    fn a_hash_is_weaker_that_has_less_memory_or_less_work(#[case] parameters: &str, #[case] weaker: bool) {
        let decoy = "A".repeat(22) + "$" + &"A".repeat(43);
        let hash = PasswordHash::from_stored(format!("{parameters}${decoy}"));

        assert!(hash.is_usable());
        assert_eq!(hash.is_weaker_than(HashCost::MIN), weaker);
    }

    #[test]
    fn a_hash_with_a_short_salt_or_output_is_weaker() {
        let parameters = "$argon2id$v=19$m=19456,t=2,p=1";
        for (salt, output) in [(11, 43), (22, 22)] {
            let hash = format!("{parameters}${}${}", "A".repeat(salt), "A".repeat(output));

            assert!(PasswordHash::from_stored(hash).is_weaker_than(HashCost::MIN));
        }
    }
}
