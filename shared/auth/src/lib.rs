//! The use cases of the service, one function for each, and the ports that they need. Nothing here depends on HTTP or
//! AWS.
//!
//! The arguments of a use case are everything it depends on. This example hashes and checks a password, which is a step
//! of several use cases:
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
pub mod change_address;
pub mod change_password;
pub mod confirm_address;
pub mod deletion;
pub mod error;
pub mod factor;
pub mod feed;
pub mod following;
pub mod keys;
pub mod login;
pub mod mail;
pub mod password;
pub mod register;
pub mod request_mail;
pub mod reset_password;
pub mod sealing;
pub mod session;
pub mod user;
