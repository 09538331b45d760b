//! Why somebody asked for a mail.

/// Why somebody asked for a mail to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// To register.
    Register,
    /// To set a new password because the old one is forgotten.
    Reset,
    /// An operator invites somebody.
    Invite,
    /// To confirm at the present address that the user moves to another one.
    AddressOld,
    /// To confirm the new address.
    AddressNew,
    /// An operator tries whether letters arrive.
    Test,
    /// Nobody asked: the owner of an account is told what happened to it.
    Notice,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &[Self] = &[
        Self::Register,
        Self::Reset,
        Self::Invite,
        Self::AddressOld,
        Self::AddressNew,
        Self::Test,
        Self::Notice,
    ];

    /// Returns the name under which the purpose is stored and logged.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Reset => "reset",
            Self::Invite => "invite",
            Self::AddressOld => "address_old",
            Self::AddressNew => "address_new",
            Self::Test => "test",
            Self::Notice => "notice",
        }
    }

    /// Returns the purpose with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_its_own_name() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_name(purpose.as_str()), Some(*purpose));
        }
        assert_eq!(Purpose::from_name("Register"), None);
    }
}
