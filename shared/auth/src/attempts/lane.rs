//! Lanes, in which attempts at passwords are counted. Each lane has its own count, so that failures in one lane cause
//! no wait in another.
//!
//! All lanes of one kind for one address or user are stored in one record. The record has a budget for the failures in
//! all its lanes together. Once the budget is used up, all lanes of the record are used up, except those of fresh
//! sessions. [`UsedUp`] describes what happens to attempts in a used-up lane. [`QUICK_FAILURES`] is the sum of the
//! budgets.

use claims::{DeviceId, Moment, SessionId, Span, Timestamp, UserId};

use crate::attempts::{FORGOTTEN_AFTER, Pseudonym};

/// The number of failures at which a lane is used up: five without a wait, and ten after waits that double.
pub const LANE_FAILURES: u64 = 15;
/// The budget of all known devices of one address. One device uses at most [`LANE_FAILURES`] of it, so that a stolen
/// device cannot use up the budget of the others.
pub const DEVICE_FAILURES: u64 = 25;
/// The budget of all attempts at one address that do not come from a known device. Even after three sources have used
/// up their lanes, a fourth source still has five attempts without a wait, so the owner of the address can log in from
/// there.
pub const STRANGER_FAILURES: u64 = 50;
/// The budget of all sessions that try to change one user's password. One stolen session uses at most [`LANE_FAILURES`]
/// of it, so that the owner's own session keeps its five attempts without a wait.
pub const CHANGE_FAILURES: u64 = 20;
/// The budget of all requests for which codes from mails are tried at one address. A request uses at most
/// [`LANE_FAILURES`] of it. Once it is used up, codes are refused until one succeeds, and links still work.
pub const CODE_FAILURES: u64 = 60;
/// The number of failed codes of a second factor at which they are refused, until the password changes or another factor
/// succeeds. With three codes in a million that are right at any time, an attacker who knows the password succeeds with
/// two in ten thousand users.
pub const SECOND_FAILURES: u64 = 60;
/// The budget of all resets in which codes of one user's second factor are tried. Together with [`SECOND_FAILURES`], it is
/// the 100 that NIST SP 800-63B-4 s3.2.2 allows on one account: somebody may know the password and read the mail.
pub const RESET_FAILURES: u64 = 40;
/// How long after the last failed code the failures of a second factor are forgotten: a year, since a limit that ends
/// after a day would be no limit.
pub const SECOND_FORGOTTEN_AFTER: Span = Span::seconds(365 * 24 * 60 * 60);
/// The maximum number of failed attempts at one user's password that are admitted at once or after less than the longest
/// wait, as long as no attempt succeeds. It is below the 100 that NIST SP 800-63B-4 s3.2.2 allows.
pub const QUICK_FAILURES: u64 = DEVICE_FAILURES + STRANGER_FAILURES + CHANGE_FAILURES;
/// The maximum number of lanes in a record. A new lane replaces the oldest one. The failures in the oldest lane are
/// then forgotten, but still count towards the budget.
pub const MAX_LANES: usize = 32;

/// The starts of the keys of records. What follows is the pseudonym of an address, or a user's
/// id for [`CHANGES`], [`SECONDS`] and [`RESETS`].
const DEVICES: &str = "devices#";
const STRANGERS: &str = "address#";
const CHANGES: &str = "change#";
const CODES: &str = "codes#";
const SECONDS: &str = "second#";
const RESETS: &str = "second-reset#";

/// Where an attempt is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A login from a known device: the user of the address has logged in from this device before.
    Device(Pseudonym, DeviceId),
    /// A login that does not come from a known device of the user. It is counted per address and source.
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
        /// Whether the user logged in to this session less than ten minutes ago. Such a session does not depend on the
        /// budget, which other sessions may have used up.
        is_fresh: bool,
    },
    /// A code from a mail. It is counted per address and request.
    Code {
        /// The address.
        address: Pseudonym,
        /// A name of the request that the code was made for.
        request: String,
    },
    /// A code of a second factor, after a right password. Nobody who does not know the password can use it up, and a new
    /// password has a new lane.
    Second {
        /// The user.
        user_id: UserId,
        /// When the password was set, as a number.
        password: String,
    },
    /// A code of a second factor, after a right link or code from a mail. Nobody who cannot read the mail can use it up, so
    /// somebody who only knows the password cannot close this way back.
    Reset {
        /// The user.
        user_id: UserId,
        /// A name of the request for the mail.
        request: String,
    },
}

