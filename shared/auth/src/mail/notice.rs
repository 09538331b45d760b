//! Notices: what happened to an account, which its owner is told by mail.

use claims::{Moment, Span, TokenId, UserId};

use crate::mail::Sealed;

/// A user gets at most one notice of each kind within a window of this length.
pub const NOTICE_WINDOW: Span = Span::seconds(60 * 60);

/// Something that happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// The user changed the password.
    PasswordChanged,
    /// Somebody set a new password with a link or code from a mail.
    PasswordReset,
    /// The account moved to another address. The notice goes to the old one.
    AddressChanged,
    /// A session ended because a used refresh token was presented again.
    Theft,
    /// The user deleted the account. The letter has the link that undoes it.
    AccountDeleted,
    /// The user logged in without a known device.
    NewDevice,
    /// The user added a second factor.
    FactorAdded,
    /// The user removed a second factor.
    FactorRemoved,
    /// Somebody used a recovery code.
    RecoveryCodeUsed,
    /// The user replaced all recovery codes.
    RecoveryCodesReplaced,
    /// Several wrong codes followed a right password or a right link.
    SecondFactorRefused,
    /// An operator removed all second factors.
    FactorsReset,
}

/// A notice that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedNotice {
    /// The user.
    pub user_id: UserId,
    /// What happened.
    pub what: Notice,
    /// When it happened.
    pub at: Moment,
    /// The address that the notice goes to, if it is not the user's present one.
    pub to: Option<Sealed>,
}

impl Notice {
    /// Every notice.
    pub const ALL: &[Self] = &[
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::AddressChanged,
        Self::Theft,
        Self::AccountDeleted,
        Self::NewDevice,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesReplaced,
        Self::SecondFactorRefused,
        Self::FactorsReset,
    ];

    /// Returns the name under which the notice is stored and logged.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::AddressChanged => "address_changed",
            Self::Theft => "theft",
            Self::AccountDeleted => "account_deleted",
            Self::NewDevice => "new_device",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesReplaced => "recovery_codes_replaced",
            Self::SecondFactorRefused => "second_factor_refused",
            Self::FactorsReset => "factors_reset",
        }
    }

    /// Returns the notice with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|notice| notice.as_str() == name)
    }
}

impl QueuedNotice {
    /// Returns a notice to the user's present address.
    #[must_use]
    pub const fn new(user_id: UserId, what: Notice, at: Moment) -> Self {
        Self {
            user_id,
            what,
            at,
            to: None,
        }
    }

    /// Returns the number of the window in which the notice is sent. A user gets at most one of its kind in it. Each
    /// deletion has a window of its own, because each has its own link.
    #[must_use]
    pub fn window(&self) -> u64 {
        let seconds = self.at.timestamp().get();
        match self.what {
            Notice::AccountDeleted => seconds,
            Notice::PasswordChanged
            | Notice::PasswordReset
            | Notice::AddressChanged
            | Notice::Theft
            | Notice::NewDevice
            | Notice::FactorAdded
            | Notice::FactorRemoved
            | Notice::RecoveryCodeUsed
            | Notice::RecoveryCodesReplaced
            | Notice::SecondFactorRefused
            | Notice::FactorsReset => seconds.checked_div(NOTICE_WINDOW.get()).unwrap_or_default(),
        }
    }

    /// Returns the id of the mail. A duplicate has the same one.
    pub(crate) fn id(&self) -> TokenId {
        let name = format!("{}.{}.{}", self.what.as_str(), self.window(), self.user_id);
        TokenId::parse(name).unwrap_or_else(|_| TokenId::new(self.at, [0; 10]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_its_own_name() {
        for notice in Notice::ALL {
            assert_eq!(Notice::from_name(notice.as_str()), Some(*notice));
        }
        assert_eq!(Notice::from_name("Theft"), None);
    }

    #[test]
    fn a_window_is_an_hour() {
        let at = |millis| QueuedNotice::new(UserId::parse("user-1").unwrap(), Notice::Theft, Moment::new(millis));
        let start = 1_699_999_200_000;

        assert_eq!(at(start).window(), at(start + 3_599_999).window());
        assert_ne!(at(start).window(), at(start + 3_600_000).window());
        assert_eq!(at(start).id(), at(start + 1).id());
    }
}
