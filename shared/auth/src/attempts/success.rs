//! How often a right password is accepted: the hourly limits on a user's logins and changes of password.
//!
//! The limits bound how much other requests have to read: each login writes a session, and each change of password
//! writes an announcement. Only someone who knows the password can use up these limits.

use std::collections::BTreeMap;

use claims::{DeviceId, Moment, Span, UserId};

use crate::attempts::{Admission, sources::window};

/// The length of the windows in which successes are counted.
pub const SUCCESS_WINDOW: Span = Span::seconds(60 * 60);
/// The maximum number of logins of one user in a [`SUCCESS_WINDOW`]: two a minute, which is enough for a person's
/// devices and for a pipeline that logs in for each of its jobs.
pub const LOGINS: u64 = 120;
/// The maximum number of logins of one user from one known device in a [`SUCCESS_WINDOW`]: one every two minutes. A
/// device that keeps logging in therefore does not use up the logins from the user's other devices.
pub const DEVICE_LOGINS: u64 = 30;
/// The maximum number of changes of one user's password in a [`SUCCESS_WINDOW`], retries included.
pub const PASSWORD_CHANGES: u64 = 10;

/// The maximum number of times in a [`SUCCESS_WINDOW`] that a user confirms who they are: once a minute.
pub const CONFIRMATIONS: u64 = 60;

/// What a right password was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Success {
    /// A login of the user, from this device if it is known.
    Login(UserId, Option<DeviceId>),
    /// A change of the user's password.
    Change(UserId),
    /// A user confirmed in a session who they are.
    Confirmation(UserId),
}

/// How many successes of one kind a user had in a [`SUCCESS_WINDOW`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Successes {
    /// The number of all successes.
    pub all: u64,
    /// The number of successes from each known device.
    pub devices: BTreeMap<DeviceId, u64>,
}

impl Success {
    /// Returns the key of the record that counts the user's successes of this kind.
    #[must_use]
    pub fn record(&self) -> String {
        match self {
            Self::Login(user_id, _) => format!("logins#{user_id}"),
            Self::Change(user_id) => format!("changes#{user_id}"),
            Self::Confirmation(user_id) => format!("confirmations#{user_id}"),
        }
    }

    /// Returns the name of the limit in the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Login(..) => "logins",
            Self::Change(_) => "changes",
            Self::Confirmation(_) => "confirmations",
        }
    }

    /// Returns the maximum number of successes of this kind in a window.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        match self {
            Self::Login(..) => LOGINS,
            Self::Change(_) => PASSWORD_CHANGES,
            Self::Confirmation(_) => CONFIRMATIONS,
        }
    }

    /// Returns the known device, if the success is a login from one.
    #[must_use]
    pub const fn device(&self) -> Option<&DeviceId> {
        match self {
            Self::Login(_, device) => device.as_ref(),
            Self::Change(_) | Self::Confirmation(_) => None,
        }
    }
}

impl Successes {
    /// Counts one more success, unless the limit of the user or of the device is reached.
    #[must_use]
    pub fn count(&mut self, success: &Success, now: Moment) -> Admission {
        let of_device = success.device().and_then(|device| self.devices.get(device));
        let is_over = self.all >= success.limit() || of_device.is_some_and(|count| *count >= DEVICE_LOGINS);
        if is_over {
            return Admission::Wait(success_window(now).1);
        }
        self.all = self.all.saturating_add(1);
        if let Some(device) = success.device() {
            let count = self.devices.entry(device.clone()).or_default();
            *count = count.saturating_add(1);
        }
        Admission::Admitted
    }
}

/// Returns the first second of the success window that contains `now`, and how long the window still lasts.
#[must_use]
pub fn success_window(now: Moment) -> (u64, Span) {
    window(SUCCESS_WINDOW, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

    #[test]
    fn a_device_that_logs_in_without_end_leaves_the_others_their_logins() {
        let mut successes = Successes::default();
        let [busy, other] = ["busy", "other"].map(|device| login(Some(device)));

        let admitted = (0..LOGINS).filter(|_| successes.count(&busy, NOW) == Admission::Admitted);
        assert_eq!(admitted.count(), 30);

        assert_eq!(successes.count(&other, NOW), Admission::Admitted);
        assert_eq!(successes.count(&login(None), NOW), Admission::Admitted);
    }

    #[test]
    fn too_many_logins_in_an_hour_wait_until_the_next_hour() {
        let mut successes = Successes::default();
        let admitted = (0..LOGINS).filter(|_| successes.count(&login(None), NOW) == Admission::Admitted);
        assert_eq!(admitted.count(), 120);

        let more = successes.count(&login(Some("device")), NOW);

        let (first, left) = success_window(NOW);
        assert_eq!(more, Admission::Wait(left));
        assert_eq!((first + 3_600) - NOW.timestamp().get(), left.get());
    }

    fn login(device: Option<&str>) -> Success {
        let device = device.map(|device| DeviceId::parse(device).unwrap());
        Success::Login(UserId::parse("user").unwrap(), device)
    }
}
