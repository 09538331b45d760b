//! Password hashes as they are stored: PHC strings, and bcrypt's own form.

use std::fmt;

use crate::password::{HashCost, UnusableHash, stored::StoredHash};

/// What a password hashes to: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<output>`, or what another system made of it, from
/// which its users came.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a stored hash as it is; one that is malformed, or that costs more than is bearable, never verifies.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// A hash that no password has, of the cost of a new one: what an unknown user's password is checked against, so
    /// that it takes the same time. Nothing is hashed to make it.
    #[must_use]
    pub fn decoy(cost: HashCost) -> Self {
        Self::argon2id(cost, "A".repeat(22), "A".repeat(43))
    }

    /// A hash as new ones are written; salt and output in base64.
    pub(crate) fn argon2id(cost: HashCost, salt: impl fmt::Display, output: impl fmt::Display) -> Self {
        let (memory, passes) = (cost.memory(), cost.passes());
        Self(format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${output}"))
    }

    /// The text, for storage alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this can verify a password at all: it is of a known form, at a bearable cost.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.require_usable().is_ok()
    }

    /// Insists that this can verify a password.
    ///
    /// # Errors
    /// When its form is unknown or broken, or its cost more than is bearable.
    pub fn require_usable(&self) -> Result<(), UnusableHash> {
        StoredHash::parse(&self.0).map(drop)
    }

    /// Whether a new hash of this cost would be stronger: this one is of another algorithm, takes less memory, or does
    /// less work.
    #[must_use]
    pub fn is_weaker_than(&self, cost: HashCost) -> bool {
        StoredHash::parse(&self.0).map_or(true, |stored| stored.is_weaker_than(cost))
    }
}

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
