//! What can be wrong with a key set.

use crate::{InvalidKey, KeyId};

/// The longest `kid` of a key that signs, in characters: as long as a thumbprint (RFC 7638). Every token carries it, and
/// a refresh token has to fit into its cookie.
pub(crate) const MAX_KEY_ID: usize = 43;

/// Why a key set cannot be used; names the key and the fault, never the key's bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySet {
    /// Not JSON of the shape that [`KeySetDocument`](crate::KeySetDocument) describes.
    #[error("not a key set: malformed at line {line}, column {column}")]
    Malformed {
        /// The line of the fault, from 1; 0 when the whole is at fault.
        line: usize,
        /// The column of the fault, from 1.
        column: usize,
    },
    /// Two keys have the same id.
    #[error("key {kid}: another key has the same kid")]
    Duplicate {
        /// The id.
        kid: KeyId,
    },
    /// The id leaves too little room for the claims.
    #[error("key {kid}: its kid is longer than {MAX_KEY_ID} characters")]
    LongKeyId {
        /// The id.
        kid: KeyId,
    },
    /// The algorithm is not one for this kind of token.
    #[error("key {kid}: its alg is not one for {typ} tokens, use {expected}")]
    Algorithm {
        /// The key's id.
        kid: KeyId,
        /// The kind of token.
        typ: &'static str,
        /// The algorithms that there are.
        expected: String,
    },
    /// The member that this algorithm needs is absent, or one for another algorithm is present.
    #[error("key {kid}: it needs exactly the member `{member}`")]
    Member {
        /// The key's id.
        kid: KeyId,
        /// The member's name.
        member: &'static str,
    },
    /// It retires before it activates.
    #[error("key {kid}: it retires before it activates")]
    Schedule {
        /// The key's id.
        kid: KeyId,
    },
    /// It activates together with another, so that none of the two is the newest.
    #[error("key {kid}: it activates at the same time as key {other}")]
    Simultaneous {
        /// The key's id.
        kid: KeyId,
        /// The other's.
        other: KeyId,
    },
    /// It has a successor, and is accepted for ever all the same.
    #[error("key {kid}: it has a successor, key {successor}, but never retires")]
    Permanent {
        /// The key's id.
        kid: KeyId,
        /// Its successor's.
        successor: KeyId,
    },
    /// It leaves a time in which there is no key.
    #[error("key {kid}: it retires before its successor, key {successor}, activates")]
    Gap {
        /// The key's id.
        kid: KeyId,
        /// Its successor's.
        successor: KeyId,
    },
    /// It is the newest, and would leave no key behind.
    #[error("key {kid}: it retires but has no successor")]
    Last {
        /// The key's id.
        kid: KeyId,
    },
    /// The key itself is unusable.
    #[error("key {kid}: {fault}")]
    Key {
        /// The key's id.
        kid: KeyId,
        /// What is wrong with it.
        fault: InvalidKey,
    },
}
