//! What a user adds to each of their access tokens, and how long that may be.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Role, Scope};

/// The claims of an access token that are the user's own; the others are the deployment's, the session's or the
/// moment's.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UserClaims<'a> {
    /// The permissions.
    pub scope: &'a Scope,
    /// The one role.
    pub role: &'a Role,
    /// The address as the user typed it.
    pub email: &'a str,
    /// The custom claims.
    #[serde(flatten)]
    pub custom: &'a Map<String, Value>,
}

impl UserClaims<'_> {
    /// The most bytes that they may have as a JSON object. An access token with them has at most 2,048 bytes, however
    /// long its other claims are and however large the key that signs it.
    pub const MAX_LENGTH: usize = 382;

    /// By how many bytes they are too long; zero when they fit into every access token.
    #[must_use]
    pub fn excess(&self) -> usize {
        let length = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        length.saturating_sub(Self::MAX_LENGTH)
    }
}
