//! Stored hashes: they are parsed and checked against limits before they cost any memory or time.

use std::{ops::RangeInclusive, str::FromStr as _};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{Output, PasswordHash as Phc, Salt},
};
use bcrypt::HashParts;
use pbkdf2::{pbkdf2_hmac, sha2::Sha256};

use crate::password::{HashCost, Password, PasswordForm, UnusableHash, scratch::Scratch};

/// The maximum length of a stored hash in bytes. The longest sensible one is half as long.
const MAX_LENGTH: usize = 512;
/// The maximum memory of a hash in KiB: 256 MiB.
const MAX_MEMORY: u32 = 256 * 1024;
/// The maximum work of an Argon2 hash, which is its memory in KiB times its passes. This much work takes about a second
/// on one core.
const MAX_WORK: u64 = 2 * 1024 * 1024;
/// The maximum number of lanes of an Argon2 hash. Some systems use one lane per core; here the lanes are computed one
/// after the other.
const MAX_LANES: u32 = 32;
/// The maximum of `N * r` in a scrypt hash. Such a hash needs 128 MiB of memory.
const MAX_SCRYPT_MEMORY: u64 = 1 << 20;
/// The maximum work of a scrypt hash, which is `N * r * p`.
const MAX_SCRYPT_WORK: u64 = 1 << 21;
/// The maximum number of iterations of a PBKDF2 hash, summed over all blocks of its output.
const MAX_ITERATIONS: u64 = 2_000_000;
/// The costs that a bcrypt hash may have. The number of rounds is two to the power of the cost.
const BCRYPT_COST: RangeInclusive<u32> = 4..=14;
/// The prefixes of the bcrypt versions that give the same result for the same password.
const BCRYPT: [&str; 3] = ["$2a$", "$2b$", "$2y$"];
/// The length of every bcrypt hash in bytes.
const BCRYPT_LENGTH: usize = 60;
/// The length of the salt of a new hash in bytes. A hash with a shorter salt is weaker.
const SALT: usize = 16;
/// The length of the output of a new hash in bytes. A hash with a shorter output is weaker.
const OUTPUT: usize = 32;

/// A hash that can be checked: its format is known and its cost is within the limits.
pub(crate) enum StoredHash {
    /// Argon2id (RFC 9106), as in the hashes of this service, and Argon2i or older versions from other systems.
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
        salt: Salt,
        output: Output,
    },
    /// scrypt (RFC 7914).
    Scrypt {
        params: scrypt::Params,
        salt: Salt,
        output: Output,
    },
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018).
    Pbkdf2 {
        iterations: u32,
        salt: Salt,
        output: Output,
    },
    /// bcrypt in the versions 2a, 2b and 2y, which give the same result for the same password.
    Bcrypt(String),
}

impl StoredHash {
    /// Parses a hash.
    ///
    /// # Errors
    /// If its format is unknown or malformed, or its cost exceeds the limits.
    pub(crate) fn parse(text: &str) -> Result<Self, UnusableHash> {
        if text.len() > MAX_LENGTH {
            return Err(UnusableHash::Size);
        }
        if BCRYPT.iter().any(|version| text.starts_with(version)) {
            return bcrypt(text);
        }
        let phc = Phc::new(text).map_err(|error| UnusableHash::from_phc(text, error))?;
        let (Some(salt), Some(output)) = (phc.salt, phc.hash) else {
            return Err(UnusableHash::from_text(text));
        };
        match phc.algorithm.as_str() {
            "argon2id" => argon2(Algorithm::Argon2id, &phc, salt, output),
            "argon2i" => argon2(Algorithm::Argon2i, &phc, salt, output),
            "scrypt" => scrypt(&phc, salt, output),
            "pbkdf2-sha256" => pbkdf2(&phc, salt, output),
            _ => Err(UnusableHash::from_text(text)),
        }
    }

    /// Returns the form of `password` that matches this hash, or `None`. All forms are hashed, even after a match, so
    /// that the time reveals only the number of forms and not which of them matches. The call blocks.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub(crate) fn form_of(
        &self,
        password: &Password,
        scratch: &mut Scratch,
    ) -> Result<Option<PasswordForm>, argon2::Error> {
        PasswordForm::find(password, |bytes| self.verifies(bytes, scratch))
    }

    fn verifies(&self, password: &[u8], scratch: &mut Scratch) -> Result<bool, argon2::Error> {
        match self {
            Self::Argon2 {
                algorithm,
                version,
                params,
                salt,
                output,
            } => {
                let blocks = scratch.blocks(params.block_count())?;
                let argon2 = Argon2::new(*algorithm, *version, params.clone());
                let mut found = vec![0; output.len()];
                argon2.hash_password_into_with_memory(password, salt, &mut found, blocks)?;
                Ok(is(output, &found))
            }
            Self::Scrypt { params, salt, output } => {
                let mut found = vec![0; output.len()];
                Ok(scrypt::scrypt(password, salt, params, &mut found).is_ok() && is(output, &found))
            }
            Self::Pbkdf2 {
                iterations,
                salt,
                output,
            } => {
                let mut found = vec![0; output.len()];
                pbkdf2_hmac::<Sha256>(password, salt, *iterations, &mut found);
                Ok(is(output, &found))
            }
            // bcrypt hashes only the first 72 bytes of a password, so the rest cannot be checked.
            Self::Bcrypt(text) => Ok(bcrypt::verify(password, text).unwrap_or_default()),
        }
    }

    /// Returns whether a new hash of this cost would be stronger.
    pub(crate) fn is_weaker_than(&self, cost: HashCost) -> bool {
        match self {
            Self::Argon2 {
                algorithm: Algorithm::Argon2id,
                version: Version::V0x13,
                params,
                salt,
                output,
            } => {
                params.m_cost() < cost.memory()
                    || work(params.m_cost(), params.t_cost()) < work(cost.memory(), cost.passes())
                    || salt.len() < SALT
                    || output.len() < OUTPUT
            }
            Self::Argon2 { .. } | Self::Scrypt { .. } | Self::Pbkdf2 { .. } | Self::Bcrypt(_) => true,
        }
    }
}

