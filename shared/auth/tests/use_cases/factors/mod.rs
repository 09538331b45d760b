//! Second factors: adding them, logging in with them, and what does not get around them.

mod enrolment;
mod gates;
mod limits;
mod remembered;
mod second_step;
mod step_up;

use std::sync::atomic::{AtomicU64, Ordering};

use auth::{
    factor::{
        ConfirmError, Confirmation, Confirmed, Enrolled, EnrolmentConfirmation, FactorError, SecondProof, SecondStep,
        SecondStepDone, SecondStepError, Seed, Step, begin_enrolment, confirm, confirm_enrolment, second_step,
    },
    feed::AnnounceRevocations,
    login::{LoginError, SecondRequired},
};
use claims::{Claims, Second, SessionId, Unverified};
use data_encoding::BASE32_NOPAD;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::world::{EMAIL, PASSWORD, World, after, client, email, factor_keys, password, request};

/// A user with an app that makes codes, and the session in which they added it.
pub(super) struct Owner {
    pub(super) world: World,
    pub(super) app: App,
    pub(super) sid: SessionId,
    /// The recovery codes.
    pub(super) recovery: Vec<String>,
}

/// An app that makes codes.
pub(super) struct App(Vec<u8>);

impl App {
    /// Reads the seed as a person would type it.
    pub(super) fn read(secret: &str) -> Self {
        Self(BASE32_NOPAD.decode(secret.as_bytes()).unwrap())
    }

    /// Returns the code this many seconds after the beginning.
    pub(super) fn code(&self, seconds: u64) -> String {
        let seed = Seed::from_bytes(&self.0).unwrap();
        seed.code(Step::at(after(seconds).timestamp()))
    }

    /// Returns a code that is wrong at this time, and one step before and after.
    pub(super) fn wrong_code(&self, seconds: u64) -> String {
        let right = [-30, 0, 30].map(|late| self.code(seconds.saturating_add_signed(late)));
        let mut codes = (0..).map(|number| format!("{number:06}"));
        codes.find(|code| !right.contains(code)).unwrap()
    }
}

impl Owner {
    /// The user logs in and adds an app at the beginning.
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let sid = world.logged_in().await.sid;
        let (app, enrolled) = enrol(&world, &sid, 0).await.unwrap();
        let codes = enrolled.recovery.unwrap();
        let recovery = codes.as_slice().iter().map(|code| code.to_text().to_string());
        Self {
            recovery: recovery.collect(),
            world,
            app,
            sid,
        }
    }

    /// Returns what the first step of a login asks for.
    pub(super) async fn first_step(&self, seconds: u64) -> Box<SecondRequired> {
        self.first_step_with(PASSWORD, seconds).await
    }

    /// Returns what the first step with this password asks for.
    pub(super) async fn first_step_with(&self, secret: &str, seconds: u64) -> Box<SecondRequired> {
        let (address, secret) = (email(EMAIL), password(secret));
        let store = &self.world.store;
        let request = request((&address, &secret), None);
        let login = self
            .world
            .login_with(request, after(seconds), store, store, store)
            .await;
        match login {
            Err(LoginError::SecondRequired(required)) => required,
            other => panic!("{other:?}"),
        }
    }

    /// Takes both steps of a login.
    pub(super) async fn login(&self, proof: SecondProof<'_>, seconds: u64) -> Result<SecondStepDone, SecondStepError> {
        let required = self.first_step(seconds).await;
        self.second_step(required.token.expose(), proof, seconds).await
    }

    /// Takes the second step with the token of the first.
    pub(super) async fn second_step(
        &self,
        token: &str,
        proof: SecondProof<'_>,
        seconds: u64,
    ) -> Result<SecondStepDone, SecondStepError> {
        self.second_step_that(token, proof, seconds, false).await
    }

    /// Takes the second step with the token of the first, and asks for the device to be remembered or not.
    pub(super) async fn second_step_that(
        &self,
        token: &str,
        proof: SecondProof<'_>,
        seconds: u64,
        remembers: bool,
    ) -> Result<SecondStepDone, SecondStepError> {
        let claims = self.claims(token, seconds).ok_or_else(SecondStepError::invalid_token)?;
        let (world, store) = (&self.world, &self.world.store);
        second_step(
            SecondStep {
                claims: &claims,
                proof,
                remembers,
                client: client(),
            },
            after(seconds),
            &mut rng(),
            &world.issuing(&world.keys),
            &factor_keys(),
            store,
            store,
            store,
            store,
            world.most_sessions,
            store,
            store,
        )
        .await
    }

    pub(super) fn claims(&self, token: &str, seconds: u64) -> Option<Claims<Second>> {
        let token = Unverified::parse(token).ok()?;
        let verifier = self.world.keys.refresh.second_steps();
        verifier.verify(&token, after(seconds).timestamp()).ok()
    }

    /// Confirms in a session who the user is.
    pub(super) async fn confirm(
        &self,
        sid: &SessionId,
        secret: &str,
        second: Option<SecondProof<'_>>,
        seconds: u64,
    ) -> Result<Confirmed, ConfirmError> {
        confirm_in(&self.world, sid, secret, second, seconds).await
    }
}

