//! New passwords: asked for without echo, or generated.

use anyhow::Context as _;
use auth::Password;
use rand::Rng as _;
use zeroize::Zeroizing;

use crate::arguments::PasswordSource;

/// Letters and digits that cannot be taken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Groups of characters, joined by dashes: 5 bits each, 100 bits in all.
const GROUPS: usize = 5;
const GROUP: usize = 4;

/// A password, and whether it was generated and is still to be shown.
pub(crate) struct NewPassword {
    pub(crate) password: Password,
    pub(crate) generated: Option<Zeroizing<String>>,
}

/// Asks for a password twice, or generates one.
pub(crate) fn new_password(source: PasswordSource) -> anyhow::Result<NewPassword> {
    if source.generate {
        let text = generate();
        return Ok(NewPassword {
            password: Password::choose(&text)?,
            generated: Some(text),
        });
    }
    let typed = inquire::Password::new("Password:")
        .with_help_message("at least 15 characters; a sentence is fine")
        .prompt()
        .context("no password was given; say --generate to have one made")?;
    Ok(NewPassword {
        password: Password::choose(&Zeroizing::new(typed))?,
        generated: None,
    })
}

fn generate() -> Zeroizing<String> {
    let mut random = Zeroizing::new([0; GROUPS * GROUP]);
    config::random().fill_bytes(random.as_mut());
    let groups: Vec<String> = random
        .chunks(GROUP)
        .map(|group| group.iter().map(|byte| letter(*byte)).collect())
        .collect();
    Zeroizing::new(groups.join("-"))
}

/// One of 32 letters, each as likely as the others, since 32 divides 256.
fn letter(byte: u8) -> char {
    ALPHABET.get(usize::from(byte % 32)).copied().map_or('x', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_password_is_long_enough_and_never_the_same() {
        let (one, other) = (generate(), generate());

        assert_ne!(one, other);
        assert!(Password::choose(&one).is_ok());
        assert_eq!(one.len(), GROUPS * GROUP + GROUPS - 1);
    }
}
