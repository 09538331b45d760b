//! What an operator grants to the person who accepts an invitation.

use claims::{KeySet, Link, Moment, Refresh, Role, Scope, SignError, TokenKind as _};

use crate::{
    keys::LinkKeys,
    mail::{QueuedMail, Sealed},
};

/// What the tags of grants are for, so that no other tag is one.
const LABEL: &str = "grant";

/// The role and permissions of an invited user. The tag can be made only with the refresh keys, so no function that
/// merely queues mail can grant anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The permissions.
    pub scope: Scope,
    /// An HMAC of the sealed address, the role and the permissions.
    pub tag: Vec<u8>,
}

impl Grant {
    /// The maximum length of a role and a scope together, in bytes. Within this limit, the token of an invitation has at
    /// most 1,536 bytes, even with the longest issuer and key id. A user who needs more is added with a password instead.
    pub const MAX_LENGTH: usize = 173;

    /// Makes a grant for the holder of a sealed address. `keys` are those of refresh tokens. No function that only
    /// queues mail has them.
    ///
    /// # Errors
    /// If no key was active at `asked_at`, or the role and the scope are longer than [`Grant::MAX_LENGTH`].
    pub fn new(
        role: Role,
        scope: Scope,
        sealed: &Sealed,
        asked_at: Moment,
        keys: &KeySet<Refresh>,
    ) -> Result<Self, SignError> {
        if Self::excess(&role, &scope) > 0 {
            return Err(SignError::TooLong {
                limit: Link::MAX_LENGTH,
            });
        }
        let tag = keys.tag(asked_at.timestamp(), LABEL, &tagged(&role, &scope, sealed))?;
        Ok(Self { role, scope, tag })
    }

    /// Returns by how many bytes a role and a scope are longer than [`Grant::MAX_LENGTH`].
    pub(crate) fn excess(role: &Role, scope: &Scope) -> usize {
        let length = role.as_str().len().saturating_add(scope.as_str().len());
        length.saturating_sub(Self::MAX_LENGTH)
    }
}

/// Returns the grant of a requested mail, if it has one and an operator made it for this request.
pub(super) fn verify<'a>(mail: &'a QueuedMail, keys: &LinkKeys) -> Result<Option<&'a Grant>, SignError> {
    let Some(grant) = &mail.grant else {
        return Ok(None);
    };
    let message = tagged(&grant.role, &grant.scope, &mail.sealed);
    let expected = keys.tag(mail.asked_at, LABEL, &message)?;
    Ok((expected == grant.tag).then_some(grant))
}

/// Returns the message that is tagged.
fn tagged(role: &Role, scope: &Scope, sealed: &Sealed) -> Vec<u8> {
    // Neither a role nor a scope has a line break.
    let granted = format!("{role}\n{scope}\n");
    [granted.as_bytes(), sealed.as_bytes()].concat()
}
