//! The Unicode form in which a password was hashed.

use crate::password::Password;

/// The Unicode form in which a password was hashed: that of this service, or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordForm {
    /// NFC, which this service hashes.
    Own,
    /// Another form, which another system hashed. The same password typed on another keyboard may not match the hash.
    Foreign,
}

impl PasswordForm {
    /// Returns the first form of `password` for which `verifies` returns `true`. It tries every form, even after a
    /// match, so that the time depends only on the typed password and not on the form that matches.
    ///
    /// # Errors
    /// If `verifies` fails.
    pub(crate) fn find<E>(
        password: &Password,
        mut verifies: impl FnMut(&[u8]) -> Result<bool, E>,
    ) -> Result<Option<Self>, E> {
        let mut found = None;
        for (form, bytes) in [Self::Own, Self::Foreign, Self::Foreign]
            .into_iter()
            .zip(password.forms())
        {
            let is_it = verifies(bytes)?;
            found = found.or(is_it.then_some(form));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::ascii("correct horse", 1)]
    #[case::composed("caf\u{e9}", 1)]
    #[case::decomposed("cafe\u{301}", 2)]
    #[case::all_three("\u{fb01}she\u{301}", 3)]
    fn all_forms_are_hashed_whichever_is_the_right_one(#[case] typed: &str, #[case] forms: usize) {
        let password = Password::parse(typed).unwrap();

        for right in 0..=forms {
            let mut hashed = 0_usize;
            let form = PasswordForm::find(&password, |_| {
                hashed = hashed.saturating_add(1);
                Ok::<_, Infallible>(hashed == right)
            });

            let expected = match right {
                0 => None,
                1 => Some(PasswordForm::Own),
                _ => Some(PasswordForm::Foreign),
            };
            assert_eq!((form, hashed), (Ok(expected), forms));
        }
    }
}
