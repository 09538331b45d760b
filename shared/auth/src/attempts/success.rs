//! How often a right password is taken: logins and changes of password of one user, by the hour.
//!
//! Each of them writes what others must read: a session, an announcement. Nobody but who knows the password uses any of
//! it up.

use std::collections::BTreeMap;

use claims::{DeviceId, Millis, Seconds, UserId};

use crate::attempts::{Admission, rule::window};

/// How long successes count together.
pub const SUCCESS_WINDOW: Seconds = Seconds::new(60 * 60);
/// The logins of one user in a [`SUCCESS_WINDOW`]: two a minute, as many as a person's devices and a pipeline that logs
/// in for each of its jobs may make.
pub const LOGINS: u64 = 120;
/// Those from one known device: one every two minutes, so that a device which logs in without end leaves the others
/// theirs.
pub const DEVICE_LOGINS: u64 = 30;
/// The changes of one user's password in a [`SUCCESS_WINDOW`], retries included.
pub const PASSWORD_CHANGES: u64 = 10;

/// What a right password is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Success {
    /// A login of the user, from this device if it is known.
    Login(UserId, Option<DeviceId>),
    /// A change of the user's password.
    Change(UserId),
}

/// The successes of one user in a [`SUCCESS_WINDOW`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Successes {
    /// All of them.
    pub all: u64,
    /// Those of each known device.
    pub devices: BTreeMap<DeviceId, u64>,
}

impl Success {
    /// What it is recorded under, together with others of its kind.
    #[must_use]
    pub fn record(&self) -> String {
        match self {
            Self::Login(user_id, _) => format!("logins#{user_id}"),
            Self::Change(user_id) => format!("changes#{user_id}"),
        }
    }

    /// Its name, for the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Login(..) => "logins",
            Self::Change(_) => "changes",
        }
    }

    /// How many of its kind there may be.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        match self {
            Self::Login(..) => LOGINS,
            Self::Change(_) => PASSWORD_CHANGES,
        }
    }

    /// The known device that it is from.
    #[must_use]
    pub const fn device(&self) -> Option<&DeviceId> {
        match self {
            Self::Login(_, device) => device.as_ref(),
            Self::Change(_) => None,
        }
    }
}

impl Successes {
    /// Counts one more, unless there were too many before it.
    #[must_use]
    pub fn count(&mut self, success: &Success, now: Millis) -> Admission {
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

/// The window of successes that `now` is in: its first second, and how long it goes on.
#[must_use]
pub fn success_window(now: Millis) -> (u64, Seconds) {
    window(SUCCESS_WINDOW, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis::new(1_700_000_000_000);

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
    fn a_user_logs_in_so_often_in_an_hour_and_is_told_when_the_next_one_begins() {
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
