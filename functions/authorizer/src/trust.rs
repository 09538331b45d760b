//! The keys and revocations with which tokens are verified. The keys are pinned, published, or shared with the issuer.

use std::sync::Arc;

use auth::{
    feed::{FeedReader, KnownRevocations, Poll},
    following::{FollowError, Followed, Following, OnFailure, Source},
    keys::{self, KEYS_STALE, Published, Secret, follow_key_set, follow_public_keys},
};
use claims::{Access, Algorithm, Audience, Claims, Issuer, Jwks, KeySet, Moment, Span, Unverified, Verifier};
use config::{ConfigError, Environment};
use reads::{Aws, FeedReads, KeySource, PublicKeyReads, SnapshotReads};
use runtime::{AuditEvent, Event};

use crate::outcome::Outcome;

/// The age up to which a copy of the revocations or of the public keys is always used while its source cannot be read.
/// Whether an older copy is used depends on `REVOCATION_FAIL`. If revocations are not followed, [`KEYS_STALE`] applies
/// instead.
const STALE: Span = Span::seconds(60);
/// The time between two reads of the public keys if revocations are not followed.
const KEYS_POLL: Span = Span::seconds(300);

/// The published public keys, of which the authorizer keeps a fresh copy.
type PublicKeys = Followed<Published<PublicKeyReads>, Verifier<Access>>;

/// The source of keys and revocations.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The keys are in the environment. Nothing is fetched, and revocations are not checked.
    Pinned(Verifier<Access>),
    /// The published keys, and the revocations of the feed if they are followed.
    Announced {
        keys: Box<PublicKeys>,
        revocations: Option<FeedReader<FeedReads, SnapshotReads>>,
    },
    /// The issuer's own keys, because HS256 has no public keys. The revocations are as in [`Trust::Announced`].
    Shared {
        keys: Box<Followed<Secret<KeySource>, Verifier<Access>>>,
        revocations: Option<FeedReader<FeedReads, SnapshotReads>>,
    },
}

impl Trust {
    /// Reads the configuration. AWS is used only if the keys are not pinned.
    ///
    /// # Errors
    /// If a variable is missing or invalid, AWS cannot be used, or the shared keys are invalid.
    pub(crate) async fn new(environment: &Environment, now: Moment) -> Result<Self, ConfigError> {
        let (issuer, audience) = (environment.issuer()?, environment.audience()?);
        let poll = environment.revocation_poll()?;
        let algorithm = environment.access_token_algorithm()?;
        if let Some(jwks) = environment.pinned_jwks()? {
            return Ok(Self::Pinned(pin_keys(&jwks, issuer, audience, poll)?));
        }
        let (feed, public_keys) = (environment.authorizer_feed_table()?, environment.public_keys_table()?);
        let snapshots = environment.feed_snapshots_table()?;
        let following = read_following(environment, poll)?;
        let aws = Aws::from_environment(environment)?;
        let revocations = (poll > Span::seconds(0)).then(|| {
            let feed = FeedReads::new(aws.clone(), feed);
            FeedReader::new(feed, SnapshotReads::new(aws.clone(), snapshots), following)
        });
        if algorithm == Algorithm::HS256 {
            let make =
                move |set: KeySet<Access>| Verifier::access(issuer.clone(), audience.clone(), set.verifying_keys());
            let location = environment.access_keys()?;
            let keys = follow_key_set(KeySource::new(&location, aws), now, make).await;
            return Ok(Self::Shared {
                keys: Box::new(keys.map_err(|fault| location.fault(&fault))?),
                revocations,
            });
        }
        let make = move |jwks: &Jwks| {
            let keys = jwks.verifying_keys()?;
            Ok(Verifier::access(issuer.clone(), audience.clone(), keys))
        };
        let public_keys = PublicKeyReads::new(aws, public_keys);
        Ok(Self::Announced {
            keys: Box::new(follow_public_keys(public_keys, following, make)),
            revocations,
        })
    }

