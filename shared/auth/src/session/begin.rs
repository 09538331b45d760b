//! How a session begins after its user has authenticated.

use claims::{
    Access, Amr, Delivery, Device, DeviceId, Moment, Refresh, SessionId, SignError, Timestamp, TokenId, TokenTerms,
};
use rand::CryptoRng;

use crate::{
    error::StoreError,
    feed::AnnounceRevocations,
    keys::Signer,
    session::{
        ClientDetails, EndedSessions, IssuedDevice, IssuedTokens, LiveSession, OpenSessions, RevokeSessions, Session,
        cap,
        device::{BoundDevice, KnownDevice, issue_device},
        issue::issue,
    },
    user::User,
};

/// What is needed to issue tokens.
#[derive(Debug)]
pub struct Issuing<'a, S> {
    /// The issuer, audience and lifetimes of the tokens.
    pub terms: &'a TokenTerms,
    /// The signing keys.
    pub signer: &'a S,
}

/// A user who has authenticated, and what their new session needs.
#[derive(Debug)]
pub(crate) struct Beginning<L> {
    pub(crate) user: User,
    /// What is known about the client.
    pub(crate) client: ClientDetails,
    /// How the refresh token is delivered.
    pub(crate) delivery: Delivery,
    /// The user's known device. If there is none, the device token gets the new device id from `ids`.
    pub(crate) device: Option<KnownDevice>,
    /// Whether a user who has logged in before may want to know about this device.
    pub(crate) is_new_device: bool,
    /// When the user's password was set, if they have authenticated with it. A device stays known until the password
    /// changes. Without a password no device becomes known: that only matters to the limits of passwords.
    pub(crate) password_changed_at: Option<Timestamp>,
    /// How the user has authenticated.
    pub(crate) amr: Amr,
    /// A future of the user's live sessions. The read may still be in progress.
    pub(crate) live: L,
    pub(crate) ids: NewIds,
}

/// The ids of a new session. They are drawn before the first await, so that no use case holds a random number generator
/// across an await.
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
    pub(crate) device: Option<IssuedDevice>,
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
    pub(crate) fn draw(now: Moment, rng: &mut impl CryptoRng) -> Self {
        Self {
            sid: SessionId::draw(now, rng),
            access_token: TokenId::draw(now, rng),
            device_token: TokenId::draw(now, rng),
            device: DeviceId::draw(now, rng),
        }
    }

    /// Returns the id of the session's first access token, which also identifies the login attempt.
    pub(crate) const fn attempt(&self) -> &TokenId {
        &self.access_token
    }

    /// Returns the ids with another id of the session, which an earlier request has drawn.
    pub(crate) fn for_session(self, sid: SessionId) -> Self {
        Self { sid, ..self }
    }

    /// Returns the ids of the session and of the device, for a request that continues this one.
    pub(crate) fn into_session_and_device(self) -> (SessionId, DeviceId) {
        (self.sid, self.device)
    }
}

/// Opens a session and issues its first tokens. The `admission` decides whether the user gets the tokens. It runs while
/// the session is stored. Once the new session is stored, the least recently used of the `live` sessions end, so that
/// the user has no more than `max_sessions`.
///
/// # Errors
/// If the admission, the store or a key fails. In that case, none of the `live` sessions ends and no token is handed
/// out. If the new session may have been stored, it is revoked, provided that the store answers soon.
pub(crate) async fn begin<S: Signer<Access> + Signer<Refresh> + Signer<Device>, E: From<BeginError>>(
    beginning: Beginning<impl Future<Output = Result<Vec<LiveSession>, StoreError>>>,
    admission: impl Future<Output = Result<(), E>>,
    now: Moment,
    issuing: &Issuing<'_, S>,
    max_sessions: usize,
    sessions: &(impl OpenSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<Begun, E> {
    let (prepared, live) = prepare(beginning, now, issuing).await;
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            admission.await?;
            return Err(BeginError::from(error).into());
        }
    };
    let stored = async { futures::join!(sessions.create(&prepared.session), live) };
    let (admitted, (created, live)) = futures::join!(admission, stored);
    let stored = created.and(live).map_err(|error| BeginError::from(error).into());
    let live = match admitted.and(stored) {
        Ok(live) => live,
        Err(error) => {
            cap::withdraw(&prepared.session, now, sessions).await;
            return Err(error);
        }
    };
    Ok(prepared.finish(Ok(live), max_sessions, now, sessions, feed).await)
}

