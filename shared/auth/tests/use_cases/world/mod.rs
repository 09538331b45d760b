//! The world of a test: a user, stores in memory and keys. Its methods call the use cases with all their arguments.

mod parts;

use std::sync::atomic::{AtomicU64, Ordering};

use auth::{
    attempts::{ClosedSources, CountAttempts, CountSources, CountSuccesses, PseudonymKey, Throttling},
    change_password::{PasswordChange, PasswordChangeError},
    feed::AnnounceRevocations,
    keys::{KeySets, Signer},
    login::{LoggedIn, LoginError, LoginRequest},
    password::{FindPassword, Hasher, UpgradeHash},
    session::{
        Caution, Devices, FindLiveSessions, FindOtherSession, FindSession, IssuedDevice, IssuedTokens, Issuing,
        KeepOneSession, Logout, LogoutScope, OpenSessions, Recovery, RefreshError, RefreshRule, Refreshed,
        RevokeSessions, RotateSessions, Session,
    },
    user::{FindUser, NewUser, RaiseEpoch, Status, User},
};
use claims::{
    Access, Claims, Delivery, Moment, Refresh, Refusal, SessionId, Span, Timestamp, TokenTerms, Unverified, Verifier,
};
use doubles::Memory;
use rand::{SeedableRng as _, rngs::StdRng};

pub(crate) use self::parts::{At, after, client, client_at, email, factor_keys, hasher, keys, password, request, rng};
use self::parts::{refresh_keys, terms};

/// The time at which every test begins.
pub(crate) const NOW: Moment = Moment::new(1_700_000_000_000);
/// The user's address.
pub(crate) const EMAIL: &str = "Ada@example.com";
/// The user's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The password that [`World::change_password`] sets.
pub(crate) const NEW_PASSWORD: &str = "another horse battery staple";

pub(crate) struct World {
    pub(crate) store: Memory,
    pub(crate) user: User,
    pub(crate) keys: KeySets,
    pub(crate) rule: RefreshRule,
    /// What the process remembers of failed reads of users.
    pub(crate) caution: Caution,
    pub(crate) terms: TokenTerms,
    pub(crate) hasher: Hasher,
    pub(crate) pseudonyms: PseudonymKey,
    pub(crate) source_limit: Option<u64>,
    pub(crate) most_sessions: usize,
    /// How long a remembered device needs no second factor.
    pub(crate) remembered_for: Span,
    /// The sources that the process has seen closed. A new process has seen no closed source.
    pub(crate) closed: ClosedSources,
    /// A counter that makes the ids of all sessions and attempts distinct.
    logins: AtomicU64,
    reader: Verifier<Access>,
}

/// The ports to sessions that a login needs.
pub(crate) trait LoginSessions: OpenSessions + FindLiveSessions + RevokeSessions {}
impl<S: OpenSessions + FindLiveSessions + RevokeSessions> LoginSessions for S {}

impl World {
    pub(crate) async fn new() -> Self {
        let store = Memory::default();
        let new = NewUser {
            email: email(EMAIL),
            role: "analyst".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
        };
        let hasher = hasher();
        let user = auth::accounts::add_user(new, &password(PASSWORD), NOW, &mut rng(), &hasher, &store)
            .await
            .unwrap();
        let (terms, keys) = (terms(), keys(0));
        Self {
            store,
            user,
            rule: RefreshRule {
                window: Span::seconds(10),
                recovery: Recovery::Off,
            },
            caution: Caution::default(),
            reader: Verifier::access(
                terms.issuer.clone(),
                terms.audience.clone(),
                keys.access.verifying_keys(),
            ),
            logins: AtomicU64::default(),
            terms,
            hasher,
            pseudonyms: PseudonymKey::parse(&"key".repeat(11)).unwrap(),
            source_limit: Some(100),
            most_sessions: 50,
            remembered_for: Span::seconds(0),
            closed: ClosedSources::default(),
            keys,
        }
    }

