//! Lanes: where attempts are counted, each by itself, so that whoever fills one keeps nobody out of another.
//!
//! The lanes of one kind have one record for each address, or for each user, and a budget in it: so many failures of all
//! of them together are admitted after less than the longest wait. The budgets are added up in
//! [`QUICK_FAILURES`].

use claims::{DeviceId, SessionId, UserId};

use crate::attempts::Pseudonym;

/// The failures in one lane before the longest wait: five at once, and ten after waits that double.
pub const LANE_FAILURES: u64 = 15;
/// The budget of all known devices of one address. One device uses up [`LANE_FAILURES`] of it at most, so that one which
/// is stolen takes nothing from the others.
pub const DEVICE_FAILURES: u64 = 25;
/// The budget of all sources from which strangers try one address. Three sources that use up theirs leave the owner, at
/// a fourth one, the five attempts that wait for nothing.
pub const STRANGER_FAILURES: u64 = 50;
/// The budget of all sessions in which one user's password is to be changed. A session that is stolen leaves the owner's
/// the five attempts that wait for nothing.
pub const CHANGE_FAILURES: u64 = 20;
/// All failures that are admitted after less than the longest wait while nobody succeeds: fewer than the 100 that NIST SP
/// 800-63B-4 s3.2.2 allows.
pub const QUICK_FAILURES: u64 = DEVICE_FAILURES + STRANGER_FAILURES + CHANGE_FAILURES;
/// How many lanes a record has at most; the oldest makes room for a new one. It is forgotten then, but not what it has
/// used up of the budget.
pub const MAX_LANES: usize = 32;

/// Where an attempt is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lane {
    /// At a login, for an address from a device that it has logged in from before.
    Device(Pseudonym, DeviceId),
    /// At a login, for an address from one source without such a device.
    Stranger {
        /// The address.
        address: Pseudonym,
        /// The source.
        source: Pseudonym,
    },
    /// At a change of password, in a session of the user.
    Change {
        /// The user.
        user_id: UserId,
        /// The session.
        sid: SessionId,
        /// Whether the user gave their password for it just now. Such a session does not depend on the budget, which
        /// others may have used up.
        is_fresh: bool,
    },
}

/// What holds once the failures of a lane, or the budget of its record, are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// The lane is closed: the attempt is to be made in another one.
    Closed,
    /// All such lanes of the record share one attempt in each [`crate::attempts::MAX_WAIT`].
    Shared,
}

impl Lane {
    /// Its name, for the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Device(..) => "device",
            Self::Stranger { .. } => "address",
            Self::Change { .. } => "change",
        }
    }

    /// What its attempts are recorded under, together with those of all lanes of its kind.
    #[must_use]
    pub fn record(&self) -> String {
        match self {
            Self::Device(address, _) => format!("devices#{}", address.as_str()),
            Self::Stranger { address, .. } => format!("address#{}", address.as_str()),
            Self::Change { user_id, .. } => format!("change#{user_id}"),
        }
    }

    /// What tells it from the other lanes of its record.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Device(_, device) => device.as_str(),
            Self::Stranger { source, .. } => source.as_str(),
            Self::Change { sid, .. } => sid.as_str(),
        }
    }

    /// How many failures of all lanes of its record there may be for it to be open; any number where it does not depend
    /// on the others.
    #[must_use]
    pub const fn budget(&self) -> Option<u64> {
        match self {
            Self::Device(..) => Some(DEVICE_FAILURES),
            Self::Stranger { .. } => Some(STRANGER_FAILURES),
            Self::Change { is_fresh: false, .. } => Some(CHANGE_FAILURES),
            Self::Change { is_fresh: true, .. } => None,
        }
    }

    /// What holds once it is used up.
    #[must_use]
    pub const fn used_up(&self) -> UsedUp {
        match self {
            Self::Device(..) => UsedUp::Closed,
            Self::Stranger { .. } | Self::Change { .. } => UsedUp::Shared,
        }
    }
}
