//! What a token says: issuing, verifying and the key sets behind both, as pure functions of their arguments.
//!
//! Nothing here reads a clock, an environment or a network. `now` is always an argument, keys are
//! always given, and the only way to hold [`Claims`] is to have verified a token.

mod check;
mod claims;
mod identifier;
mod invalid_key_set;
mod json;
mod jwks;
mod key;
mod key_set;
mod key_set_document;
mod kind;
mod raw_jwk;
mod refusal;
mod scope;
mod sign_error;
mod terms;
mod time;
mod token;
mod user_claims;
#[cfg(test)]
mod vectors;
mod verifier;

pub use check::Check;
pub use claims::{AccessClaims, Claims, Delivery, DeviceClaims, Draft, RefreshClaims};
pub use identifier::{
    Audience, ClientId, DeviceId, Identifier, InvalidIdentifier, Issuer, KeyId, Named, Role, SessionId, TokenId, UserId,
};
pub use invalid_key_set::InvalidKeySet;
pub use jsonwebtoken::Algorithm;
pub use jwks::{InvalidJwks, Jwks};
pub use key::{InvalidKey, SigningKey, VerifyingKey};
pub use key_set::KeySet;
pub use key_set_document::{KeyEntry, KeySetDocument};
pub use kind::{Access, Device, Refresh, TokenKind};
pub use refusal::Refusal;
pub use scope::{InvalidScope, Scope};
pub use sign_error::SignError;
pub use terms::{Lifetimes, TokenTerms};
pub use time::{Clock, LEEWAY, Millis, Seconds, Timestamp};
pub use token::{SignedToken, SigningInput};
pub use user_claims::UserClaims;
pub use verifier::{Verifier, VerifyingKeys};
