//! What a token is held against: keys and revocations, pinned, as announced, or shared with the issuer.

use std::sync::Arc;

use api::{AuditEvent, Level};
use auth::{FeedReader, Following, KEYS_STALE, KeyReader, StoreError, Undecided};
use claims::{Access, Algorithm, Audience, Claims, Issuer, Jwks, KeySet, Millis, Refusal, Seconds, Verifier};
use config::{ConfigError, Environment};
use store::{Aws, FeedTable, KeySource};

use crate::Cause;

/// How old what is known of revocations may be while the feed cannot be read.
const STALE: Seconds = Seconds::new(60);
/// How often the public keys are read where revocations are not.
const KEYS_POLL: Seconds = Seconds::new(300);

/// Where keys and revocations come from.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The environment: nothing else is ever asked, and nothing is revoked.
    Pinned(Verifier<Access>),
    /// The feed.
    Announced(FeedReader<FeedTable, Verifier<Access>>),
    /// HS256 has no public keys: the issuer's own, and revocations from the feed where they are followed.
    Shared {
        keys: Box<KeyReader<KeySource, Access, Verifier<Access>>>,
        revocations: Option<FeedReader<FeedTable, ()>>,
    },
}

/// What is found of a token, where something can be found.
#[derive(Debug)]
pub(crate) enum Finding {
    /// It is good.
    Good(Box<Claims<Access>>),
    /// It is not, for this reason.
    Bad(&'static str),
}

/// A finding, and what kept it from being up to date.
type Found = (Finding, Vec<AuditEvent>);

impl Trust {
    /// What the environment describes; `aws` is only asked for where something is followed.
    pub(crate) async fn new<E: From<ConfigError>>(
        environment: &Environment,
        now: Millis,
        aws: impl AsyncFnOnce() -> Result<Aws, E>,
    ) -> Result<Self, E> {
        let (issuer, audience) = (environment.issuer()?, environment.audience()?);
        let poll = environment.revocation_poll()?;
        let algorithm = environment.access_token_algorithm()?;
        if let Some(jwks) = environment.pinned_jwks()? {
            return Ok(Self::Pinned(pinned(&jwks, issuer, audience, poll)?));
        }
        let table = environment.authorizer_feed_table()?;
        let following = following(environment, poll)?;
        if algorithm == Algorithm::HS256 {
            let (location, aws) = (environment.access_keys()?, aws().await?);
            let feed = FeedTable::new(aws.dynamodb(), table);
            let make =
                move |set: KeySet<Access>| Verifier::access(issuer.clone(), audience.clone(), set.verifying_keys());
            return Ok(Self::Shared {
                keys: Box::new(store::follow(location, &aws, now, make).await?),
                revocations: (poll > Seconds::new(0)).then(|| FeedReader::new(feed, following, |_| Ok(()))),
            });
        }
        let feed = FeedTable::new(aws().await?.dynamodb(), table);
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
    pub(crate) async fn find(&self, token: &str, now: Millis) -> Result<Found, Cause> {
        match self {
            Self::Pinned(verifier) => Ok((finding(verifier.verify(token, now.timestamp())), Vec::new())),
            Self::Announced(reader) => Ok(announced(reader, token, now).await?),
            Self::Shared { keys, revocations } => shared(keys, revocations.as_ref(), token, now).await,
        }
    }
}

async fn announced(
    reader: &FeedReader<FeedTable, Verifier<Access>>,
    token: &str,
    now: Millis,
) -> Result<Found, Undecided> {
    // The signature is checked while the answer of the feed is on its way.
    let early = async {
        let keys = reader.last_keys()?;
        let verified = keys.verify(token, now.timestamp());
        Some((keys, verified))
    };
    let (known, early) = futures::join!(reader.known(now), early);
    let mut known = known?;
    let keys = known.keys.ok_or(Undecided::NoKeys)?;
    let mut verified = match early {
        Some((earlier, verified)) if Arc::ptr_eq(&earlier, &keys) => verified,
        _ => keys.verify(token, now.timestamp()),
    };
    if let Err(Refusal::UnknownKey(_)) = verified
        && let Some(again) = reader.known_again(now).await?
    {
        let keys = again.keys.as_ref().ok_or(Undecided::NoKeys)?;
        verified = keys.verify(token, now.timestamp());
        known.revocations = again.revocations;
    }
    let found = match verified {
        Ok(claims) if known.revocations.revoke(&claims) => Finding::Bad("revoked"),
        other => finding(other),
    };
    Ok((found, known.fault.iter().map(feed_unread).collect()))
}

async fn shared(
    keys: &KeyReader<KeySource, Access, Verifier<Access>>,
    revocations: Option<&FeedReader<FeedTable, ()>>,
    token: &str,
    now: Millis,
) -> Result<Found, Cause> {
    let lacks = |verifier: &Verifier<Access>| verifier.lacks_key_of(token, now.timestamp());
    let verified = keys.known_for(now, lacks).await?.verify(token, now.timestamp());
    let mut notices: Vec<AuditEvent> = keys.take_fault().map(AuditEvent::from).into_iter().collect();
    let (Ok(claims), Some(reader)) = (&verified, revocations) else {
        return Ok((finding(verified), notices));
    };
    let known = reader.known(now).await?;
    notices.extend(known.fault.iter().map(feed_unread));
    let found = if known.revocations.revoke(claims) {
        Finding::Bad("revoked")
    } else {
        finding(verified)
    };
    Ok((found, notices))
}

/// How the feed is followed.
fn following(environment: &Environment, poll: Seconds) -> Result<Following, ConfigError> {
    if poll == Seconds::new(0) {
        return Ok(Following::Keys {
            poll: KEYS_POLL,
            stale: KEYS_STALE,
        });
    }
    Ok(Following::Revocations {
        poll,
        stale: STALE,
        on_failure: environment.revocation_fail()?,
    })
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
    verified.map_or_else(
        |refusal| Finding::Bad(refusal.reason()),
        |claims| Finding::Good(Box::new(claims)),
    )
}

fn feed_unread(fault: &StoreError) -> AuditEvent {
    AuditEvent::new("authorizer.feed_unread", Level::Warn).field("cause", &fault.to_string())
}
