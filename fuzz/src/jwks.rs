//! The fuzz target for public key sets: JSON from the public keys table or from a variable.

use claims::Jwks;

/// Reads the data as a public key set.
///
/// # Panics
/// If a set is accepted but one of its keys is not.
pub fn run(data: &[u8]) {
    if let Ok(keys) = Jwks::from_json(&String::from_utf8_lossy(data)) {
        assert!(keys.verifying_keys().is_ok());
    }
}
