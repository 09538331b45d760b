//! Why a password hash from elsewhere cannot be used.

use argon2::password_hash::phc;

/// The prefixes of the hashes that can be checked.
const BEGINNINGS: [&str; 7] = [
    "$2a$",
    "$2b$",
    "$2y$",
    "$argon2id$",
    "$argon2i$",
    "$scrypt$",
    "$pbkdf2-sha256$",
];

/// Why no password can be checked against a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableHash {
    /// The format of the hash is unknown, or the hash does not conform to it.
    #[error("unsupported hash: its format is unknown")]
    Form,
    /// The salt or the output is in base64 with padding, which PHC strings do not have.
    #[error("unsupported hash: its base64 is padded; remove the = signs at the ends of its parts")]
    Padding,
    /// The string contains a hash of a known format after other text.
    #[error("unsupported hash: something precedes it; if that is only a label, such as {{bcrypt}}, remove it")]
    Prefix,
    /// The parameters require more time or memory than the limits allow, or less than the minimum.
    #[error("unsupported hash: its cost is above the limit or below the minimum")]
    Cost,
    /// The hash, its salt or its output is too long or too short.
    #[error("unsupported hash: it, its salt or its output is too long or too short")]
    Size,
}

impl UnusableHash {
    /// Returns what is wrong with a string that is not a PHC string.
    pub(crate) fn from_phc(text: &str, error: phc::Error) -> Self {
        let is_of_size = matches!(
            error,
            phc::Error::OutputSize { .. }
                | phc::Error::SaltTooShort
                | phc::Error::SaltTooLong
                | phc::Error::ValueTooLong
        );
        // Some other formats have the same prefix, but something else in place of the parameters.
        let has_parameters = text.split('$').nth(2).is_some_and(|part| part.contains('='));
        match Self::from_text(text) {
            Self::Form if is_of_size && has_parameters => Self::Size,
            cause @ (Self::Form | Self::Padding | Self::Prefix | Self::Cost | Self::Size) => cause,
        }
    }

    /// Returns what is wrong with a string that is not one of the known hashes.
    pub(crate) fn from_text(text: &str) -> Self {
        let begins = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
        let is_inside = BEGINNINGS.iter().any(|beginning| text.contains(beginning));
        match (begins, is_inside) {
            (true, _) if text.split('$').any(|part| part.ends_with('=')) => Self::Padding,
            // With this prefix, Django hashed the password with SHA-256 first, so what follows is not a bcrypt hash of
            // the password.
            (false, true) if !text.starts_with("bcrypt_sha256$") => Self::Prefix,
            _ => Self::Form,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::password::stored::StoredHash;

    const BCRYPT: &str = "$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K";

    #[rstest]
    #[case::nothing("", UnusableHash::Form)]
    #[case::md5("5f4dcc3b5aa765d61d8327deb882cf99", UnusableHash::Form)]
    #[case::another_algorithm("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", UnusableHash::Form)]
    #[case::argon2d("$argon2d$v=19$m=19456,t=2,p=1$SALT$OUTPUT", UnusableHash::Form)]
    #[case::another_version("$argon2id$v=20$m=19456,t=2,p=1$SALT$OUTPUT", UnusableHash::Form)]
    #[case::a_parameter_missing("$argon2id$v=19$m=19456,t=2$SALT$OUTPUT", UnusableHash::Form)]
    #[case::no_output("$argon2id$v=19$m=19456,t=2,p=1$SALT", UnusableHash::Form)]
    #[case::of_passlib("$pbkdf2-sha256$29000$SALT$OUTPUT", UnusableHash::Form)]
    #[case::of_django("pbkdf2_sha256$600000$SALT$OUTPUT=", UnusableHash::Form)]
    #[case::of_django_after_sha_256("bcrypt_sha256$BCRYPT", UnusableHash::Form)]
    #[case::padded_output("$argon2id$v=19$m=19456,t=2,p=1$SALT$OUTPUT=", UnusableHash::Padding)]
    #[case::padded_salt("$pbkdf2-sha256$i=1000$SALT==$OUTPUT=", UnusableHash::Padding)]
    #[case::of_spring("{bcrypt}BCRYPT", UnusableHash::Prefix)]
    #[case::of_django_as_it_is("argon2$argon2id$v=19$m=19456,t=2,p=1$SALT$OUTPUT", UnusableHash::Prefix)]
    #[case::white_space(" BCRYPT", UnusableHash::Prefix)]
    #[case::memory("$argon2id$v=19$m=4194304,t=2,p=1$SALT$OUTPUT", UnusableHash::Cost)]
    #[case::lanes("$argon2id$v=19$m=19456,t=2,p=33$SALT$OUTPUT", UnusableHash::Cost)]
    #[case::scrypt("$scrypt$ln=20,r=8,p=2$SALT$OUTPUT", UnusableHash::Cost)]
    #[case::iterations("$pbkdf2-sha256$i=2000001$SALT$OUTPUT", UnusableHash::Cost)]
    #[case::no_iterations("$pbkdf2-sha256$i=0$SALT$OUTPUT", UnusableHash::Cost)]
    #[case::rounds("$2b$31$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K", UnusableHash::Cost)]
    #[case::no_rounds("$2b$03$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K", UnusableHash::Cost)]
    #[case::cut_off("$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7Eda", UnusableHash::Size)]
    #[case::a_short_output("$argon2id$v=19$m=19456,t=2,p=1$SALT$AAAA", UnusableHash::Size)]
    #[case::another_length("$pbkdf2-sha256$i=1000,l=33$SALT$OUTPUT", UnusableHash::Size)]
    #[case::far_too_long(
        "$argon2id$v=19$m=19456,t=2,p=1$SALT$OUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUTOUTPUT",
        UnusableHash::Size
    )]
    fn an_unusable_hash_has_its_reason(#[case] pattern: &str, #[case] cause: UnusableHash) {
        let text = pattern
            .replace("BCRYPT", BCRYPT)
            .replace("SALT", &"A".repeat(22))
            .replace("OUTPUT", &"A".repeat(43));

        assert_eq!(StoredHash::parse(&text).err(), Some(cause), "{text}");
    }
}
