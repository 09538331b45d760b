//! Second factors in memory.

use std::collections::BTreeMap;

use auth::{
    error::StoreError,
    factor::{
        AddPasskey, ChangeFactors, EnrolTotp, Factors, FindFactors, FindPasskeyOwner, NewPasskey, NewTotp,
        OpenWithFactor, RecoveryHash, RemoveFactors, Reset, ResetFactors, Slot, Spend, StepUp, passkey::MAX_PASSKEYS,
    },
    mail::{Notice, QueuedNotice},
    session::Session,
    user::{FactorKinds, Status},
};
use claims::{Amr, Moment, Timestamp, UserId};
use webauthn::CredentialId;

use super::{Memory, Tables, mail::add_notice, raise_epoch};

impl Tables {
    /// Uses it up and queues its notice, if it is possible. Returns whether it was.
    pub(super) fn spend(&mut self, user_id: &UserId, spend: Option<&Spend>, now: Moment) -> bool {
        let Some(spend) = spend else {
            return true;
        };
        let Some(factors) = self.factors.get_mut(user_id) else {
            return false;
        };
        let is_possible = spend.is_possible(factors);
        if is_possible {
            spend.apply(factors);
            if let Some(notice) = spend.notice() {
                self.notify(user_id, notice, now);
            }
        }
        is_possible
    }

    /// Keeps only this session, in which the user has authenticated in this way, if the user has these kinds of factor.
    /// Returns whether they have and the session can be kept.
    fn begin_factor(&mut self, session: &Session, amr: Amr, seen: FactorKinds, now: Moment) -> bool {
        let user = self.users.get(&session.user_id);
        if user.is_none_or(|user| user.factors != seen) || !self.keep_only(session, now.timestamp()) {
            return false;
        }
        let key = (session.user_id.clone(), session.sid.clone());
        if let Some(session) = self.sessions.get_mut(&key) {
            session.amr = amr;
            session.auth_time = now.timestamp();
        }
        true
    }

    /// Records which kinds of factor the user has after one was added, and queues the notice.
    fn add_kinds(&mut self, user_id: &UserId, now: Moment) {
        let kinds = self.factors.get(user_id).map(Factors::kinds);
        if let (Some(user), Some(kinds)) = (self.users.get_mut(user_id), kinds) {
            user.factors = kinds;
        }
        self.notify(user_id, Notice::FactorAdded, now);
    }

    fn passkey_owner(&self, id: &CredentialId) -> Option<UserId> {
        let mut all = self.factors.iter();
        let owner = all.find(|(_, factors)| factors.passkey(id).is_some());
        owner.map(|(user_id, _)| user_id.clone())
    }

    fn notify(&mut self, user_id: &UserId, notice: Notice, now: Moment) {
        let notice = QueuedNotice::new(user_id.clone(), notice, now);
        add_notice(&mut self.notices, &notice);
    }
}

impl FindFactors for Memory {
    async fn factors(&self, user_id: &UserId) -> Result<Factors, StoreError> {
        Ok(self.tables().factors.get(user_id).cloned().unwrap_or_default())
    }
}

impl OpenWithFactor for Memory {
    async fn open(&self, session: &Session, spend: &Spend, now: Moment) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let key = (session.user_id.clone(), session.sid.clone());
        let user = tables.users.get(&session.user_id);
        let is_same = user.is_some_and(|user| user.epoch == session.epoch && user.status == Status::Enabled);
        let is_open =
            !tables.sessions.contains_key(&key) && is_same && tables.spend(&session.user_id, Some(spend), now);
        if is_open {
            tables.sessions.insert(key, session.clone());
        }
        Ok(is_open)
    }
}

impl EnrolTotp for Memory {
    async fn enrol(&self, new: NewTotp<'_>, now: Moment) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let user_id = &new.session.user_id;
        let has_totp = tables
            .factors
            .get(user_id)
            .is_some_and(|factors| factors.totp.is_some());
        if has_totp || !tables.begin_factor(new.session, new.amr, new.seen, now) {
            return Ok(false);
        }
        let factors = tables.factors.entry(user_id.clone()).or_default();
        factors.totp = Some(new.totp.clone());
        if let Some(recovery) = new.recovery {
            factors.recovery = recovery.clone();
        }
        tables.add_kinds(user_id, now);
        Ok(true)
    }
}

impl FindPasskeyOwner for Memory {
    async fn passkey_owner(&self, id: &CredentialId) -> Result<Option<UserId>, StoreError> {
        Ok(self.tables().passkey_owner(id))
    }
}