/// What happens to attempts in a lane once the lane or the budget of its record is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// The lane is closed: attempts have to be counted in another lane.
    Closed,
    /// All used-up lanes of the record share one attempt per [`crate::attempts::MAX_WAIT`].
    Shared,
}

impl Lane {
    /// Returns the lane of the codes that follow a password which was set at this time.
    #[must_use]
    pub fn second(user_id: UserId, password_changed_at: Timestamp) -> Self {
        let password = password_changed_at.get().to_string();
        Self::Second { user_id, password }
    }

    /// Returns the name of the lane in the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Device(..) => "device",
            Self::Stranger { .. } => "address",
            Self::Change { .. } => "change",
            Self::Code { .. } => "code",
            Self::Second { .. } => "second",
            Self::Reset { .. } => "reset",
        }
    }

    /// Returns the key of the record that holds this lane and all others of its kind for the same address or user.
    #[must_use]
    pub fn record(&self) -> String {
        match self {
            Self::Device(address, _) => format!("{DEVICES}{}", address.as_str()),
            Self::Stranger { address, .. } => format!("{STRANGERS}{}", address.as_str()),
            Self::Change { user_id, .. } => format!("{CHANGES}{user_id}"),
            Self::Code { address, .. } => format!("{CODES}{}", address.as_str()),
            Self::Second { user_id, .. } => format!("{SECONDS}{user_id}"),
            Self::Reset { user_id, .. } => format!("{RESETS}{user_id}"),
        }
    }

    /// Returns the keys of all records of lanes for an address and its user.
    #[must_use]
    pub fn records_of(address: &Pseudonym, user_id: &UserId) -> [String; 6] {
        let address = address.as_str();
        [
            format!("{DEVICES}{address}"),
            format!("{STRANGERS}{address}"),
            format!("{CODES}{address}"),
            format!("{CHANGES}{user_id}"),
            format!("{SECONDS}{user_id}"),
            format!("{RESETS}{user_id}"),
        ]
    }

    /// Returns the key of the lane within its record.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Device(_, device) => device.as_str(),
            Self::Stranger { source, .. } => source.as_str(),
            Self::Change { sid, .. } => sid.as_str(),
            Self::Code { request, .. } | Self::Reset { request, .. } => request,
            Self::Second { password, .. } => password,
        }
    }

    /// Returns the number of failures in all lanes of the record together at which this lane is used up, or `None` if
    /// the lane does not depend on the others.
    #[must_use]
    pub const fn budget(&self) -> Option<u64> {
        match self {
            Self::Device(..) => Some(DEVICE_FAILURES),
            Self::Stranger { .. } => Some(STRANGER_FAILURES),
            Self::Change { is_fresh: false, .. } => Some(CHANGE_FAILURES),
            Self::Change { is_fresh: true, .. } | Self::Second { .. } => None,
            Self::Code { .. } => Some(CODE_FAILURES),
            Self::Reset { .. } => Some(RESET_FAILURES),
        }
    }

    /// Returns the number of failures in the lane at which it is used up.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        match self {
            Self::Second { .. } => SECOND_FAILURES,
            Self::Device(..) | Self::Stranger { .. } | Self::Change { .. } | Self::Code { .. } | Self::Reset { .. } => {
                LANE_FAILURES
            }
        }
    }

    /// Returns how long after the last attempt the record of the lane is forgotten.
    #[must_use]
    pub const fn forgotten_after(&self) -> Span {
        match self {
            Self::Second { .. } | Self::Reset { .. } => SECOND_FORGOTTEN_AFTER,
            Self::Device(..) | Self::Stranger { .. } | Self::Change { .. } | Self::Code { .. } => FORGOTTEN_AFTER,
        }
    }

    /// Returns the time before which a last attempt is forgotten at `now`.
    #[must_use]
    pub const fn forgotten_before(&self, now: Moment) -> Moment {
        now.minus(self.forgotten_after())
    }

    /// Returns what happens to attempts in the lane once it is used up.
    #[must_use]
    pub const fn used_up(&self) -> UsedUp {
        match self {
            Self::Device(..) | Self::Code { .. } | Self::Second { .. } | Self::Reset { .. } => UsedUp::Closed,
            Self::Stranger { .. } | Self::Change { .. } => UsedUp::Shared,
        }
    }
}