    /// Adds a second refresh key, which signs from this many seconds after the beginning.
    pub(crate) fn add_refresh_key(&mut self, seconds: u64) {
        let at = after(seconds).timestamp();
        let old = keygen::refresh_key_set(Timestamp::new(0), &mut rng());
        let new = keygen::refresh_key_set(at, &mut StdRng::seed_from_u64(2));
        let old = old.strip_suffix("}]}").unwrap();
        let new = new.strip_prefix(r#"{"keys":["#).unwrap();
        let retires_at = at.plus(Span::seconds(1_000_000)).get();
        let both = format!(r#"{old},"retires_at":{retires_at}}},{new}"#);
        self.keys.refresh = refresh_keys(&both);
    }

    /// Logs the user in with a request for the refresh token in the body, and returns the tokens.
    pub(crate) async fn logged_in(&self) -> IssuedTokens {
        let login = self.login(EMAIL, PASSWORD, &self.store, &self.store).await;
        login.unwrap().tokens
    }

    pub(crate) async fn login(
        &self,
        address: &str,
        secret: &str,
        users: &(impl FindPassword + FindUser + UpgradeHash),
        sessions: &impl LoginSessions,
    ) -> Result<LoggedIn, LoginError> {
        let credentials = (&email(address), &password(secret));
        let request = request(credentials, None);
        self.login_with(request, NOW, users, &self.store, sessions).await
    }

    pub(crate) async fn login_with(
        &self,
        request: LoginRequest<'_>,
        now: Moment,
        users: &(impl FindPassword + FindUser + UpgradeHash),
        attempts: &(impl CountAttempts + CountSources + CountSuccesses),
        sessions: &impl LoginSessions,
    ) -> Result<LoggedIn, LoginError> {
        self.login_announced(request, now, users, attempts, sessions, &self.store)
            .await
    }

    pub(crate) async fn login_announced(
        &self,
        request: LoginRequest<'_>,
        now: Moment,
        users: &(impl FindPassword + FindUser + UpgradeHash),
        attempts: &(impl CountAttempts + CountSources + CountSuccesses),
        sessions: &impl LoginSessions,
        feed: &impl AnnounceRevocations,
    ) -> Result<LoggedIn, LoginError> {
        let seed = self.logins.fetch_add(1, Ordering::Relaxed);
        let throttling = Throttling {
            pseudonyms: &self.pseudonyms,
            source_limit: self.source_limit,
            closed: &self.closed,
        };
        auth::login::login(
            request,
            now,
            &mut StdRng::seed_from_u64(seed),
            &self.issuing(&self.keys),
            Devices {
                verifier: self.keys.refresh.devices(),
                remembered_for: self.remembered_for,
            },
            &self.hasher,
            throttling,
            users,
            attempts,
            self.most_sessions,
            sessions,
            feed,
        )
        .await
    }

    /// Changes the user's password in a session this many seconds after the beginning.
    pub(crate) async fn change_password(
        &self,
        sid: &SessionId,
        current: &str,
        seconds: u64,
    ) -> Result<IssuedDevice, PasswordChangeError> {
        let seed = self.logins.fetch_add(1, Ordering::Relaxed);
        let store = &self.store;
        auth::change_password::change_password(
            PasswordChange {
                user_id: &self.user.id,
                sid,
                current: &password(current),
                new: &password(NEW_PASSWORD),
                device_token: None,
            },
            after(seconds),
            &mut StdRng::seed_from_u64(seed),
            &self.hasher,
            store,
            store,
            store,
            store,
            store,
            &self.terms.issuer,
            self.keys.refresh.devices(),
            &self.keys,
        )
        .await
    }

    pub(crate) const fn issuing<'a, S>(&'a self, signer: &'a S) -> Issuing<'a, S> {
        Issuing {
            terms: &self.terms,
            signer,
        }
    }

    /// Verifies a refresh token this many seconds after the beginning.
    pub(crate) fn claims(&self, token: &str, seconds: u64) -> Result<Claims<Refresh>, Refusal> {
        let verifier = self.keys.refresh.verifier();
        verifier.verify(&Unverified::parse(token)?, after(seconds).timestamp())
    }

    /// Presents a refresh token this many seconds after the beginning.
    pub(crate) async fn refresh(&self, token: &str, seconds: u64) -> Result<Refreshed, RefreshError> {
        self.refresh_with(token, seconds, &self.store, &self.store, &self.keys)
            .await
    }

    pub(crate) async fn refresh_with(
        &self,
        token: &str,
        seconds: u64,
        users: &impl FindUser,
        sessions: &(impl RotateSessions + FindSession + RevokeSessions),
        signer: &(impl Signer<Access> + Signer<Refresh>),
    ) -> Result<Refreshed, RefreshError> {
        let claims = self.claims(token, seconds).unwrap();
        auth::session::refresh(
            &claims,
            Delivery::Body,
            after(seconds),
            &mut StdRng::seed_from_u64(seconds),
            &self.issuing(signer),
            &self.rule,
            &self.caution,
            users,
            sessions,
            &self.store,
        )
        .await
    }

    /// Logs out with a refresh token in the body.
    pub(crate) async fn logout(&self, token: &str, scope: LogoutScope, seconds: u64) -> Logout {
        self.logout_with(token, scope, seconds, &self.store).await
    }

    pub(crate) async fn logout_with(
        &self,
        token: &str,
        scope: LogoutScope,
        seconds: u64,
        store: &(impl FindUser + FindSession + FindOtherSession + RevokeSessions + RaiseEpoch + KeepOneSession),
    ) -> Logout {
        let now = after(seconds);
        let verifier = self.keys.refresh.verifier();
        let verify = |token| verifier.verify_of_any_age(&token, now.timestamp());
        let claims = match Unverified::parse(token).and_then(verify) {
            Ok(claims) => claims,
            Err(refusal) => return Logout::Refused(refusal),
        };
        auth::session::logout(claims, scope, now, store, store, store, &self.store)
            .await
            .unwrap()
    }

    pub(crate) async fn set_status(&self, status: Status) {
        match status {
            Status::Enabled => auth::accounts::enable_user(&email(EMAIL), &self.store).await,
            Status::Disabled => auth::accounts::disable_user(&email(EMAIL), NOW, &self.store, &self.store).await,
            Status::Deleting => panic!("only the owner of an account deletes it"),
        }
        .unwrap();
    }

    /// Verifies an access token and returns its claims.
    pub(crate) fn read(&self, tokens: &IssuedTokens, seconds: u64) -> Claims<Access> {
        let now = after(seconds).timestamp();
        let token = Unverified::parse(tokens.access.expose()).unwrap();
        self.reader.verify(&token, now).unwrap()
    }

    /// Returns the user's session as stored.
    pub(crate) async fn session(&self, sid: &SessionId) -> Session {
        self.store.session(&self.user.id, sid).await.unwrap().unwrap()
    }
}
