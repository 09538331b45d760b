//! Codes in mails, and the ids of users who register. Neither is stored: both follow from the request and from a key
//! that the function that answers the request does not have.

use std::fmt;

use claims::{Moment, SignError, Span, UserId};

use crate::{keys::LinkKeys, mail::Sealed, password::PasswordRecord};

/// How long a code is valid, from the request on: 10 minutes (OWASP ASVS 5.0, 6.5.4).
pub const CODE_LIFE: Span = Span::seconds(10 * 60);
/// The number of codes: a code has eight digits.
const CODES: u64 = 100_000_000;

/// A code of eight digits, which a person types from a mail. It is valid only together with the request that it was
/// made for (OWASP ASVS 5.0, 6.6.2).
#[derive(Clone)]
pub struct Code(String);

impl Code {
    /// Returns the eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a person has typed this code. Spaces and hyphens do not count. The time depends only on the
    /// length of what was typed.
    pub(crate) fn is_typed_as(&self, typed: &str) -> bool {
        let typed: Vec<u8> = typed.bytes().filter(|byte| !b" -".contains(byte)).collect();
        let differences = self.0.bytes().zip(&typed).map(|(own, typed)| own ^ typed);
        typed.len() == self.0.len() && differences.fold(0, |all, difference| all | difference) == 0
    }

    fn from_tag(tag: &[u8]) -> Self {
        let number = tag
            .iter()
            .take(8)
            .fold(0, |number: u64, byte| number.wrapping_shl(8) | u64::from(*byte));
        Self(format!("{:08}", number.checked_rem(CODES).unwrap_or_default()))
    }
}

/// A code is a secret, so `Debug` does not show it.
impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(..)")
    }
}

/// Returns the code with which a registration is finished.
pub(crate) fn register_code(keys: &LinkKeys, sealed: &Sealed, asked_at: Moment) -> Result<Code, SignError> {
    let tag = keys.tag(asked_at, "register code", sealed.as_bytes())?;
    Ok(Code::from_tag(&tag))
}

/// Returns the code with which this user sets a new password. It is bound to the time at which the present password was
/// set, so it is over once the password has changed.
pub(crate) fn reset_code(
    keys: &LinkKeys,
    sealed: &Sealed,
    asked_at: Moment,
    credentials: &PasswordRecord,
) -> Result<Code, SignError> {
    let changed_at = credentials.password_changed_at.get().to_be_bytes();
    let message = [
        sealed.as_bytes(),
        &changed_at[..],
        credentials.user_id.as_str().as_bytes(),
    ];
    let tag = keys.tag(asked_at, "reset code", &message.concat())?;
    Ok(Code::from_tag(&tag))
}

/// Returns the id of the user who registers with this request. The link and the code of one request lead to the same
/// user, so a repeated confirmation finds its own user.
pub(crate) fn new_user_id(keys: &LinkKeys, sealed: &Sealed, asked_at: Moment) -> Result<UserId, SignError> {
    let tag = keys.tag(asked_at, "new user", sealed.as_bytes())?;
    let entropy = tag.first_chunk().copied().ok_or(SignError::Refused)?;
    Ok(UserId::new(asked_at, entropy))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::digits("00001234", true)]
    #[case::spaces(" 0000 1234 ", true)]
    #[case::hyphen("0000-1234", true)]
    #[case::other("00001235", false)]
    #[case::shorter("0000123", false)]
    #[case::longer("000012340", false)]
    #[case::empty("", false)]
    #[case::other_digits("\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff11}\u{ff12}\u{ff13}\u{ff14}", false)]
    fn a_code_is_typed_with_or_without_spaces(#[case] typed: &str, #[case] expected: bool) {
        let code = Code::from_tag(&1234_u64.to_be_bytes());

        assert_eq!(code.is_typed_as(typed), expected);
    }

    #[test]
    fn a_code_has_eight_digits_and_is_not_shown() {
        let code = Code::from_tag(&[0xff; 32]);

        assert_eq!(code.as_str(), format!("{:08}", u64::MAX % 100_000_000));
        assert_eq!(format!("{code:?}"), "Code(..)");
    }
}
