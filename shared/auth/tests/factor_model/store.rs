//! The stores of the use cases: the state of the model behind the ports.

use std::{
    mem::take,
    sync::{Mutex, MutexGuard},
};

use auth::{
    attempts::{
        Admission, AttemptRecord, CountAttempts, CountSources, CountSuccesses, Lane, Pseudonym, ReadFailures, Success,
        Tally, taken_back,
    },
    error::StoreError,
    factor::{Factors, FindFactors, OpenWithFactor, RecoveryHash, Slot, Spend, Step, StepUp, Totp},
    feed::{AnnounceRevocations, Revocation},
    mail::{QueueNotice, QueuedNotice},
    password::{FindPassword, Hasher, PasswordHash, PasswordRecord},
    reset_password::ResetPassword,
    session::{Alive, Change, FindLiveSessions, FindSession, LiveSession, RevokeReason, RevokeSessions, Session},
    user::{Email, FactorKinds, FindUser, User},
};
use claims::{Amr, Moment, SessionId, Span, Timestamp, TokenId, UserId};

use crate::{
    request::{Outcome, Request, sid},
    rule::Rule,
    service::{HASH, NOW, SERVICE, client, owner},
    world::{Failures, Opened, World},
};

/// When the last attempt in every lane was: every wait is over since, and nothing is forgotten.
const EARLIER: Moment = NOW.minus(Span::seconds(60 * 60));

/// The stores, and what they are used with.
pub(crate) struct Store {
    world: Mutex<World>,
    pub(crate) rule: Rule,
    pub(crate) hasher: Hasher,
    /// A request that is served just before the next write of another request.
    meanwhile: Mutex<Option<Request>>,
    /// How that request ended.
    ended: Mutex<Option<Outcome>>,
}

impl Store {
    pub(crate) fn new(world: &World, rule: &Rule, hasher: Hasher, meanwhile: Option<Request>) -> Self {
        Self {
            world: Mutex::new(world.clone()),
            rule: *rule,
            hasher,
            meanwhile: Mutex::new(meanwhile),
            ended: Mutex::default(),
        }
    }

    /// Returns the state after all requests, and how the one in the meantime ended, if it was served.
    pub(crate) fn finish(self) -> (World, Option<Outcome>) {
        (self.world.into_inner().unwrap(), self.ended.into_inner().unwrap())
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Serves the request that comes just before this write.
    async fn let_another_pass(&self) {
        let another = take(&mut *self.meanwhile.lock().unwrap());
        if let Some(request) = another {
            let outcome = self.serve(request).await;
            *self.ended.lock().unwrap() = Some(outcome);
        }
    }

    fn spend(&self, world: &mut World, spend: Option<&Spend>) -> bool {
        let Some(spend) = spend else {
            return true;
        };
        let mut factors = factors(world);
        let is_possible = (self.rule.is_possible)(spend, &factors);
        if is_possible {
            (self.rule.apply)(spend, &mut factors);
            let last_step = factors.totp.unwrap().last_step.get();
            world.last_step = last_step.cast_signed().saturating_sub(present().cast_signed());
            let hashes = factors.recovery.iter();
            world.hashes = hashes
                .map(|(slot, hash)| (slot.get(), hash.as_bytes().to_vec()))
                .collect();
        }
        is_possible
    }
}

/// Returns the present step.
pub(crate) const fn present() -> u64 {
    Step::at(NOW.timestamp()).get()
}

fn factors(world: &World) -> Factors {
    let slot = |digit: &u8| Slot::from_digit(&digit.to_string()).unwrap();
    let recovery = world.hashes.iter();
    Factors {
        totp: Some(Totp {
            sealed: SERVICE.sealed.clone(),
            added_at: Timestamp::new(0),
            last_step: Step::new(present().saturating_add_signed(world.last_step)),
        }),
        recovery: recovery
            .map(|(digit, hash)| (slot(digit), RecoveryHash::from_bytes(hash).unwrap()))
            .collect(),
        ..Factors::default()
    }
}

fn user(world: &World) -> User {
    User {
        epoch: world.epoch,
        ..SERVICE.user.clone()
    }
}

fn credentials(world: &World) -> PasswordRecord {
    PasswordRecord {
        user_id: owner(),
        password_hash: PasswordHash::from_stored(HASH.to_owned()),
        password_changed_at: Timestamp::new(world.changed_at),
    }
}

fn record(world: &World, lane: &Lane) -> Option<AttemptRecord> {
    let tally = |failures| Tally {
        failures,
        at: EARLIER,
        attempt: taken_back(),
    };
    let stored = world.records.get(&lane.record())?;
    let lanes = stored.lanes.iter();
    Some(AttemptRecord {
        all: tally(stored.all),
        lanes: lanes.map(|(key, failures)| (key.clone(), tally(*failures))).collect(),
    })
}

fn keep_record(world: &mut World, lane: &Lane, record: &AttemptRecord) {
    let lanes = record.lanes.iter().filter(|(_, tally)| tally.failures > 0);
    let failures = Failures {
        all: record.all.failures,
        lanes: lanes.map(|(key, tally)| (key.clone(), tally.failures)).collect(),
    };
    if failures == Failures::default() {
        world.records.remove(&lane.record());
    } else {
        world.records.insert(lane.record(), failures);
    }
}

impl CountAttempts for Store {
    async fn count(&self, lane: &Lane, attempt: &TokenId, now: Moment) -> Result<Admission, StoreError> {
        let lane = &(self.rule.lane)(lane);
        let mut world = self.world();
        let known = record(&world, lane).filter(|record| !record.is_forgotten(lane, now));
        let admission = known.as_ref().map_or(Admission::Admitted, |record| {
            (self.rule.admit)(record, lane, attempt, now)
        });
        if admission == Admission::Admitted {
            let counted = AttemptRecord::counted(known.as_ref(), lane, attempt, now);
            keep_record(&mut world, lane, &counted);
        }
        Ok(admission)
    }

