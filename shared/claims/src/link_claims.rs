//! The claims of a link token: what the link is for, and what it is bound to.

use serde::{Deserialize, Serialize};

use crate::{Role, Scope, Timestamp, claims::OwnClaims, json::Members};

/// The claims that a link token has in addition to those of every kind of token. The claim `use` names the variant, so
/// a link for one use is never accepted for another.
///
/// A member `mail` is a sealed address, in base64url. Only the service can open it, so no URL contains an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "use", rename_all = "snake_case")]
pub enum LinkClaims {
    /// Finishes a registration. The claim `sub` is the id that the new user gets.
    Register {
        /// The sealed address.
        mail: String,
    },
    /// Accepts an operator's invitation. The claim `sub` is the id that the new user gets.
    Invite {
        /// The sealed address.
        mail: String,
        /// The role that the operator chose.
        role: Role,
        /// The permissions that the operator chose.
        scope: Scope,
    },
    /// Sets a new password for the user.
    Reset(LinkBinding),
    /// Confirms at the present address that the user moves to another one.
    AddressOld {
        /// What the link is bound to.
        #[serde(flatten)]
        bound: LinkBinding,
        /// The sealed new address.
        mail: String,
    },
    /// Confirms the new address, and moves the user to it.
    AddressNew {
        /// What the link is bound to.
        #[serde(flatten)]
        bound: LinkBinding,
        /// The sealed new address.
        mail: String,
    },
    /// Keeps an account that its owner wanted to delete. The claim `exp` is the time of the removal, so the link is for
    /// this deletion alone.
    KeepAccount {
        /// The pseudonym of the user's present address.
        address: String,
    },
}

/// What a link for an existing user is bound to. The link is over once either of the two has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkBinding {
    /// When the user's current password was set.
    pub password_changed_at: Timestamp,
    /// The pseudonym of the user's present address.
    pub address: String,
}

/// What a link is for: the claim `use`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Use {
    Register,
    Invite,
    Reset,
    AddressOld,
    AddressNew,
    KeepAccount,
}

impl OwnClaims for LinkClaims {
    fn read(mut members: Members<'_>) -> Option<Self> {
        Some(match members.take("use")? {
            Use::Register => Self::Register {
                mail: members.take("mail")?,
            },
            Use::Invite => Self::Invite {
                mail: members.take("mail")?,
                role: members.take("role")?,
                scope: members.take("scope")?,
            },
            Use::Reset => Self::Reset(LinkBinding::take(&mut members)?),
            Use::AddressOld => Self::AddressOld {
                bound: LinkBinding::take(&mut members)?,
                mail: members.take("mail")?,
            },
            Use::AddressNew => Self::AddressNew {
                bound: LinkBinding::take(&mut members)?,
                mail: members.take("mail")?,
            },
            Use::KeepAccount => Self::KeepAccount {
                address: members.take("address")?,
            },
        })
    }
}

impl LinkBinding {
    fn take(members: &mut Members<'_>) -> Option<Self> {
        Some(Self {
            password_changed_at: members.take("password_changed_at")?,
            address: members.take("address")?,
        })
    }
}