    /// Verifies a token against the keys and revocations at `now`. If they could not be read again and a copy is used,
    /// an event about this is added to `notices`.
    ///
    /// # Errors
    /// If the token is not good, or no decision is possible. The error is the outcome of the request.
    pub(crate) async fn verify(
        &self,
        token: &Unverified<'_, Access>,
        now: Moment,
        notices: &mut Vec<AuditEvent>,
    ) -> Result<Claims<Access>, Outcome> {
        match self {
            Self::Pinned(verifier) => Ok(verifier.verify(token, now.timestamp())?),
            Self::Announced { keys, revocations } => {
                let verified = verify(keys, revocations.as_ref(), token, now, notices).await;
                notices.extend(keys.take_fault().as_ref().map(unread_feed_event));
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

impl Trust {
    /// Returns whether revocations are followed.
    pub(crate) const fn follows_revocations(&self) -> bool {
        self.revocations().is_some()
    }

    /// Returns the last poll of the feed, unless an earlier call returned it.
    pub(crate) fn take_poll(&self) -> Option<Poll> {
        self.revocations()?.take_poll()
    }

    const fn revocations(&self) -> Option<&FeedReader<FeedReads, SnapshotReads>> {
        match self {
            Self::Pinned(_) => None,
            Self::Announced { revocations, .. } | Self::Shared { revocations, .. } => revocations.as_ref(),
        }
    }
}

/// Verifies a token against keys and revocations that are followed. Both are read at the same time.
async fn verify<S: Source>(
    keys: &Followed<S, Verifier<Access>>,
    revocations: Option<&FeedReader<FeedReads, SnapshotReads>>,
    token: &Unverified<'_, Access>,
    now: Moment,
    notices: &mut Vec<AuditEvent>,
) -> Result<Claims<Access>, Outcome> {
    let verify = |verifier: &Verifier<Access>| verifier.verify(token, now.timestamp());
    let (revoked, verified) = futures::join!(read_revocations(revocations, now), keys::verify(keys, now, verify));
    let (_, claims) = verified?;
    require_unrevoked(claims, revoked, notices)
}

/// Returns the revocations, or an empty set if they are not followed.
async fn read_revocations(
    feed: Option<&FeedReader<FeedReads, SnapshotReads>>,
    now: Moment,
) -> Result<KnownRevocations, FollowError> {
    match feed {
        Some(feed) => feed.current(now).await,
        None => Ok(KnownRevocations {
            revocations: Arc::default(),
            fault: None,
        }),
    }
}

/// Returns the claims of a valid token, or the outcome of the request if the token is revoked or the revocations are
/// not available.
fn require_unrevoked(
    claims: Claims<Access>,
    revoked: Result<KnownRevocations, FollowError>,
    notices: &mut Vec<AuditEvent>,
) -> Result<Claims<Access>, Outcome> {
    let KnownRevocations { revocations, fault } = revoked?;
    notices.extend(fault.iter().map(unread_feed_event));
    if revocations.covers(&claims) {
        return Err(Outcome::Refused("revoked"));
    }
    Ok(claims)
}

/// Returns how the public keys are followed. If `poll` is not zero, the revocations are followed in the same way, so
/// that a leaked key is refused as quickly as a revoked token.
fn read_following(environment: &Environment, poll: Span) -> Result<Following, ConfigError> {
    if poll == Span::seconds(0) {
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

/// Returns a verifier with pinned keys. Pinned keys require that revocations are not followed: a process that reads
/// tables for revocations should read the keys from a table too.
fn pin_keys(jwks: &Jwks, issuer: Issuer, audience: Audience, poll: Span) -> Result<Verifier<Access>, ConfigError> {
    if poll > Span::seconds(0) {
        let fault = "with pinned keys, REVOCATION_POLL_SECONDS must be 0";
        return Err(ConfigError::new("JWKS", fault));
    }
    let keys = jwks
        .verifying_keys()
        .map_err(|fault| ConfigError::new("JWKS", &fault))?;
    Ok(Verifier::access(issuer, audience, keys))
}

fn unread_feed_event(fault: &FollowError) -> AuditEvent {
    AuditEvent::new(Event::AuthorizerFeedUnread).field("cause", &fault.to_string())
}