    /// Only a store that fails leads to this.
    async fn take_back(&self, _: &Lane, _: &TokenId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn clear(&self, lane: &Lane) -> Result<(), StoreError> {
        let lane = &(self.rule.lane)(lane);
        let mut world = self.world();
        if let Some(mut record) = record(&world, lane) {
            record.clear(lane);
            keep_record(&mut world, lane, &record);
        }
        Ok(())
    }
}

impl ReadFailures for Store {
    async fn failures(&self, lane: &Lane) -> Result<u64, StoreError> {
        let lane = (self.rule.lane)(lane);
        let record = record(&self.world(), &lane);
        Ok(record.map_or(0, |record| record.lanes.get(lane.key()).map_or(0, |own| own.failures)))
    }
}

/// The limits of sources and of successes are not in the model.
impl CountSources for Store {
    async fn count_source(&self, _: &Pseudonym, _: u64, _: Moment) -> Result<Admission, StoreError> {
        Ok(Admission::Admitted)
    }

    async fn excuse_source(&self, _: &Pseudonym, _: Moment) -> Result<(), StoreError> {
        Ok(())
    }
}

impl CountSuccesses for Store {
    async fn count_success(&self, _: &Success, _: Moment) -> Result<Admission, StoreError> {
        Ok(Admission::Admitted)
    }
}

impl FindFactors for Store {
    async fn factors(&self, _: &UserId) -> Result<Factors, StoreError> {
        Ok(factors(&self.world()))
    }
}

impl FindUser for Store {
    async fn user(&self, _: &UserId) -> Result<Option<User>, StoreError> {
        Ok(Some(user(&self.world())))
    }
}

impl FindPassword for Store {
    async fn password_record(&self, _: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        Ok(Some(credentials(&self.world())))
    }
}

impl OpenWithFactor for Store {
    async fn open(&self, session: &Session, spend: &Spend, _: Moment) -> Result<bool, StoreError> {
        self.let_another_pass().await;
        let mut world = self.world();
        let sid = sid(&session.sid);
        let exists = self.rule.opens_once && world.sessions.contains_key(sid);
        if exists || session.epoch != world.epoch || !self.spend(&mut world, Some(spend)) {
            return Ok(false);
        }
        let opened = Opened {
            epoch: world.epoch,
            changed_at: world.changed_at,
        };
        world.sessions.insert(sid, opened);
        Ok(true)
    }
}

impl StepUp for Store {
    async fn step_up(
        &self,
        session: &Session,
        _: Amr,
        _: Timestamp,
        spend: Option<&Spend>,
        _: Moment,
    ) -> Result<bool, StoreError> {
        self.let_another_pass().await;
        let mut world = self.world();
        let stored = world.sessions.get(session.sid.as_str()).map(|opened| opened.epoch);
        Ok(stored == Some(session.epoch) && self.spend(&mut world, spend))
    }
}

impl ResetPassword for Store {
    async fn reset(
        &self,
        _: &Email,
        seen: &PasswordRecord,
        new: &PasswordRecord,
        factors: FactorKinds,
        spend: Option<&Spend>,
        _: Moment,
    ) -> Result<bool, StoreError> {
        self.let_another_pass().await;
        let mut world = self.world();
        let is_same = credentials(&world) == *seen && SERVICE.user.factors == factors;
        let is_set = is_same && self.spend(&mut world, spend);
        if is_set {
            world.changed_at = new.password_changed_at.get();
            world.epoch = world.epoch.saturating_add(1);
        }
        Ok(is_set)
    }
}

impl FindSession for Store {
    async fn session(&self, _: &UserId, sid: &SessionId) -> Result<Option<Session>, StoreError> {
        let world = self.world();
        let opened = world.sessions.get(sid.as_str());
        Ok(opened.map(|opened| Session {
            epoch: opened.epoch,
            ..Session::open(&SERVICE.user, sid.clone(), client(), NOW, &SERVICE.terms)
        }))
    }
}

impl FindLiveSessions for Store {
    async fn live(&self, _: Alive<'_>) -> Result<Vec<LiveSession>, StoreError> {
        Ok(Vec::new())
    }
}

impl RevokeSessions for Store {
    async fn revoke(&self, _: &UserId, _: &SessionId, _: RevokeReason, _: Timestamp) -> Result<Change, StoreError> {
        Ok(Change::Unchanged(None))
    }
}

impl QueueNotice for Store {
    async fn queue_notice(&self, _: &QueuedNotice) -> Result<(), StoreError> {
        Ok(())
    }
}

impl AnnounceRevocations for Store {
    async fn announce(&self, _: &Revocation, _: Moment) -> Result<(), StoreError> {
        Ok(())
    }
}