impl AddPasskey for Memory {
    async fn add_passkey(&self, new: NewPasskey<'_>, now: Moment) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let user_id = &new.session.user_id;
        let has_all = tables
            .factors
            .get(user_id)
            .is_some_and(|factors| factors.passkeys.len() >= MAX_PASSKEYS);
        let is_taken = tables.passkey_owner(&new.passkey.credential.id).is_some();
        if has_all || is_taken || !tables.begin_factor(new.session, new.amr, new.seen, now) {
            return Ok(false);
        }
        let factors = tables.factors.entry(user_id.clone()).or_default();
        factors.passkeys.push(new.passkey.clone());
        if let Some(recovery) = new.recovery {
            factors.recovery = recovery.clone();
        }
        tables.add_kinds(user_id, now);
        Ok(true)
    }
}

impl ChangeFactors for Memory {
    async fn remove_totp(&self, user_id: &UserId, seen: &Factors, now: Moment) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let Tables { factors, users, .. } = &mut *tables;
        let (Some(factors), Some(user)) = (factors.get_mut(user_id), users.get_mut(user_id)) else {
            return Ok(false);
        };
        let is_same = |one: &Factors| one.totp.as_ref().map(|totp| totp.sealed.clone());
        if seen.totp.is_none() || is_same(factors) != is_same(seen) {
            return Ok(false);
        }
        factors.totp = None;
        if factors.kinds().is_none() {
            factors.recovery.clear();
        }
        user.factors = factors.kinds();
        tables.notify(user_id, Notice::FactorRemoved, now);
        Ok(true)
    }

    async fn remove_passkey(
        &self,
        user_id: &UserId,
        id: &CredentialId,
        seen: &Factors,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let Tables { factors, users, .. } = &mut *tables;
        let (Some(factors), Some(user)) = (factors.get_mut(user_id), users.get_mut(user_id)) else {
            return Ok(false);
        };
        let is_same = factors.passkeys.len() == seen.passkeys.len() && user.factors == seen.kinds();
        if factors.passkey(id).is_none() || !is_same {
            return Ok(false);
        }
        factors.passkeys.retain(|passkey| passkey.credential.id != *id);
        if factors.kinds().is_none() {
            factors.recovery.clear();
        }
        user.factors = factors.kinds();
        tables.notify(user_id, Notice::FactorRemoved, now);
        Ok(true)
    }

    async fn rename_passkey(&self, user_id: &UserId, id: &CredentialId, label: &str) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let factors = tables.factors.get_mut(user_id);
        let mut passkeys = factors.into_iter().flat_map(|factors| &mut factors.passkeys);
        let found = passkeys.find(|passkey| passkey.credential.id == *id);
        Ok(found.map(|passkey| label.clone_into(&mut passkey.label)).is_some())
    }

    async fn replace_recovery(
        &self,
        user_id: &UserId,
        recovery: &BTreeMap<Slot, RecoveryHash>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let factors = tables
            .factors
            .get_mut(user_id)
            .filter(|factors| !factors.kinds().is_none());
        let Some(factors) = factors else {
            return Ok(false);
        };
        factors.recovery = recovery.clone();
        tables.notify(user_id, Notice::RecoveryCodesReplaced, now);
        Ok(true)
    }
}

impl StepUp for Memory {
    async fn step_up(
        &self,
        session: &Session,
        amr: Amr,
        at: Timestamp,
        spend: Option<&Spend>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let key = (session.user_id.clone(), session.sid.clone());
        let stored = tables.sessions.get(&key);
        let is_alive = stored.is_some_and(|stored| stored.revoked.is_none() && stored.epoch == session.epoch);
        let is_passkey = matches!(spend, Some(Spend::Passkey(_)));
        let is_seen = stored.is_some_and(|stored| stored.auth_time == session.auth_time);
        if !is_alive || is_passkey && !is_seen || !tables.spend(&session.user_id, spend, now) {
            return Ok(false);
        }
        if let Some(stored) = tables.sessions.get_mut(&key) {
            stored.amr = amr;
            stored.auth_time = at;
        }
        Ok(true)
    }
}

impl ResetFactors for Memory {
    async fn reset_factors(&self, user_id: &UserId, reason: &str, now: Moment) -> Result<Option<u64>, StoreError> {
        let mut tables = self.tables();
        let Some(user) = tables.users.get_mut(user_id) else {
            return Ok(None);
        };
        raise_epoch(user, now.timestamp());
        user.factors = FactorKinds::None;
        let epoch = user.epoch;
        let reset = Factors {
            reset: Some(Reset {
                at: now.timestamp(),
                reason: reason.to_owned(),
            }),
            ..Factors::default()
        };
        tables.factors.insert(user_id.clone(), reset);
        tables.notify(user_id, Notice::FactorsReset, now);
        Ok(Some(epoch))
    }
}

impl RemoveFactors for Memory {
    async fn remove_factors(&self, user_id: &UserId) -> Result<(), StoreError> {
        self.tables().factors.remove(user_id);
        Ok(())
    }
}
