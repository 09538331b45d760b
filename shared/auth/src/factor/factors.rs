//! A user's second factors, as they are stored.

use std::collections::BTreeMap;

use claims::Timestamp;

use crate::{
    factor::{RecoveryHash, SealedSeed, Slot, Step, passkey::Passkey},
    user::{FactorKinds, HasPasskey, HasTotp},
};

/// An app that makes codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The seed, which only the functions that check codes can open.
    pub sealed: SealedSeed,
    /// When the user added the app.
    pub added_at: Timestamp,
    /// The step of the last code that was accepted. Codes of this step and of those before it are used.
    pub last_step: Step,
}

/// A user's second factors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    /// The app that makes codes, if the user has one.
    pub totp: Option<Totp>,
    /// The hashes of the recovery codes that can still be used.
    pub recovery: BTreeMap<Slot, RecoveryHash>,
    /// The passkeys, in the order in which the user added them.
    pub passkeys: Vec<Passkey>,
    /// When and why an operator last removed all factors, if one ever did.
    pub reset: Option<Reset>,
}

/// A removal of all factors by an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// When it was.
    pub at: Timestamp,
    /// Why, in the operator's words.
    pub reason: String,
}

impl Factors {
    /// Returns which kinds of factor these are.
    #[must_use]
    pub const fn kinds(&self) -> FactorKinds {
        FactorKinds::new(HasTotp(self.totp.is_some()), HasPasskey(!self.passkeys.is_empty()))
    }
}
