//! Proofs of a second factor, and what accepting one uses up.

use std::fmt;

use claims::{Amr, Timestamp, UserId};
use rand::CryptoRng;
use webauthn::{Purpose, Refusal};

use crate::{
    factor::{
        FactorKeys, Factors, RecoveryCode, RecoveryHash, Slot, Step, Way,
        passkey::{PasskeyProof, PasskeyUse, prove},
    },
    mail::Notice,
};

/// What a person presents as their second factor.
#[derive(Clone, Copy)]
pub enum SecondProof<'a> {
    /// A code from an app, as it was typed.
    Code(&'a str),
    /// A recovery code, as it was typed.
    Recovery(&'a str),
    /// A passkey. Only the second step of a login takes one.
    Passkey(PasskeyProof<'a>),
}

/// What accepting a proof uses up. It is written in the same step as whatever the proof permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spend {
    /// The code of this step, and all codes before it. The condition is that no code of this step or a later one was
    /// accepted.
    Step(Step),
    /// A recovery code, which is replaced. The condition is that the slot still has the old hash.
    Recovery {
        /// The slot.
        slot: Slot,
        /// The hash of the code that is used up.
        old: RecoveryHash,
        /// The hash of the code that takes its place.
        new: RecoveryHash,
    },
    /// A use of a passkey, which is recorded. The condition is that the user still has the passkey. It is not used up:
    /// what it permits has a condition that holds once.
    Passkey(PasskeyUse),
}

/// A proof that was accepted, but has not been used up yet.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// What is used up.
    pub(crate) spend: Spend,
    /// The recovery code that takes the place of the one that was presented.
    pub(crate) replacement: Option<RecoveryCode>,
    /// What the proof and a password show together.
    pub(crate) amr: Amr,
    /// Whether the counter of a passkey went back.
    pub(crate) went_back: bool,
}

impl Spend {
    /// Returns what the user is told by mail.
    #[must_use]
    pub const fn notice(&self) -> Option<Notice> {
        match self {
            Self::Step(_) | Self::Passkey(_) => None,
            Self::Recovery { .. } => Some(Notice::RecoveryCodeUsed),
        }
    }

    /// Returns the method by which the factor was proven, as the log names it.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Step(_) => "totp",
            Self::Recovery { .. } => "recovery",
            Self::Passkey(_) => "passkey",
        }
    }

    /// Returns whether these factors still permit it.
    #[must_use]
    pub fn is_possible(&self, factors: &Factors) -> bool {
        match self {
            Self::Step(step) => factors.totp.as_ref().is_some_and(|totp| totp.last_step < *step),
            Self::Recovery { slot, old, .. } => factors.recovery.get(slot) == Some(old),
            Self::Passkey(usage) => usage.is_possible(factors),
        }
    }

    /// Uses it up.
    pub fn apply(&self, factors: &mut Factors) {
        match self {
            Self::Step(step) => {
                if let Some(totp) = &mut factors.totp {
                    totp.last_step = *step;
                }
            }
            Self::Recovery { slot, new, .. } => {
                factors.recovery.insert(*slot, *new);
            }
            Self::Passkey(usage) => usage.apply(factors),
        }
    }
}

/// A recovery code that may be needed as a replacement, whatever its slot. It is drawn before the first await.
pub(crate) struct SpareCode(RecoveryCode);

impl SpareCode {
    pub(crate) fn draw(rng: &mut impl CryptoRng) -> Self {
        Self(RecoveryCode::draw(Slot::FIRST, rng))
    }
}

/// Returns what accepting this proof uses up, or the reason for the log if the proof is wrong or was used before. Only a
/// write decides whether it was used at the same time.
pub(crate) fn accept(
    proof: SecondProof<'_>,
    user_id: &UserId,
    way: &Way,
    factors: &Factors,
    keys: &FactorKeys,
    now: Timestamp,
    spare: &SpareCode,
) -> Result<Accepted, &'static str> {
    const WRONG: &str = "wrong_code";
    let accepted = match proof {
        SecondProof::Code(typed) => Accepted {
            spend: Spend::Step(step(typed, user_id, factors, keys, now).ok_or(WRONG)?),
            replacement: None,
            amr: Amr::PASSWORD_AND_CODE,
            went_back: false,
        },
        SecondProof::Recovery(typed) => {
            let code = RecoveryCode::parse(typed).ok_or(WRONG)?;
            let replacement = spare.0.clone().in_slot(code.slot());
            Accepted {
                spend: Spend::Recovery {
                    slot: code.slot(),
                    old: code.hash(),
                    new: replacement.hash(),
                },
                replacement: Some(replacement),
                amr: Amr::PASSWORD_AND_CODE,
                went_back: false,
            }
        }
        SecondProof::Passkey(proof) => {
            let sid = way.sid().ok_or("passkey_not_accepted_here")?;
            let (keys, binding) = (keys.challenges(), sid.as_str().as_bytes());
            let proven = prove(proof, Purpose::SecondStep, binding, keys, factors, now);
            let proven = proven.map_err(Refusal::reason)?;
            Accepted {
                spend: Spend::Passkey(proven.usage),
                replacement: None,
                amr: Amr::PASSWORD.with(proven.amr),
                went_back: proven.went_back,
            }
        }
    };
    accepted.spend.is_possible(factors).then_some(accepted).ok_or(WRONG)
}

/// Returns the step of a code from the user's app, if it is right.
fn step(typed: &str, user_id: &UserId, factors: &Factors, keys: &FactorKeys, now: Timestamp) -> Option<Step> {
    let seed = keys.open(user_id, &factors.totp.as_ref()?.sealed)?;
    seed.step_of(typed, now)
}

/// Proofs are secrets, so `Debug` shows only which kind it is.
impl fmt::Debug for SecondProof<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Code(_) => "Code(..)",
            Self::Recovery(_) => "Recovery(..)",
            Self::Passkey(_) => "Passkey(..)",
        })
    }
}
