//! The kinds of lanes of one account.

use claims::{DeviceId, SessionId, UserId};

use crate::attempts::{Lane, Pseudonym};

/// A kind of lane. An address and its user have one record for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneKind {
    /// Logins from known devices.
    Device,
    /// Logins from elsewhere.
    Stranger,
    /// Codes from mails.
    Code,
    /// Changes of the password.
    Change,
    /// Codes of a second factor after a right password.
    Second,
    /// Codes of a second factor after a right link or code from a mail.
    Reset,
}

impl LaneKind {
    /// Every kind, in the order of [`Lane::records_of`].
    pub const ALL: [Self; 6] = [
        Self::Device,
        Self::Stranger,
        Self::Code,
        Self::Change,
        Self::Second,
        Self::Reset,
    ];

    /// The kinds that do not count codes of a second factor. Someone who tries such codes knows the password or reads the
    /// mail, so an operator opens those lanes only on purpose.
    pub const WITHOUT_SECOND_FACTOR: [Self; 4] = [Self::Device, Self::Stranger, Self::Code, Self::Change];

    /// Returns the lane of this kind whose [`Lane::key`] is `key`, or `None` if no lane of this kind has such a key. The
    /// session of a change of password counts as one that is not fresh.
    #[must_use]
    pub fn lane(self, address: &Pseudonym, user_id: &UserId, key: &str) -> Option<Lane> {
        let (address, user_id) = (address.clone(), user_id.clone());
        Some(match self {
            Self::Device => Lane::Device(address, DeviceId::parse(key).ok()?),
            Self::Stranger => Lane::Stranger {
                address,
                source: Pseudonym::parse(key)?,
            },
            Self::Code => Lane::Code {
                address,
                request: key.to_owned(),
            },
            Self::Change => Lane::Change {
                user_id,
                sid: SessionId::parse(key).ok()?,
                is_fresh: false,
            },
            Self::Second => Lane::Second {
                user_id,
                password: key.to_owned(),
            },
            Self::Reset => Lane::Reset {
                user_id,
                request: key.to_owned(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attempts::PseudonymKey, user::Email};

    #[test]
    fn each_kind_makes_the_lanes_of_its_record() {
        let key = PseudonymKey::parse(&"k".repeat(32)).unwrap();
        let address = key.hash_address(&Email::parse("ada@example.com").unwrap());
        let (user_id, lane_key) = (UserId::parse("ada").unwrap(), key.hash_source("192.0.2.1"));
        let records = Lane::records_of(&address, &user_id);

        for (kind, record) in LaneKind::ALL.into_iter().zip(records) {
            let lane = kind.lane(&address, &user_id, lane_key.as_str()).unwrap();

            assert_eq!((lane.record(), lane.key()), (record, lane_key.as_str()), "{kind:?}");
        }
    }
}
