//! Lanes, in which attempts are counted. Each lane counts on its own, so that using one up locks nobody out of another.
//!
//! All lanes of one kind share a record for each address or user. The record has a budget: the number of failures in
//! all of them together that are admitted after less than the longest wait. [`QUICK_FAILURES`] is the sum of the
//! budgets.

use claims::{DeviceId, SessionId, UserId};

use crate::attempts::Pseudonym;

/// The failures in one lane before the longest wait: five without a wait, and ten after waits that double.
pub const LANE_FAILURES: u64 = 15;
/// The budget of all known devices of one address. One device uses at most [`LANE_FAILURES`] of it, so that a stolen
/// device takes nothing from the others.
pub const DEVICE_FAILURES: u64 = 25;
/// The budget of all sources from which strangers try one address. Three sources can use up their lanes, and an owner
/// at a fourth source still has five attempts without a wait.
pub const STRANGER_FAILURES: u64 = 50;
/// The budget of all sessions that try to change one user's password. A stolen session cannot use up the five attempts
/// without a wait that the owner's own session has.
pub const CHANGE_FAILURES: u64 = 20;
/// The total of failures that are admitted after less than the longest wait while nobody succeeds. It is below the 100
/// that NIST SP 800-63B-4 s3.2.2 allows.
pub const QUICK_FAILURES: u64 = DEVICE_FAILURES + STRANGER_FAILURES + CHANGE_FAILURES;
/// The maximum number of lanes in a record. The oldest lane makes room for a new one. Its failures are then forgotten,
/// but not its share of the budget.
pub const MAX_LANES: usize = 32;

/// Where an attempt is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A login at an address, from a device that has logged in to it before.
    Device(Pseudonym, DeviceId),
    /// A login at an address, from a source without such a device.
    Stranger {
        /// The address.
        address: Pseudonym,
        /// The source.
        source: Pseudonym,
    },
    /// A change of password in one of the user's sessions.
    Change {
        /// The user.
        user_id: UserId,
        /// The session.
        sid: SessionId,
        /// Whether the user has just given their password for this session. Such a session does not depend on the
        /// budget, which other sessions may have used up.
        is_fresh: bool,
    },
}

/// What happens once the failures of a lane, or the budget of its record, are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// The lane is closed: the attempt has to be made in another one.
    Closed,
    /// All used-up lanes of the record share one attempt in each [`crate::attempts::MAX_WAIT`].
    Shared,
}

impl Lane {
    /// The name of the lane in the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Device(..) => "device",
            Self::Stranger { .. } => "address",
            Self::Change { .. } => "change",
        }
    }

    /// The key of the record that holds this lane and all others of its kind.
    #[must_use]
    pub fn record(&self) -> String {
        match self {
            Self::Device(address, _) => format!("devices#{}", address.as_str()),
            Self::Stranger { address, .. } => format!("address#{}", address.as_str()),
            Self::Change { user_id, .. } => format!("change#{user_id}"),
        }
    }

    /// The key of the lane within its record.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Device(_, device) => device.as_str(),
            Self::Stranger { source, .. } => source.as_str(),
            Self::Change { sid, .. } => sid.as_str(),
        }
    }

    /// The number of failures in all lanes of the record at which this lane is used up, or `None` if the lane does not
    /// depend on the others.
    #[must_use]
    pub const fn budget(&self) -> Option<u64> {
        match self {
            Self::Device(..) => Some(DEVICE_FAILURES),
            Self::Stranger { .. } => Some(STRANGER_FAILURES),
            Self::Change { is_fresh: false, .. } => Some(CHANGE_FAILURES),
            Self::Change { is_fresh: true, .. } => None,
        }
    }

    /// What happens once the lane is used up.
    #[must_use]
    pub const fn used_up(&self) -> UsedUp {
        match self {
            Self::Device(..) => UsedUp::Closed,
            Self::Stranger { .. } | Self::Change { .. } => UsedUp::Shared,
        }
    }
}
