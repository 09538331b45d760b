//! What a token is held against: keys and revocations, pinned, as announced, or shared with the issuer.

use std::sync::Arc;

use auth::{
    feed::{FeedReader, Known},
    following::{FollowError, Followed, Following, OnFailure, Source},
    keys::{self, KEYS_STALE, Published, follow_public_keys},
};
use claims::{Access, Algorithm, Audience, Claims, Issuer, Jwks, KeySet, Millis, Seconds, Unverified, Verifier};
use config::{ConfigError, Environment};
use runtime::{AuditEvent, Event};
use store::{Aws, FeedTable, FollowedSecret, PublicKeyTable, SnapshotTable};

use crate::outcome::Outcome;

/// How old what is known of revocations may be while the feed cannot be read.
const STALE: Seconds = Seconds::new(60);
/// How often the public keys are read where revocations are not.
const KEYS_POLL: Seconds = Seconds::new(300);

/// The public keys that every authorizer reads.
type PublicKeys = Followed<Published<PublicKeyTable>, Verifier<Access>>;

/// Where keys and revocations come from.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The environment: nothing else is ever asked, and nothing is revoked.
    Pinned(Verifier<Access>),
    /// What is published, and revocations from the feed where they are followed.
    Announced {
        keys: Box<PublicKeys>,
        revocations: Option<FeedReader<FeedTable, SnapshotTable>>,
    },
    /// HS256 has no public keys: the issuer's own, and revocations as before.
    Shared {
        keys: Box<FollowedSecret<Verifier<Access>>>,
        revocations: Option<FeedReader<FeedTable, SnapshotTable>>,
    },
}

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
        let (feed, public_keys) = (environment.authorizer_feed_table()?, environment.public_keys_table()?);
        let snapshots = environment.feed_snapshots_table()?;
        let following = following(environment, poll)?;
        let aws = aws().await?;
        let revocations = (poll > Seconds::new(0)).then(|| {
            let feed = FeedTable::new(aws.dynamodb(), feed);
            FeedReader::new(feed, SnapshotTable::new(aws.dynamodb(), snapshots), following)
        });
        if algorithm == Algorithm::HS256 {
            let make =
                move |set: KeySet<Access>| Verifier::access(issuer.clone(), audience.clone(), set.verifying_keys());
            let location = environment.access_keys()?;
            return Ok(Self::Shared {
                keys: Box::new(store::follow(location, &aws, now, make).await?),
                revocations,
            });
        }
        let make = move |jwks: &Jwks| {
            let keys = jwks.verifying_keys()?;
            Ok(Verifier::access(issuer.clone(), audience.clone(), keys))
        };
        let public_keys = PublicKeyTable::new(aws.dynamodb(), public_keys);
        Ok(Self::Announced {
            keys: Box::new(follow_public_keys(public_keys, following, make)),
            revocations,
        })
    }

    /// Holds a token against what is known at `now`, and notices what kept that from being up to date.
    ///
    /// # Errors
    /// With what the authorizer comes to where the token is not good, or nothing can be found of it.
    pub(crate) async fn verify(
        &self,
        token: &Unverified<'_, Access>,
        now: Millis,
        notices: &mut Vec<AuditEvent>,
    ) -> Result<Claims<Access>, Outcome<'static>> {
        match self {
            Self::Pinned(verifier) => Ok(verifier.verify(token, now.timestamp())?),
            Self::Announced { keys, revocations } => {
                let verified = verify(keys, revocations.as_ref(), token, now, notices).await;
                notices.extend(keys.take_fault().as_ref().map(feed_unread));
                verified
            }
            Self::Shared { keys, revocations } => {
                let verified = verify(keys, revocations.as_ref(), token, now, notices).await;
                notices.extend(keys.take_fault().map(AuditEvent::from));
                verified
            }
        }
    }
}

/// Holds a token against keys and revocations that are followed. Both are read at the same time.
async fn verify<S: Source>(
    keys: &Followed<S, Verifier<Access>>,
    revocations: Option<&FeedReader<FeedTable, SnapshotTable>>,
    token: &Unverified<'_, Access>,
    now: Millis,
    notices: &mut Vec<AuditEvent>,
) -> Result<Claims<Access>, Outcome<'static>> {
    let verify = |verifier: &Verifier<Access>| verifier.verify(token, now.timestamp());
    let (revoked, verified) = futures::join!(revoked(revocations, now), keys::verify(keys, now, verify));
    let (_, claims) = verified?;
    unrevoked(claims, revoked, notices)
}

/// What is revoked; nothing is where that is not followed.
async fn revoked(feed: Option<&FeedReader<FeedTable, SnapshotTable>>, now: Millis) -> Result<Known, FollowError> {
    match feed {
        Some(feed) => feed.known(now).await,
        None => Ok(Known {
            revocations: Arc::default(),
            fault: None,
        }),
    }
}

/// The claims of a token that verifies, if they are not revoked.
fn unrevoked(
    claims: Claims<Access>,
    revoked: Result<Known, FollowError>,
    notices: &mut Vec<AuditEvent>,
) -> Result<Claims<Access>, Outcome<'static>> {
    let Known { revocations, fault } = revoked?;
    notices.extend(fault.iter().map(feed_unread));
    if revocations.revoke(&claims) {
        return Err(Outcome::Refused("revoked"));
    }
    Ok(claims)
}

/// How the public keys are followed, and revocations where they are: then as often as those, so that a key that has leaked
/// is refused as soon as a token that is revoked.
fn following(environment: &Environment, poll: Seconds) -> Result<Following, ConfigError> {
    if poll == Seconds::new(0) {
        return Ok(Following {
            poll: KEYS_POLL,
            stale: KEYS_STALE,
            on_failure: OnFailure::Closed,
        });
    }
    Ok(Following {
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

fn feed_unread(fault: &FollowError) -> AuditEvent {
    AuditEvent::new(Event::AuthorizerFeedUnread).field("cause", &fault.to_string())
}
