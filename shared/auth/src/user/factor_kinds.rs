//! Which kinds of second factor a user has.

use serde::{Deserialize, Serialize};

/// The kinds of second factor that a user has. A login reads this with the user, and nothing else about factors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactorKinds {
    /// The user has no second factor.
    #[default]
    None,
    /// The user has an app that makes codes.
    Totp,
    /// The user has at least one passkey.
    Passkey,
    /// The user has both.
    Both,
}

impl FactorKinds {
    /// Every combination.
    pub const ALL: &[Self] = &[Self::None, Self::Totp, Self::Passkey, Self::Both];

    /// Returns the kinds of a user with or without each.
    #[must_use]
    pub const fn new(totp: HasTotp, passkey: HasPasskey) -> Self {
        match (totp.0, passkey.0) {
            (false, false) => Self::None,
            (true, false) => Self::Totp,
            (false, true) => Self::Passkey,
            (true, true) => Self::Both,
        }
    }

    /// Returns these kinds and an app that makes codes.
    #[must_use]
    pub const fn with_totp(self) -> Self {
        Self::new(HasTotp(true), HasPasskey(self.has_passkey()))
    }

    /// Returns these kinds and a passkey.
    #[must_use]
    pub const fn with_passkey(self) -> Self {
        Self::new(HasTotp(self.has_totp()), HasPasskey(true))
    }

    /// Returns whether the user has no second factor.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Returns whether the user has an app that makes codes.
    #[must_use]
    pub const fn has_totp(self) -> bool {
        matches!(self, Self::Totp | Self::Both)
    }

    /// Returns whether the user has a passkey.
    #[must_use]
    pub const fn has_passkey(self) -> bool {
        matches!(self, Self::Passkey | Self::Both)
    }

    /// Returns the name under which the kinds are stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::Both => "both",
        }
    }
}

/// Whether a user has an app that makes codes.
#[derive(Clone, Copy, Debug)]
pub struct HasTotp(pub bool);

/// Whether a user has a passkey.
#[derive(Clone, Copy, Debug)]
pub struct HasPasskey(pub bool);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_has_one_name() {
        for kinds in FactorKinds::ALL {
            assert_eq!(serde_json::to_value(kinds).unwrap(), kinds.as_str());
            let again = FactorKinds::new(HasTotp(kinds.has_totp()), HasPasskey(kinds.has_passkey()));
            assert_eq!(again, *kinds);
            assert_eq!(kinds.is_none(), !kinds.has_totp() && !kinds.has_passkey());
        }
    }
}
