//! Tokens and key sets: this crate issues and verifies tokens with the keys and the time that it is given.
//!
//! This crate does no I/O and reads neither the environment nor a clock: it only declares the trait [`Clock`]. System
//! randomness is used only where `ring` requires it, for RSA and P-256 keys. The only way to get [`Claims`] is to
//! verify a token.
//!
//! ```
//! use claims::{Draft, Delivery, Issuer, KeySet, Refresh, RefreshClaims, Span, Timestamp, Unverified, Verifier};
//!
//! let keys = KeySet::<Refresh>::from_json(
//!     r#"{"keys":[{"kid":"one","alg":"HS256","activates_at":0,"k":"mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU"}]}"#,
//! )?;
//! let issuer: Issuer = "https://auth.example.com".parse()?;
//! let now = Timestamp::new(1_700_000_000);
//! let token = keys.sign::<Refresh>(&Draft {
//!     iss: issuer.clone(),
//!     aud: issuer.as_audience(),
//!     sub: "ada".parse()?,
//!     jti: "token-1".parse()?,
//!     iat: now,
//!     exp: now.plus(Span::seconds(3_600)),
//!     own: RefreshClaims { sid: "session-1".parse()?, generation: 0, delivery: Delivery::Body },
//! })?;
//!
//! let verifier = Verifier::refresh(issuer, keys.verifying_keys());
//! let token = Unverified::parse(token.expose())?;
//! assert_eq!(verifier.verify(&token, now)?.sub().as_str(), "ada");
//! assert!(verifier.verify(&token, now.plus(Span::seconds(7_200))).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What does not compile
//!
//! Claims without a verifier:
//!
//! ```compile_fail,E0451
//! fn forge(own: claims::AccessClaims) -> claims::Claims<claims::Access> {
//!     let (sub, jti) = ("ada".parse().unwrap(), "token-1".parse().unwrap());
//!     let at = claims::Timestamp::new(0);
//!     claims::Claims { sub, jti, iat: at, exp: at, own }
//! }
//! ```
//!
//! A refresh token in place of an access token:
//!
//! ```compile_fail,E0308
//! fn call(_: &claims::SignedToken<claims::Access>) {}
//! fn confuse(token: &claims::SignedToken<claims::Refresh>) {
//!     call(token);
//! }
//! ```
//!
//! A signed token without a key:
//!
//! ```compile_fail,E0451
//! fn forge(text: String) -> claims::SignedToken<claims::Access> {
//!     claims::SignedToken { text, kind: std::marker::PhantomData }
//! }
//! ```

mod authentication;
mod check;
mod claims;
mod header;
mod identifier;
mod invalid_key_set;
mod json;
mod jwks;
mod key;
mod key_schedule;
mod key_set;
mod key_set_document;
mod kind;
mod link_claims;
mod raw_jwk;
mod refusal;
mod scope;
mod second_claims;
mod sign_error;
mod terms;
mod time;
mod token;
mod user_claims;
#[cfg(test)]
mod vectors;
mod verifier;
mod verifying_keys;

pub use authentication::{Acr, Amr, Method};
pub use check::Check;
pub use claims::{AccessClaims, Claims, Delivery, DeviceClaims, Draft, RefreshClaims};
pub use identifier::{
    Audience, ClientId, DeviceId, Identifier, InvalidIdentifier, Issuer, KeyId, Named, Role, SessionId, TokenId, UserId,
};
pub use invalid_key_set::InvalidKeySet;
pub use jsonwebtoken::Algorithm;
pub use jwks::{InvalidJwks, Jwks};
pub use key::{InvalidKey, SigningKey, VerifyingKey};
pub use key_schedule::{KeySchedule, ScheduledKey};
pub use key_set::KeySet;
pub use key_set_document::{KeyEntry, KeySetDocument};
pub use kind::{Access, Device, Link, Refresh, Second, TokenKind};
pub use link_claims::{LinkBinding, LinkClaims};
pub use refusal::Refusal;
pub use scope::{InvalidScope, Scope};
pub use second_claims::SecondClaims;
pub use sign_error::SignError;
pub use terms::{Lifetimes, TokenTerms};
pub use time::{Clock, LEEWAY, Moment, Span, Timestamp};
pub use token::{Names, SignedToken, SigningInput, Unverified};
pub use user_claims::UserClaims;
pub use verifier::Verifier;
pub use verifying_keys::VerifyingKeys;
