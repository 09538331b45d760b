//! Verifying a token with keys that are followed.

use std::sync::Arc;

use claims::{Moment, Refusal};

use crate::following::{FollowError, Followed, Source};

/// Why a token gave no claims.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token is not valid.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The keys are not known. The token is not the cause.
    #[error(transparent)]
    Keys(#[from] FollowError),
}

/// Verifies a token with the keys as known at `now`. If its key is unknown, the keys are read once more, at most once a
/// minute: the key may be a newer one. Returns the keys too.
///
/// While the keys are being read, the token is verified with the last copy, which usually is the one that comes.
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
