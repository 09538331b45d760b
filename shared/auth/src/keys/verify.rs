//! Verifying a token with keys that are followed.

use std::sync::Arc;

use claims::{Moment, Refusal};

use crate::following::{FollowError, Followed, Source};

/// Why a token could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token is not valid.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The keys could not be read. The token is not the cause.
    #[error(transparent)]
    Keys(#[from] FollowError),
}

/// Verifies a token with the keys as known at `now`. If the token's key is unknown, the keys are read again, at most
/// once a minute, because the key may be a new one. Returns the keys and the claims.
///
/// While the keys are being read, the token is verified with the last copy to save time. If the read finds other keys,
/// the token is verified again with those.
///
/// # Errors
/// If the token is refused, or the keys cannot be read.
pub async fn verify<S: Source, T, C>(
    keys: &Followed<S, T>,
    now: Moment,
    verify: impl Fn(&T) -> Result<C, Refusal>,
) -> Result<(Arc<T>, C), TokenError> {
    let early = async { keys.last_value().map(|last| (verify(&last), last)) };
    let (known, early) = futures::join!(keys.current(now), early);
    let known = known?;
    let verified = match early {
        Some((verified, last)) if Arc::ptr_eq(&last, &known) => verified,
        _ => verify(&known),
    };
    if let Err(Refusal::UnknownKey(_)) = verified
        && let Some(again) = keys.read_for_key(now).await?
    {
        let claims = verify(&again)?;
        return Ok((again, claims));
    }
    Ok((known, verified?))
}
