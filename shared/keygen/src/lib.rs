//! Making and scheduling keys, for the rotation function and the tools. No request makes or changes a key.
//!
//! ```
//! use claims::{KeySet, Refresh, Timestamp};
//! use rand::{SeedableRng, rngs::StdRng};
//!
//! let now = Timestamp::new(1_700_000_000);
//! let json = keygen::refresh_key_set(now, &mut StdRng::seed_from_u64(1));
//! assert!(KeySet::<Refresh>::from_json(&json).is_ok());
//! ```

#[cfg(test)]
mod example;
mod generation;
mod schedule;
mod withdrawal;

pub use generation::{KeyGenerationError, access_key_set, key, pseudonym_key, refresh_key_set, sealing_key};
pub use schedule::{LEAD, add_successor};
pub use withdrawal::{NoSuchKey, WithdrawalError, Withdrawn, withdraw_keys};
