//! Stored hashes: parsed and checked against limits before they cost any memory or time.

use std::{ops::RangeInclusive, str::FromStr as _};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{Output, PasswordHash as Phc, Salt},
};
use bcrypt::HashParts;
use pbkdf2::{pbkdf2_hmac, sha2::Sha256};

use crate::password::{HashCost, Password, PasswordForm, UnusableHash, scratch::Scratch};

/// The maximum length of a stored hash. The longest sensible one is half as long.
const MAX_LENGTH: usize = 512;
/// The maximum memory of a hash in KiB: 256 MiB.
const MAX_MEMORY: u32 = 256 * 1024;
/// The maximum work of an Argon2 hash, memory in KiB times passes: about a second of one processor.
const MAX_WORK: u64 = 2 * 1024 * 1024;
/// The maximum number of lanes of an Argon2 hash. Some systems use one per processor; here they are computed one after
/// the other.
const MAX_LANES: u32 = 32;
/// scrypt: the maximum of `N * r`, which is 128 MiB, and of `N * r * p`.
const MAX_SCRYPT_MEMORY: u64 = 1 << 20;
const MAX_SCRYPT_WORK: u64 = 1 << 21;
/// PBKDF2: the maximum number of iterations, over all blocks of the output.
const MAX_ITERATIONS: u64 = 2_000_000;
/// bcrypt: the rounds, as a power of two.
const BCRYPT_COST: RangeInclusive<u32> = 4..=14;
/// bcrypt: the versions that give the same result for the same password, and the length of every hash.
const BCRYPT: [&str; 3] = ["$2a$", "$2b$", "$2y$"];
const BCRYPT_LENGTH: usize = 60;
/// The minimum lengths of salt and output in bytes in a new hash.
const SALT: usize = 16;
const OUTPUT: usize = 32;

/// A hash that can be checked: its format is known and its cost is within the limits.
pub(crate) enum StoredHash {
    /// Argon2id, as in this service's hashes, and Argon2i or older versions from other systems (RFC 9106).
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
        salt: Salt,
        output: Output,
    },
    /// RFC 7914.
    Scrypt {
        params: scrypt::Params,
        salt: Salt,
        output: Output,
    },
    /// With HMAC-SHA-256 (RFC 8018).
    Pbkdf2 {
        iterations: u32,
        salt: Salt,
        output: Output,
    },
    /// Versions 2a, 2b and 2y, which give the same result for the same password.
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
    /// that the time reveals only how many there are. It blocks.
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
            // bcrypt only ever hashed the first 72 bytes, so a check cannot use more either.
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
    // The reference implementation left the version out while there was only one.
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

/// Returns the parameters with these names.
fn numbers<const COUNT: usize>(phc: &Phc, names: [&str; COUNT]) -> Result<[Option<u32>; COUNT], UnusableHash> {
    let all_known = phc.params.iter().all(|(name, _)| names.contains(&name.as_str()));
    let numbers = all_known.then(|| names.map(|name| phc.params.get_decimal(name)));
    numbers.ok_or(UnusableHash::Form)
}

fn work(memory: u32, passes: u32) -> u64 {
    u64::from(memory).saturating_mul(passes.into())
}

