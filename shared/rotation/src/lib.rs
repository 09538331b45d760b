//! How a key set changes while it is in use. An operator rotates it or withdraws keys from it, and Secrets Manager
//! rotates it in [`steps`].
//!
//! [`is_overdue`] is the check whether rotations still happen.
//!
//! Every change first publishes the public keys and the schedule of the new set, and then replaces the old set. So no
//! token is signed with a key that verifiers do not have. No request changes a key set.
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
mod overdue;
mod publication;
pub mod steps;
#[cfg(test)]
mod tests;

pub use change::{ChangeError, rotate, withdraw};
pub use overdue::is_overdue;
pub use publication::{ConfirmKeySet, PublishError, PublishKeySet, publish_current};
