//! Password attempts: how they are counted, and when they have to wait.

mod closed_sources;
mod guard;
mod held_lane;
mod lane;
mod lane_kind;
mod login_attempt;
mod ports;
mod pseudonym;
mod pseudonym_reader;
mod rule;
mod sources;
mod success;

pub use closed_sources::ClosedSources;
pub use guard::{GuardError, Throttled};
pub(crate) use guard::{TAKE_BACK, admit};
pub use held_lane::{HeldLane, Hold, held_lanes, unlock};
pub use lane::{
    CHANGE_FAILURES, CODE_FAILURES, DEVICE_FAILURES, LANE_FAILURES, Lane, MAX_LANES, QUICK_FAILURES, RESET_FAILURES,
    SECOND_FAILURES, SECOND_FORGOTTEN_AFTER, STRANGER_FAILURES, UsedUp,
};
pub use lane_kind::LaneKind;
pub(crate) use login_attempt::LoginAttempt;
pub use ports::{CountAttempts, CountSources, CountSuccesses, ManageAttempts, ReadFailures};
pub use pseudonym::{InvalidPseudonymKey, Pseudonym, PseudonymKey};
pub use pseudonym_reader::{PseudonymError, PseudonymReader};
pub use rule::{
    Admission, AttemptRecord, FORGOTTEN_AFTER, FREE_FAILURES, MAX_WAIT, Tally, growing_waits, taken_back, wait_after,
};
pub use sources::{SITE_SHARE, SOURCE_WINDOW, Throttling, source_window};
pub use success::{
    CONFIRMATIONS, DEVICE_LOGINS, LOGINS, PASSWORD_CHANGES, SUCCESS_WINDOW, Success, Successes, success_window,
};