/// Opens a session with `open` and issues its first tokens, as [`begin`] does. `open` stores the session together with
/// whatever else has to happen in the same step.
///
/// # Errors
/// If `open` or a key fails. In that case, none of the `live` sessions ends and no token is handed out. The session is not
/// revoked: it may be that of an earlier request which succeeded.
pub(crate) async fn begin_with<S: Signer<Access> + Signer<Refresh> + Signer<Device>, E: From<BeginError>>(
    beginning: Beginning<impl Future<Output = Result<Vec<LiveSession>, StoreError>>>,
    open: impl AsyncFnOnce(&Session) -> Result<(), E>,
    now: Moment,
    issuing: &Issuing<'_, S>,
    max_sessions: usize,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> Result<Begun, E> {
    let (prepared, live) = prepare(beginning, now, issuing).await;
    let prepared = prepared.map_err(BeginError::from)?;
    let (opened, live) = futures::join!(open(&prepared.session), live);
    opened?;
    Ok(prepared.finish(live, max_sessions, now, sessions, feed).await)
}

/// A session that is not stored yet, with its first tokens.
struct Prepared {
    session: Session,
    tokens: IssuedTokens,
    device: Option<IssuedDevice>,
}

/// Signs the tokens of a new session. Returns them with the future of the user's live sessions.
async fn prepare<S: Signer<Access> + Signer<Refresh> + Signer<Device>, L>(
    beginning: Beginning<L>,
    now: Moment,
    issuing: &Issuing<'_, S>,
) -> (Result<Prepared, SignError>, L) {
    let ids = beginning.ids;
    let session = Session {
        is_new_device: beginning.is_new_device,
        amr: beginning.amr,
        ..Session::open(&beginning.user, ids.sid, beginning.client, now, issuing.terms)
    };
    let device = beginning.password_changed_at.map(|password_changed_at| BoundDevice {
        user_id: session.user_id.clone(),
        device: beginning.device.unwrap_or(KnownDevice {
            id: ids.device,
            second: None,
        }),
        password_changed_at,
    });
    let token_ids = (ids.access_token, ids.device_token);
    let user = &beginning.user;
    let signed = sign(user, &session, beginning.delivery, device, token_ids, now, issuing).await;
    let prepared = signed.map(|(tokens, device)| Prepared {
        session,
        tokens,
        device,
    });
    (prepared, beginning.live)
}

impl Prepared {
    /// Ends the sessions above the limit. If they could not be read, none ends, and the next login tries again.
    async fn finish(
        self,
        live: Result<Vec<LiveSession>, StoreError>,
        max_sessions: usize,
        now: Moment,
        sessions: &impl RevokeSessions,
        feed: &impl AnnounceRevocations,
    ) -> Begun {
        let ended = match live {
            Ok(live) => {
                // The read may have seen the new session.
                let others = live.into_iter().filter(|other| other.sid != self.session.sid);
                let excess = cap::excess(others.collect(), max_sessions);
                cap::end(&self.session.user_id, excess, now, sessions, feed).await
            }
            Err(error) => EndedSessions {
                ended: Vec::new(),
                failed: Some(error),
            },
        };
        Begun {
            tokens: self.tokens,
            device: self.device,
            ended,
        }
    }
}

/// Signs the first tokens of a session, and the token of its device if it becomes known.
async fn sign<S: Signer<Access> + Signer<Refresh> + Signer<Device>>(
    user: &User,
    session: &Session,
    delivery: Delivery,
    device: Option<BoundDevice>,
    (access_token, device_token): (TokenId, TokenId),
    now: Moment,
    issuing: &Issuing<'_, S>,
) -> Result<(IssuedTokens, Option<IssuedDevice>), SignError> {
    let tokens = issue(user, session, delivery, now, access_token, issuing).await?;
    let issuer = &issuing.terms.issuer;
    let device = match device {
        None => None,
        Some(device) => Some(issue_device(device, device_token, now.timestamp(), issuer, issuing.signer).await?),
    };
    Ok((tokens, device))
}

impl Session {
    /// Returns a new session for a user who has just authenticated with a password, on a device that is not new.
    #[must_use]
    pub fn open(user: &User, sid: SessionId, client: ClientDetails, now: Moment, terms: &TokenTerms) -> Self {
        let now = now.timestamp();
        let expires_at = now.plus(terms.lifetimes.absolute);
        Self {
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
            created_at: now,
            auth_time: now,
            amr: Amr::PASSWORD,
            client,
            is_new_device: false,
        }
    }
}