/// Compares in constant time.
fn is(output: &Output, found: &[u8]) -> bool {
    Output::new(found).is_ok_and(|found| found == *output)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The hashes of this password below are by other implementations: Python's hashlib (OpenSSL), bcrypt, argon2-cffi.
    const PASSWORD: &str = "p\u{e4}ssword hunter two";

    #[rstest]
    #[case::argon2id(
        "$argon2id$v=19$m=19456,t=2,p=1$uUsNmC6Fu1W2cqhyY3rNdA$EvDuM9hdC1Xlnma25d1oo1qe18uFlapIA1685fRbzOE"
    )]
    #[case::argon2id_of_four_lanes(
        "$argon2id$v=19$m=2048,t=1,p=4$G+nIy8zJNfbNH2EiauFTOA$djMcmTdR/lfHm4v72RbZdxJbL7RZBUFP"
    )]
    #[case::argon2id_of_thirty_two_lanes(
        "$argon2id$v=19$m=1024,t=1,p=32$YSBzYWx0IG9mIDE2IGJ5dA$t5CDlAIfY3Rfbrkf4fVcz82fA47aJfFnyX/1wExL9aM"
    )]
    #[case::argon2i("$argon2i$v=19$m=1024,t=3,p=1$nuSRxbEL7LVWO/web5NCfg$xweZbh+u7LN7qhq6iKsFpICrKRmKwA6X/PAkL5usshM")]
    #[case::argon2i_of_the_first_version(
        "$argon2i$v=16$m=512,t=2,p=2$y8j+KVXlzY5G3I7Ut8J2TQ$bapcxC8iW0ZiMVkGoDFbfX+idk3z3DYFhELcc2Iz9ko"
    )]
    #[case::argon2i_from_before_there_were_versions(
        "$argon2i$m=512,t=2,p=1$Pjv57vX3nytJNK+H9VILaQ$nv4criulkCgrasgMms/pVmAuQm9awSMvkZoBilAQiPg"
    )]
    #[case::scrypt("$scrypt$ln=10,r=8,p=1$pU3KGCUwux1tEyze1iN7Lg$imBe3Rrc7xF5IwBESD3pjH66FnDgl+idjLtYAozqpAQ")]
    #[case::scrypt_of_three_lanes(
        "$scrypt$ln=8,r=4,p=3$2R4/ch/LGXEXRJTWSTydXA$0U2y6btkfR2mSA3HiEemT3Bkfp1X67hr/88+PBvotUpBZDcSG/oPN4zp/YSLYdSc6qJq92Ygm8ZezCZkhx7vcw"
    )]
    #[case::pbkdf2("$pbkdf2-sha256$i=1000,l=32$NGC+MSAeaf7aoO7ouZl/XA$HIrruz6pwv1J+SAJHkq1pwIjySPBRGRjqFzHVvMeZYw")]
    #[case::pbkdf2_without_a_length(
        "$pbkdf2-sha256$i=600$fCmZ/a/lkyU81lSvTfrXFA$ASBC4et4jVXSGogf8leenKNBM19T2+LxfbyI09kLKuQ"
    )]
    #[case::pbkdf2_of_two_blocks(
        "$pbkdf2-sha256$i=700,l=48$J6Cus/7pIy+K8iEf$dIr3jIJ5V6ZNHF+0U87VMaO0t8K0Jpl9PI49phJYBynkmzBiZFn5NzXjRBueGGaN"
    )]
    #[case::bcrypt_2a("$2a$06$lmj7kHHHVv29hroZx3Lzn.S6OnqwPDl3iNSfz2fci2rStESOlhmpW")]
    #[case::bcrypt_2b("$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
    #[case::bcrypt_2y("$2y$06$B6.wb39htHvq9nNEgt573ekPkVgQ/5a0OF7LGVZSGU.mTOldhpb/q")]
    fn what_other_systems_hashed_verifies(#[case] text: &str) {
        let hash = StoredHash::parse(text).unwrap();
        let scratch = &mut Scratch::default();

        assert_eq!(
            hash.form_of(&password(PASSWORD), scratch).unwrap(),
            Some(PasswordForm::Own)
        );
        for wrong in [
            "password hunter two",
            "p\u{e4}ssword hunter tw",
            "p\u{e4}ssword hunter two ",
        ] {
            assert_eq!(hash.form_of(&password(wrong), scratch).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn bcrypt_uses_the_first_72_bytes_of_a_password_everywhere() {
        let hash = StoredHash::parse("$2b$05$sRfv3idWDDSYnvLBHhL.Q.4LLiQmRhzwU4mxn8pK01neHO.Z9SNaO").unwrap();
        let scratch = &mut Scratch::default();

        assert_eq!(
            hash.form_of(&password(&"a".repeat(80)), scratch).unwrap(),
            Some(PasswordForm::Own)
        );
        assert_eq!(hash.form_of(&password(&"a".repeat(71)), scratch).unwrap(), None);
    }

    #[rstest]
    #[case::ours(
        "$pbkdf2-sha256$i=1000,l=32$jIp6PF728+zHgEIUTDdEpA$Mftg95Gjua2JNvn+4bkdMr0kEndk24sjdbZ7PA8kZ+c",
        "cafe\u{301} au lait",
        Some(PasswordForm::Own)
    )]
    #[case::as_it_was_typed(
        "$pbkdf2-sha256$i=1000,l=32$IlnpYVgsmuFyNdtlXHUd2w$UMqxsZyfdR3FEUmknmHugej86+fqtJBHzB0I49XqYEo",
        "cafe\u{301} au lait",
        Some(PasswordForm::Foreign)
    )]
    #[case::in_nfkc(
        "$pbkdf2-sha256$i=1000,l=32$UBxeQBDgl4uuMvfyQkRC/Q$uk5w7v3e6uhM09uG0Ibu1vdkjBaMGZCxSFHrv0jnPNE",
        "\u{fb01}sh and chips",
        Some(PasswordForm::Foreign)
    )]
    #[case::as_nobody_typed_it(
        "$pbkdf2-sha256$i=1000,l=32$IlnpYVgsmuFyNdtlXHUd2w$UMqxsZyfdR3FEUmknmHugej86+fqtJBHzB0I49XqYEo",
        "caf\u{e9} au lait",
        None
    )]
    fn a_password_verifies_in_the_form_that_was_hashed(
        #[case] text: &str,
        #[case] typed: &str,
        #[case] form: Option<PasswordForm>,
    ) {
        let hash = StoredHash::parse(text).unwrap();

        assert_eq!(hash.form_of(&password(typed), &mut Scratch::default()).unwrap(), form);
    }

    #[rstest]
    #[case::memory("$argon2id$v=19$m=262144,t=8,p=1", "$argon2id$v=19$m=262145,t=1,p=1")]
    #[case::four_gigabytes("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=4194304,t=2,p=1")]
    #[case::the_most_that_can_be_written(
        "$argon2i$v=19$m=19456,t=2,p=1",
        "$argon2i$v=19$m=4294967295,t=4294967295,p=1"
    )]
    #[case::passes("$argon2id$v=19$m=19456,t=107,p=1", "$argon2id$v=19$m=19456,t=108,p=1")]
    #[case::a_million_passes("$argon2id$v=19$m=8,t=262144,p=1", "$argon2id$v=19$m=8,t=1000000,p=1")]
    #[case::lanes("$argon2id$v=19$m=19456,t=2,p=32", "$argon2id$v=19$m=19456,t=2,p=33")]
    #[case::the_most_lanes("$argon2id$v=19$m=256,t=2,p=32", "$argon2id$v=19$m=255,t=2,p=32")]
    #[case::no_pass("$argon2id$v=19$m=19456,t=1,p=1", "$argon2id$v=19$m=19456,t=0,p=1")]
    #[case::no_lane("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2,p=0")]
    #[case::no_memory("$argon2id$v=19$m=8,t=2,p=1", "$argon2id$v=19$m=7,t=2,p=1")]
    #[case::a_missing_parameter("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2")]
    #[case::an_unknown_parameter("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2,p=1,data=AAAA")]
    #[case::an_unknown_version("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=20$m=19456,t=2,p=1")]
    #[case::an_unknown_algorithm("$argon2i$v=19$m=19456,t=2,p=1", "$argon2d$v=19$m=19456,t=2,p=1")]
    #[case::scrypt_memory("$scrypt$ln=17,r=8,p=2", "$scrypt$ln=18,r=8,p=1")]
    #[case::scrypt_work("$scrypt$ln=16,r=8,p=4", "$scrypt$ln=16,r=8,p=5")]
    #[case::scrypt_block_size("$scrypt$ln=1,r=524288,p=1", "$scrypt$ln=1,r=4294967295,p=1")]
    #[case::scrypt_lanes("$scrypt$ln=1,r=1,p=1048576", "$scrypt$ln=1,r=1,p=4294967295")]
    #[case::scrypt_overflow("$scrypt$ln=10,r=8,p=1", "$scrypt$ln=255,r=4294967295,p=4294967295")]
    #[case::scrypt_edge("$scrypt$ln=10,r=8,p=1", "$scrypt$ln=63,r=2,p=1")]
    #[case::scrypt_nothing("$scrypt$ln=1,r=1,p=1", "$scrypt$ln=0,r=1,p=1")]
    #[case::pbkdf2_iterations("$pbkdf2-sha256$i=2000000", "$pbkdf2-sha256$i=2000001")]
    #[case::pbkdf2_nothing("$pbkdf2-sha256$i=1", "$pbkdf2-sha256$i=0")]
    #[case::pbkdf2_length("$pbkdf2-sha256$i=1000,l=32", "$pbkdf2-sha256$i=1000,l=33")]
    #[case::pbkdf2_with_another_hash("$pbkdf2-sha256$i=1000", "$pbkdf2-sha512$i=1000")]
    fn what_would_exhaust_memory_or_time_is_refused_unread(#[case] bearable: &str, #[case] absurd: &str) {
        let decoy = "A".repeat(22) + "$" + &"A".repeat(43);

        assert!(StoredHash::parse(&format!("{bearable}${decoy}")).is_ok());
        assert!(StoredHash::parse(&format!("{absurd}${decoy}")).is_err());
    }

    #[rstest]
    #[case("")]
    #[case("garbage")]
    #[case("$argon2id$")]
    #[case("$argon2id$v=19$m=19456,t=2,p=1")]
    #[case("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA")]
    #[case("$2b$10$abcdefghijklmnopqrstuv")]
    #[case("$2x$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
    #[case("$2b$03$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
    #[case("$2b$15$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
    #[case("$2b$31$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
    #[case("$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo\u{e9}")]
    #[case("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/")]
    fn what_is_not_a_hash_is_refused(#[case] text: &str) {
        assert!(StoredHash::parse(text).is_err());
    }

    #[test]
    fn a_salt_or_an_output_of_absurd_length_is_refused() {
        for (salt, output) in [(9, 43), (65, 43), (100_000, 43), (22, 12), (22, 87), (22, 100_000)] {
            let (salt, output) = ("A".repeat(salt), "A".repeat(output));

            let hash = format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${output}");
            assert!(StoredHash::parse(&hash).is_err(), "{} {}", salt.len(), output.len());
        }
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }
}