pub(super) async fn confirm_in(
    world: &World,
    sid: &SessionId,
    secret: &str,
    second: Option<SecondProof<'_>>,
    seconds: u64,
) -> Result<Confirmed, ConfirmError> {
    let (store, secret) = (&world.store, password(secret));
    confirm(
        Confirmation {
            user_id: &world.user.id,
            sid,
            password: &secret,
            second,
        },
        after(seconds),
        &mut rng(),
        &world.issuing(&world.keys),
        &world.hasher,
        &factor_keys(),
        store,
        store,
        store,
        store,
        store,
    )
    .await
}

/// Adds an app in this session.
pub(super) async fn enrol(world: &World, sid: &SessionId, seconds: u64) -> Result<(App, Enrolled), FactorError> {
    let (app, enrolment) = begin(world, sid, seconds).await?;
    let enrolled = finish(world, sid, &enrolment, &app.code(seconds), seconds).await?;
    Ok((app, enrolled))
}

/// Asks for a seed. Returns the app that has it, and the enrolment.
pub(super) async fn begin(world: &World, sid: &SessionId, seconds: u64) -> Result<(App, String), FactorError> {
    let (store, rng) = (&world.store, &mut rng());
    let now = after(seconds);
    let begun = begin_enrolment(&world.user.id, sid, "shop", now, rng, &factor_keys(), store, store).await?;
    Ok((App::read(&begun.secret), begun.enrolment))
}

/// Confirms an enrolment.
pub(super) async fn finish(
    world: &World,
    sid: &SessionId,
    enrolment: &str,
    code: &str,
    seconds: u64,
) -> Result<Enrolled, FactorError> {
    finish_announced(world, sid, enrolment, code, seconds, &world.store).await
}

/// Confirms an enrolment with this feed.
pub(super) async fn finish_announced(
    world: &World,
    sid: &SessionId,
    enrolment: &str,
    code: &str,
    seconds: u64,
    feed: &impl AnnounceRevocations,
) -> Result<Enrolled, FactorError> {
    let confirmation = EnrolmentConfirmation {
        user_id: &world.user.id,
        sid,
        enrolment,
        code,
    };
    let (store, rng) = (&world.store, &mut rng());
    confirm_enrolment(
        confirmation,
        after(seconds),
        rng,
        &factor_keys(),
        store,
        store,
        store,
        feed,
    )
    .await
}

/// Returns a generator that no other call gets, so that each attempt has its own id.
fn rng() -> StdRng {
    static CALLS: AtomicU64 = AtomicU64::new(1_000_000);
    StdRng::seed_from_u64(CALLS.fetch_add(1, Ordering::Relaxed))
}
