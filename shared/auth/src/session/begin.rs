//! How a session begins, whatever its user has proved who they are with.

use claims::{
    Access, Delivery, Device, DeviceId, Millis, Refresh, SessionId, SignError, Timestamp, TokenId, TokenTerms,
};
use rand::CryptoRng;

use crate::{
    error::StoreError,
    feed::AnnounceRevocations,
    keys::Signer,
    session::{
        ClientDetails, EndedSessions, IssuedDevice, IssuedTokens, LiveSession, OpenSessions, RevokeSessions, Session,
        cap,
        device::{BoundDevice, issue_device},
        issue::issue,
    },
    user::User,
};

/// What tokens are issued with.
#[derive(Debug)]
pub struct Issuing<'a, S> {
    /// What they say, and how long they live.
    pub terms: &'a TokenTerms,
    /// The keys that sign them.
    pub signer: &'a S,
}

/// A user who has proved who they are, and how their session is to begin.
#[derive(Debug)]
pub(crate) struct Beginning<L> {
    pub(crate) user: User,
    /// What is known of the client.
    pub(crate) client: ClientDetails,
    /// How the refresh token is to travel.
    pub(crate) delivery: Delivery,
    /// The device that the user is known to use; a new one where there is none.
    pub(crate) device: Option<DeviceId>,
    /// When the user's password was set: a device is known until that changes.
    pub(crate) password_changed_at: Timestamp,
    /// The look at the sessions that the user has, which may still be under way.
    pub(crate) live: L,
    pub(crate) ids: NewIds,
}

/// The ids that a session begins with, drawn before the first await, so that no use-case holds a source of random numbers
/// across one.
#[derive(Debug)]
pub(crate) struct NewIds {
    sid: SessionId,
    access_token: TokenId,
    device: DeviceId,
    device_token: TokenId,
}

/// A session that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) tokens: IssuedTokens,
    pub(crate) device: IssuedDevice,
    /// The sessions that ended to make room for this one.
    pub(crate) ended: EndedSessions,
}

/// Why a session did not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl NewIds {
    pub(crate) fn draw(now: Millis, rng: &mut impl CryptoRng) -> Self {
        Self {
            sid: SessionId::draw(now, rng),
            access_token: TokenId::draw(now, rng),
            device_token: TokenId::draw(now, rng),
            device: DeviceId::draw(now, rng),
        }
    }

    /// The id of the session's first access token, which also names the attempt that leads to it.
    pub(crate) const fn attempt(&self) -> &TokenId {
        &self.access_token
    }
}

/// Opens a session and issues its first tokens. The user has no more than `max_sessions` afterwards: the least recently
/// used of the `live` ones end, once the new session is stored.
///
/// # Errors
/// When the store or a key fails; then nobody's session has ended, and no token was handed out.
pub(crate) async fn begin<S: Signer<Access> + Signer<Refresh> + Signer<Device>>(
    beginning: Beginning<impl Future<Output = Result<Vec<LiveSession>, StoreError>>>,
    now: Millis,
    issuing: &Issuing<'_, S>,
    max_sessions: usize,
    sessions: &(impl OpenSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<Begun, BeginError> {
    let Issuing { terms, signer } = issuing;
    let ids = beginning.ids;
    let session = open(&beginning.user, ids.sid, beginning.client, now, terms);
    let tokens = issue(
        &beginning.user,
        &session,
        beginning.delivery,
        now,
        ids.access_token,
        issuing,
    )
    .await?;
    let device = BoundDevice {
        user_id: session.user_id.clone(),
        device: beginning.device.unwrap_or(ids.device),
        password_changed_at: beginning.password_changed_at,
    };
    let device = issue_device(device, ids.device_token, now.timestamp(), &terms.issuer, *signer).await?;
    let excess = cap::excess(beginning.live.await?, max_sessions);
    if let Err(error) = sessions.create(&session).await {
        cap::withdraw(&session, now, sessions).await;
        return Err(error.into());
    }
    Ok(Begun {
        tokens,
        device,
        ended: cap::end(&session.user_id, excess, now, sessions, feed).await,
    })
}

fn open(user: &User, sid: SessionId, client: ClientDetails, now: Millis, terms: &TokenTerms) -> Session {
    let now = now.timestamp();
    let expires_at = now.plus(terms.lifetimes.absolute);
    Session {
        user_id: user.id.clone(),
        sid,
        generation: 0,
        issued_at: now,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: now.plus(terms.lifetimes.idle).min(expires_at),
        expires_at,
        epoch: user.epoch,
        revoked: None,
        auth_time: now,
        client,
    }
}
