//! What the service does: one function per use-case, and the ports that it needs. No HTTP, no AWS.
//!
//! A use case is a function, and its arguments are all that it depends on. Here a password is hashed and checked:
//!
//! ```
//! use auth::password::{HashCost, Hasher, Password, Salt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use rand::{SeedableRng, rngs::StdRng};
//! # let mut rng = StdRng::seed_from_u64(1);
//! let hasher = Hasher::new(HashCost::MIN);
//! let password = Password::parse("correct horse battery staple")?;
//! let hash = hasher.hash(&password, Salt::new(&mut rng)).await?;
//! assert!(hasher.check(&hash, &password).await?);
//! assert!(!hasher.check(&hash, &Password::parse("another one")?).await?);
//! # Ok(())
//! # }
//! ```

pub mod accounts;
pub mod attempts;
pub mod change_password;
pub mod error;
pub mod feed;
pub mod following;
pub mod keys;
pub mod login;
pub mod password;
pub mod session;
pub mod user;