fn argon2(algorithm: Algorithm, phc: &Phc, salt: Salt, output: Output) -> Result<StoredHash, UnusableHash> {
    let [Some(memory), Some(passes), Some(lanes)] = numbers(phc, ["m", "t", "p"])? else {
        return Err(UnusableHash::Form);
    };
    // A hash that names no version has the oldest one, since the first implementations did not write the version.
    let version = phc.version.map_or(Ok(Version::V0x10), Version::try_from);
    let version = version.map_err(|_| UnusableHash::Form)?;
    let is_bearable = memory <= MAX_MEMORY && work(memory, passes) <= MAX_WORK && lanes <= MAX_LANES;
    let params = is_bearable.then(|| Params::new(memory, passes, lanes, Some(output.len())));
    Ok(StoredHash::Argon2 {
        algorithm,
        version,
        params: params.and_then(Result::ok).ok_or(UnusableHash::Cost)?,
        salt,
        output,
    })
}

fn scrypt(phc: &Phc, salt: Salt, output: Output) -> Result<StoredHash, UnusableHash> {
    let [Some(log_n), Some(r), Some(p)] = numbers(phc, ["ln", "r", "p"])? else {
        return Err(UnusableHash::Form);
    };
    if phc.version.is_some() {
        return Err(UnusableHash::Form);
    }
    let params = scrypt_params(log_n, r, p).ok_or(UnusableHash::Cost)?;
    Ok(StoredHash::Scrypt { params, salt, output })
}

fn scrypt_params(log_n: u32, r: u32, p: u32) -> Option<scrypt::Params> {
    let log_n = u8::try_from(log_n).ok()?;
    let memory = 1_u64.checked_shl(log_n.into())?.checked_mul(r.into())?;
    let is_bearable = log_n > 0 && memory <= MAX_SCRYPT_MEMORY && memory.checked_mul(p.into())? <= MAX_SCRYPT_WORK;
    is_bearable.then(|| scrypt::Params::new(log_n, r, p))?.ok()
}

fn pbkdf2(phc: &Phc, salt: Salt, output: Output) -> Result<StoredHash, UnusableHash> {
    let [Some(iterations), length] = numbers(phc, ["i", "l"])? else {
        return Err(UnusableHash::Form);
    };
    if phc.version.is_some() {
        return Err(UnusableHash::Form);
    }
    if length.is_some_and(|length| usize::try_from(length) != Ok(output.len())) {
        return Err(UnusableHash::Size);
    }
    let blocks = u64::try_from(output.len().div_ceil(OUTPUT)).map_err(|_| UnusableHash::Size)?;
    let is_bearable = iterations > 0 && blocks.saturating_mul(iterations.into()) <= MAX_ITERATIONS;
    is_bearable.then_some(()).ok_or(UnusableHash::Cost)?;
    Ok(StoredHash::Pbkdf2 {
        iterations,
        salt,
        output,
    })
}

fn bcrypt(text: &str) -> Result<StoredHash, UnusableHash> {
    if text.len() != BCRYPT_LENGTH {
        return Err(UnusableHash::Size);
    }
    let parts = HashParts::from_str(text).map_err(|_| UnusableHash::Form)?;
    let is_bearable = BCRYPT_COST.contains(&parts.get_cost());
    is_bearable
        .then(|| StoredHash::Bcrypt(text.to_owned()))
        .ok_or(UnusableHash::Cost)
}

/// Returns the value of each of these parameters, or `None` for one that is absent. Any other parameter in the hash is
/// an error.
fn numbers<const COUNT: usize>(phc: &Phc, names: [&str; COUNT]) -> Result<[Option<u32>; COUNT], UnusableHash> {
    let all_known = phc.params.iter().all(|(name, _)| names.contains(&name.as_str()));
    let numbers = all_known.then(|| names.map(|name| phc.params.get_decimal(name)));
    numbers.ok_or(UnusableHash::Form)
}

fn work(memory: u32, passes: u32) -> u64 {
    u64::from(memory).saturating_mul(passes.into())
}

/// Returns whether both outputs are equal. The comparison takes constant time.
fn is(output: &Output, found: &[u8]) -> bool {
    Output::new(found).is_ok_and(|found| found == *output)
}

#[cfg(test)]
mod tests;
