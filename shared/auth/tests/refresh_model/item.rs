//! The stored session in the model. Times are stored as ages, so that the same situation at another time is the same
//! state.

use std::sync::LazyLock;

use auth::session::{ClientDetails, RevokeReason, Session};
use claims::{Amr, LEEWAY, SessionId, Timestamp, UserId};

/// The current time in every state. When time passes, everything else becomes older.
pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
/// The time at which every session ends. The model never reaches it, and no move may change it.
const EXPIRES_AT: Timestamp = NOW.plus(LEEWAY).plus(LEEWAY);

/// The attributes of a [`Session`] that the rule reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Item {
    pub(crate) generation: u8,
    /// How many ticks ago a refresh last handed out this generation, or `None` if none did.
    pub(crate) delivered: Option<u8>,
    /// How many ticks ago a refresh last handed out the previous generation, or `None` if none did.
    pub(crate) previous: Option<u8>,
    pub(crate) recovered: Option<u8>,
    pub(crate) epoch: u8,
    /// How many ticks ago the session expired, or `None` if it has not.
    pub(crate) expired: Option<u8>,
    pub(crate) revoked: bool,
}

impl Item {
    /// The stored session right after login.
    pub(crate) const LOGIN: Self = Self {
        generation: 0,
        delivered: None,
        previous: None,
        recovered: None,
        epoch: 0,
        expired: None,
        revoked: false,
    };

    /// Returns the [`Session`] with these attributes.
    pub(crate) fn session(&self) -> Session {
        static LOGIN: LazyLock<Session> = LazyLock::new(login);
        Session {
            generation: self.generation.into(),
            delivered_at: self.delivered.map(ago),
            previous_delivered_at: self.previous.map(ago),
            recovered_generation: self.recovered.map(u64::from),
            idle_expires_at: self.expired.map_or(NOW, expired),
            epoch: self.epoch.into(),
            revoked: self.revoked.then_some((NOW, RevokeReason::Theft)),
            ..LOGIN.clone()
        }
    }

    /// Makes the item of a session that a production function returned.
    pub(crate) fn of(session: &Session) -> Self {
        let alive = NOW < session.idle_expires_at.plus(LEEWAY);
        Self {
            generation: small(session.generation),
            delivered: session.delivered_at.map(age),
            previous: session.previous_delivered_at.map(age),
            recovered: session.recovered_generation.map(small),
            epoch: small(session.epoch),
            expired: (!alive).then(|| age(session.idle_expires_at.plus(LEEWAY))),
            revoked: session.revoked.is_some(),
        }
    }

    /// Returns whether the session is over according to a clock that is `clock` ticks behind.
    pub(crate) fn is_over(&self, clock: u8) -> bool {
        self.revoked || self.expired.is_some_and(|age| age >= clock)
    }

    /// Adds a tick to every age, up to `oldest`. The rule treats all greater ages like `oldest`.
    pub(crate) fn tick(&mut self, oldest: u8) {
        for age in [&mut self.delivered, &mut self.previous, &mut self.expired]
            .into_iter()
            .flatten()
        {
            *age = age.saturating_add(1).min(oldest);
        }
    }

    /// Subtracts `base` from all generations.
    pub(crate) fn count_from(&mut self, base: u8) {
        self.generation = self.generation.saturating_sub(base);
        self.recovered = self.recovered.map(|recovered| recovered.saturating_sub(base));
    }
}

/// Returns the time that is `age` ticks before [`NOW`].
pub(crate) fn ago(age: u8) -> Timestamp {
    Timestamp::new(NOW.get().saturating_sub(age.into()))
}

fn age(at: Timestamp) -> u8 {
    small(NOW.since(at).get())
}

fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// Returns the `idle_expires_at` of a session that expired this many ticks ago.
fn expired(age: u8) -> Timestamp {
    Timestamp::new(ago(age).get().saturating_sub(LEEWAY.get()))
}

#[expect(clippy::unwrap_used, reason = "both names are well-formed")]
fn login() -> Session {
    Session {
        user_id: UserId::parse("user").unwrap(),
        sid: SessionId::parse("session").unwrap(),
        generation: 0,
        issued_at: NOW,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: NOW,
        expires_at: EXPIRES_AT,
        epoch: 0,
        revoked: None,
        created_at: NOW,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        client: ClientDetails::default(),
        is_new_device: false,
    }
}
