//! In which of its Unicode forms a password was hashed.

use crate::password::Password;

/// Which bytes of a password a hash is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordForm {
    /// Those that are hashed here: NFC.
    Own,
    /// Others, which another system hashed: the same password from another keyboard may not verify.
    Foreign,
}

impl PasswordForm {
    /// The first form of `password` that `verifies`, if one does. All of them are tried, also after the right one: how much
    /// is done depends on the password that was typed alone, and not on whose hash it is checked against.
    ///
    /// # Errors
    /// When a form cannot be tried.
    pub(crate) fn of<E>(
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
            let form = PasswordForm::of(&password, |_| {
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
