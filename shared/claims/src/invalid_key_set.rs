//! The reasons why a key set is refused.

use crate::{InvalidKey, KeyId};

/// The maximum length of a signing key's `kid` in characters, which is the length of a thumbprint (RFC 7638). Every
/// token contains the `kid`, and a refresh token has to fit into its cookie.
pub(crate) const MAX_KEY_ID: usize = 43;

/// Why a key set cannot be used. The error names the key and the problem, and never contains the key's bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySet {
    /// The text is not JSON in the form of a [`KeySetDocument`](crate::KeySetDocument).
    #[error("not a key set: malformed at line {line}, column {column}")]
    Malformed {
        /// The line of the error, from 1. It is 0 if the error has no line.
        line: usize,
        /// The column of the error, from 1.
        column: usize,
    },
    /// Two keys have the same id.
    #[error("key {kid}: another key has the same kid")]
    Duplicate {
        /// The id of both keys.
        kid: KeyId,
    },
    /// The `kid` has more than 43 characters. With such a `kid`, the longest claims might not fit into a token.
    #[error("key {kid}: its kid is longer than {MAX_KEY_ID} characters")]
    LongKeyId {
        /// The key's id.
        kid: KeyId,
    },
    /// The algorithm is not allowed for this kind of token.
    #[error("key {kid}: its alg is not one for {typ} tokens, use {expected}")]
    Algorithm {
        /// The key's id.
        kid: KeyId,
        /// The kind of token.
        typ: &'static str,
        /// The allowed algorithms.
        expected: String,
    },
    /// The key lacks the member that its algorithm needs, or has the member of another algorithm.
    #[error("key {kid}: it needs exactly the member `{member}`")]
    Member {
        /// The key's id.
        kid: KeyId,
        /// The name of the member that the algorithm needs.
        member: &'static str,
    },
    /// The key retires before it activates, or at the same time.
    #[error("key {kid}: it retires before it activates")]
    Schedule {
        /// The key's id.
        kid: KeyId,
    },
    /// Two keys activate at the same time, so neither of them is the newest.
    #[error("key {kid}: it activates at the same time as key {other}")]
    Simultaneous {
        /// The key's id.
        kid: KeyId,
        /// The id of the other key.
        other: KeyId,
    },
    /// The key has a successor, but never retires.
    #[error("key {kid}: it has a successor, key {successor}, but never retires")]
    Permanent {
        /// The key's id.
        kid: KeyId,
        /// The successor's id.
        successor: KeyId,
    },
    /// The key retires before its successor activates, so that for a time no key is active.
    #[error("key {kid}: it retires before its successor, key {successor}, activates")]
    Gap {
        /// The key's id.
        kid: KeyId,
        /// The successor's id.
        successor: KeyId,
    },
    /// The newest key retires, which would leave the set without an active key.
    #[error("key {kid}: it retires but has no successor")]
    Last {
        /// The key's id.
        kid: KeyId,
    },
    /// The key itself is invalid.
    #[error("key {kid}: {fault}")]
    Key {
        /// The key's id.
        kid: KeyId,
        /// The problem with the key.
        fault: InvalidKey,
    },
}
