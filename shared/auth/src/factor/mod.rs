//! Second factors: apps that make codes, and recovery codes. What is proven is used up in the same write as what it
//! permits, so nothing works twice.

mod demand;
mod enrol;
mod factors;
mod keys;
mod manage;
pub mod passkey;
mod ports;
mod prove;
mod recovery;
mod second_step;
mod spend;
mod step_up;
mod totp;

pub use demand::{Demand, RECENT};
pub(crate) use demand::{demand_factor, demand_recent};
pub use enrol::{Enrolled, Enrolment, EnrolmentConfirmation, begin_enrolment, confirm_enrolment};
pub use factors::{Factors, Reset, Totp};
pub use keys::{ENROLMENT_LIFE, FactorKeys, SealedSeed, follow_factor_keys};
pub(crate) use manage::check_recent;
pub use manage::{FactorError, list_factors, remove_totp, renew_recovery, reset_factors};
pub use ports::{
    AddPasskey, ChangeFactors, EnrolTotp, FindFactors, FindPasskeyOwner, NewPasskey, NewTotp, OpenWithFactor,
    RemoveFactors, ResetFactors, StepUp,
};
pub use prove::{ProveError, Way};
pub(crate) use prove::{Proven, Prover};
pub use recovery::{RECOVERY_CODES, RecoveryCode, RecoveryCodes, RecoveryHash, Slot};
pub use second_step::{SECOND_STEP_LIFE, SecondStep, SecondStepDone, SecondStepError, second_step};
pub(crate) use spend::SpareCode;
pub use spend::{SecondProof, Spend};
pub use step_up::{ConfirmError, Confirmation, Confirmed, confirm};
pub use totp::{Seed, Step};
