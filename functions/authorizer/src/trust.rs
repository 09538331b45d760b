//! What a token is held against: keys and revocations, pinned or as announced.

use std::sync::Arc;

use auth::{FeedReader, Following, Undecided};
use claims::{Access, Audience, Claims, Issuer, Jwks, Millis, Refusal, Seconds, Verifier};
use config::{ConfigError, Environment};
use store::{Client, FeedTable};

/// How old what is known of revocations may be while the feed cannot be read.
const STALE: Seconds = Seconds::new(60);

/// Where keys and revocations come from.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The environment: nothing else is ever asked, and nothing is revoked.
    Pinned(Verifier<Access>),
    /// The feed.
    Announced(FeedReader<FeedTable, Verifier<Access>>),
}

/// What is found of a token, where something can be found.
#[derive(Debug)]
pub(crate) enum Finding {
    /// It is good.
    Good(Claims<Access>),
    /// It is not, for this reason.
    Bad(&'static str),
}

impl Trust {
    /// What the environment describes; `client` is only asked for where the feed is followed.
    pub(crate) async fn new<E>(
        environment: &Environment,
        client: impl AsyncFnOnce() -> Result<Client, E>,
    ) -> Result<Self, E>
    where
        E: From<ConfigError>,
    {
        let (issuer, audience) = (environment.issuer()?, environment.audience()?);
        let poll = environment.revocation_poll()?;
        if let Some(jwks) = environment.pinned_jwks()? {
            return Ok(Self::Pinned(pinned(&jwks, issuer, audience, poll)?));
        }
        let table = environment.authorizer_feed_table()?;
        let following = if poll == Seconds::new(0) {
            Following::Keys
        } else {
            Following::Revocations {
                poll,
                stale: STALE,
                on_failure: environment.revocation_fail()?,
            }
        };
        let feed = FeedTable::new(client().await?, table);
        let make = move |jwks: &Jwks| {
            let keys = jwks.verifying_keys()?;
            Ok(Verifier::access(issuer.clone(), audience.clone(), keys))
        };
        Ok(Self::Announced(FeedReader::new(feed, following, make)))
    }

    /// Holds a token against what is known at `now`, and tells what kept that from being up to date.
    ///
    /// # Errors
    /// When nothing can be found: that is no fault of the token.
    pub(crate) async fn find(
        &self,
        token: &str,
        now: Millis,
    ) -> Result<(Finding, Option<auth::StoreError>), Undecided> {
        let reader = match self {
            Self::Pinned(verifier) => return Ok((finding(verifier.verify(token, now.timestamp())), None)),
            Self::Announced(reader) => reader,
        };
        // The signature is checked while the answer of the feed is on its way.
        let early = async {
            let keys = reader.last_keys()?;
            let verified = keys.verify(token, now.timestamp());
            Some((keys, verified))
        };
        let (known, early) = futures::join!(reader.known(now), early);
        let mut known = known?;
        let mut verified = match early {
            Some((keys, verified)) if Arc::ptr_eq(&keys, &known.keys) => verified,
            _ => known.keys.verify(token, now.timestamp()),
        };
        if let Err(Refusal::UnknownKey(_)) = verified
            && let Some(again) = reader.known_again(now).await?
        {
            known = again;
            verified = known.keys.verify(token, now.timestamp());
        }
        let found = match verified {
            Ok(claims) if known.revocations.revoke(&claims) => Finding::Bad("revoked"),
            other => finding(other),
        };
        Ok((found, known.fault))
    }
}

/// Keys that never change go with tokens that are never revoked: a process that follows revocations reads a table, and
/// then takes the keys from it too.
fn pinned(jwks: &Jwks, issuer: Issuer, audience: Audience, poll: Seconds) -> Result<Verifier<Access>, ConfigError> {
    if poll > Seconds::new(0) {
        let fault = "pinned keys need REVOCATION_POLL_SECONDS to be 0: nothing is read that could be revoked";
        return Err(ConfigError::new("JWKS", fault));
    }
    let keys = jwks
        .verifying_keys()
        .map_err(|fault| ConfigError::new("JWKS", &fault))?;
    Ok(Verifier::access(issuer, audience, keys))
}

fn finding(verified: Result<Claims<Access>, Refusal>) -> Finding {
    verified.map_or_else(|refusal| Finding::Bad(refusal.reason()), Finding::Good)
}
