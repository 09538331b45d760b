//! How a key set that is in use changes: an operator rotates it or withdraws keys, and Secrets Manager rotates it in
//! [`steps`].
//!
//! Every change publishes the public keys of the new set before it replaces the old one, so that no token is signed
//! with a key that verifiers do not have. No request path uses this crate.
//!
//! ```
//! use auth::keys::ReadPublicKeys as _;
//! use claims::{Access, Algorithm, Moment};
//! use doubles::{Memory, MemorySecret};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (secret, public_keys) = (MemorySecret::default(), Memory::default());
//! let (now, rng) = (Moment::new(1_700_000_000_000), &mut config::random());
//!
//! let algorithm = Some(Algorithm::EdDSA);
//! let set = rotation::rotate::<Access>(algorithm, keygen::LEAD, now, rng, &secret, &public_keys).await.unwrap();
//!
//! assert_eq!(secret.text(), *set.to_json());
//! let published = public_keys.public_keys().await.unwrap().unwrap();
//! assert!(published.contains(set.keys[0].kid.as_str()));
//! # }
//! ```

mod change;
mod publication;
pub mod steps;
#[cfg(test)]
mod tests;

pub use change::{ChangeError, rotate, withdraw};
pub use publication::{ConfirmKeySet, NotPublished, PublishError, PublishKeySet, publish_current};
