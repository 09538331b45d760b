//! How keys are made and scheduled: for the rotation function and the tools, never in a request path.
//!
//! ```
//! use claims::{KeySet, Refresh, Timestamp};
//! use rand::{SeedableRng, rngs::StdRng};
//!
//! let now = Timestamp::new(1_700_000_000);
//! let json = keygen::refresh_key_set(now, &mut StdRng::seed_from_u64(1));
//! assert!(KeySet::<Refresh>::from_json(&json).is_ok());
//! ```

mod generation;
mod rotation;

pub use generation::{KeyGenerationError, access_key_set, key, pseudonym_key, refresh_key_set};
pub use rotation::{LEAD, NoSuchKey, RotationError, Withdrawn, continues, rotated, withdrawn};
