//! The claims about the user in an access token, and their maximum length.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Role, Scope};

/// The claims of an access token that describe the user. The other claims of an access token depend on the deployment,
/// the session or the time of issue.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UserClaims<'a> {
    /// The user's permissions.
    pub scope: &'a Scope,
    /// The user's role. A user has only one.
    pub role: &'a Role,
    /// The user's address as they typed it.
    pub email: &'a str,
    /// The user's custom claims.
    #[serde(flatten)]
    pub custom: &'a Map<String, Value>,
}

impl UserClaims<'_> {
    /// The maximum length of these claims as a JSON object, in bytes. Within this limit, an access token has at most
    /// 2,125 bytes, even with the longest other claims and the largest signing key.
    pub const MAX_LENGTH: usize = 382;

    /// Returns by how many bytes the claims exceed [`UserClaims::MAX_LENGTH`]. It is zero if they fit into every access
    /// token.
    #[must_use]
    pub fn excess(&self) -> usize {
        let length = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        length.saturating_sub(Self::MAX_LENGTH)
    }
}
