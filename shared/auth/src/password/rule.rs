//! The requirements for a new password.

/// The requirements for a new password: its minimum length, and what it must not be. It must neither be a common
/// password nor be made of the user's own address, the service's names, a repeated word or rows of the keyboard. It
/// need not mix kinds of characters: such a rule makes passwords harder to remember, but not better (NIST SP 800-63B-4
/// s3.1.1.2).
#[derive(Clone, Debug)]
pub struct PasswordRule {
    /// The minimum number of characters.
    pub min_length: usize,
    /// Returns whether a password is common. It is a function pointer, so that the list of common passwords is linked
    /// only into programs that set passwords.
    pub is_common: fn(&str) -> bool,
    /// The names of this installation: its name in logs and its host. The name of the product need not be listed,
    /// because passwords made of it are always refused.
    pub service_names: Vec<String>,
}
