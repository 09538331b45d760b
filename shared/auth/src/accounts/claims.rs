//! What an operator does with the claims of a user's tokens: changing the permissions and the custom claims.

use claims::{Clock, Scope};
use serde_json::{Map, Value};

use super::keep::{check_length, end_issued, require_found};
use crate::{
    accounts::{ChangeClaims, UserError, find_user},
    feed::AnnounceRevocations,
    password::FindPassword,
    user::{Email, FindUser, User, check_custom_claims},
};

/// Changes a user's permissions. New access tokens have the new scope, and those with the old one are refused.
///
/// # Errors
/// If no user has the address, the claims would be too long for an access token, or the store fails.
pub async fn set_scope(
    email: &Email,
    scope: Scope,
    clock: &impl Clock,
    users: &(impl FindUser + FindPassword + ChangeClaims),
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let user = User {
        scope,
        ..find_user(email, users).await?
    };
    check_length(&user)?;
    require_found(users.set_scope(&user.id, &user.scope).await?)?;
    end_issued(&user, clock, feed).await?;
    Ok(user)
}

/// Replaces all custom claims of a user. New access tokens have the new claims, and those with the old ones are refused.
///
/// # Errors
/// If no user has the address, a claim has a reserved name or cannot be stored, the claims would be too long for an
/// access token, or the store fails.
pub async fn set_custom_claims(
    email: &Email,
    custom_claims: Map<String, Value>,
    clock: &impl Clock,
    users: &(impl FindUser + FindPassword + ChangeClaims),
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    check_custom_claims(&custom_claims)?;
    let user = User {
        custom_claims,
        ..find_user(email, users).await?
    };
    check_length(&user)?;
    require_found(users.set_custom_claims(&user.id, &user.custom_claims).await?)?;
    end_issued(&user, clock, feed).await?;
    Ok(user)
}
