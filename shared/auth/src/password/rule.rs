//! The requirements for a new password.

/// The requirements for a new password: its minimum length, and what it must not be. It must neither be a common
/// password nor be made of the user's own address or the service's names. Nothing is required of its characters, since
/// such rules make passwords no better, only harder to remember (NIST SP 800-63B-4 s3.1.1.2).
#[derive(Clone, Debug)]
pub struct PasswordRule {
    /// The minimum number of characters.
    pub min_length: usize,
    /// Returns whether a password is common. It is an argument, so that the list is linked only into programs that set
    /// passwords.
    pub is_common: fn(&str) -> bool,
    /// The names under which users know the service, besides its own: its name in logs and its host.
    pub service_names: Vec<String>,
}
