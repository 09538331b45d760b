//! The claims that a user adds to each of their access tokens, and their maximum length.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Role, Scope};

/// The claims of an access token that belong to the user. The others belong to the deployment, the session or the time
/// of issue.
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
    /// The maximum length of these claims as a JSON object, in bytes. An access token with them has at most 2,048
    /// bytes, however long its other claims are and however large the signing key is.
    pub const MAX_LENGTH: usize = 382;

    /// Returns how many bytes the claims exceed the limit by. It is zero if they fit into every access token.
    #[must_use]
    pub fn excess(&self) -> usize {
        let length = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        length.saturating_sub(Self::MAX_LENGTH)
    }
}
