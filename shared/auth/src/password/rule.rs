//! What a new password must be.

/// How long a new password is at least, and which ones it must not be: those that many people chose, and those that are made
/// of what stands next to it, of the user's own address or the service's names. Nothing is said of the characters in it: such
/// rules make passwords no better, only harder to remember (NIST SP 800-63B-4 s3.1.1.2).
#[derive(Clone, Debug)]
pub struct PasswordRule {
    /// The least number of characters.
    pub min_length: usize,
    /// Whether a password is one of those that many people chose. An argument, so that the list of them is linked into
    /// nothing that never sets a password.
    pub is_common: fn(&str) -> bool,
    /// What the service is called where the user meets it, besides its own name: what it is named in logs, its host.
    pub service_names: Vec<String>,
}
