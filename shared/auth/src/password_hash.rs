//! Password hashes: Argon2id in PHC string form (RFC 9106), made and checked.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        PasswordHasher as _, PasswordVerifier as _,
        phc::{self, PasswordHash as Phc},
    },
};
use rand::CryptoRng;

use crate::Password;

/// Memory in KiB: OWASP's first choice for Argon2id, 19 MiB.
const MEMORY: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes, computed one after the other.
const LANES: u32 = 1;
/// Salt and output in bytes.
const SALT: usize = 16;
const OUTPUT: usize = 32;

/// What a password hashes to, as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("cannot hash a password: {0}")]
pub struct HashError(String);

impl PasswordHash {
    /// Hashes a password with a fresh salt. Takes some 20 ms and 19 MiB.
    ///
    /// # Errors
    /// When memory for it cannot be had.
    pub fn new(password: &Password, rng: &mut impl CryptoRng) -> Result<Self, HashError> {
        let failed = |error: &dyn fmt::Display| HashError(error.to_string());
        let mut salt = [0; SALT];
        rng.fill_bytes(&mut salt);
        let params = Params::new(MEMORY, PASSES, LANES, Some(OUTPUT)).map_err(|error| failed(&error))?;
        let hash: phc::PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(password.expose(), &salt)
            .map_err(|error| failed(&error))?;
        Ok(Self(hash.to_string()))
    }

    /// A hash that no password has, with the parameters of a new one: what an unknown user's password is checked
    /// against, so that it takes the same time.
    #[must_use]
    pub fn decoy() -> Self {
        let salt = "A".repeat(22);
        let hash = "A".repeat(43);
        Self(format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${hash}"))
    }

    /// Takes a stored hash as it is; one that is malformed never verifies.
    #[must_use]
    pub fn from_stored(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for storage alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this is the hash of `password`. Takes as long as hashing; blocks.
    #[must_use]
    pub fn verifies(&self, password: &Password) -> bool {
        Phc::new(&self.0).is_ok_and(|hash| Argon2::default().verify_password(password.expose(), &hash).is_ok())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    #[test]
    fn a_hash_verifies_its_password_and_no_other() {
        let password = Password::parse("correct horse battery staple").unwrap();
        let other = Password::parse("correct horse battery stapl").unwrap();

        let hash = PasswordHash::new(&password, &mut StdRng::seed_from_u64(1)).unwrap();

        assert!(
            hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.expose()
        );
        assert!(hash.verifies(&password));
        assert!(!hash.verifies(&other));
    }

    #[test]
    fn the_decoy_is_well_formed_and_verifies_nothing() {
        let decoy = PasswordHash::decoy();

        assert!(Phc::new(decoy.expose()).is_ok());
        assert!(!decoy.verifies(&Password::parse("anything").unwrap()));
    }

    #[test]
    fn a_malformed_stored_hash_verifies_nothing() {
        for stored in ["", "garbage", "$argon2id$", "$2b$10$abcdefghijklmnopqrstuv"] {
            let hash = PasswordHash::from_stored(stored.to_owned());

            assert!(!hash.verifies(&Password::parse("anything").unwrap()), "{stored}");
        }
    }
}
