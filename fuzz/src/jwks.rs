//! Public key sets: JSON from the feed, or from a variable.

use claims::Jwks;

/// Reads whatever it is.
///
/// # Panics
/// When a set that was taken has a key that is not.
pub fn run(data: &[u8]) {
    if let Ok(keys) = Jwks::from_json(&String::from_utf8_lossy(data)) {
        assert!(keys.verifying_keys().is_ok());
    }
}
