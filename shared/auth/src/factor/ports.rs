//! The ports to the store of second factors.
//!
//! A port that takes a [`Spend`] uses it up in the same step as what it permits: all of it happens, or nothing. Of any
//! number of calls with the same [`Spend`], at the same time or not, at most one succeeds, unless it is the use of a
//! passkey, which is only recorded. If the deployment sends mail, the notice of the [`Spend`] is queued in the same step.

use std::{collections::BTreeMap, future::Future};

use claims::{Amr, Moment, Timestamp, UserId};
use webauthn::CredentialId;

use crate::{
    error::StoreError,
    factor::{Factors, RecoveryHash, Slot, Spend, Totp, passkey::Passkey},
    session::Session,
    user::FactorKinds,
};

/// Finds a user's second factors.
///
/// Law: a change is seen by every read that starts after the change has returned.
pub trait FindFactors: Sync {
    /// Reads the factors of a user consistently. A user without a factor has an empty set.
    fn factors(&self, user_id: &UserId) -> impl Future<Output = Result<Factors, StoreError>> + Send;
}

/// Opens the session of a login with a factor.
///
/// Law: a session that already exists is left as it is, and nothing is used up then. The id of the session is in the token
/// of the second step, or is made from the challenge of a login with a passkey, so this is what makes both single-use.
pub trait OpenWithFactor: Sync {
    /// Adds the session and uses up `spend`, if the user may log in, still has the session's epoch, and `spend` is still
    /// possible. Returns whether this was done.
    fn open(
        &self,
        session: &Session,
        spend: &Spend,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// An app that a user adds.
#[derive(Clone, Debug)]
pub struct NewTotp<'a> {
    /// The session in which the user adds it. It stays alive, and all others end.
    pub session: &'a Session,
    /// How the user has authenticated in this session, with the code that confirmed the app.
    pub amr: Amr,
    /// The app.
    pub totp: &'a Totp,
    /// The hashes of the recovery codes, if the user gets the first ones with this app.
    pub recovery: Option<&'a BTreeMap<Slot, RecoveryHash>>,
    /// The kinds of factor that the user has before.
    pub seen: FactorKinds,
}

/// Finds the user of a passkey.
pub trait FindPasskeyOwner: Sync {
    /// Returns the user who has added the passkey with this id, if there is one.
    fn passkey_owner(&self, id: &CredentialId) -> impl Future<Output = Result<Option<UserId>, StoreError>> + Send;
}

/// A passkey that a user adds.
#[derive(Clone, Debug)]
pub struct NewPasskey<'a> {
    /// The session in which the user adds it. It stays alive, and all others end.
    pub session: &'a Session,
    /// How the user has authenticated in this session, with the passkey.
    pub amr: Amr,
    /// The passkey.
    pub passkey: &'a Passkey,
    /// The hashes of the recovery codes, if the user gets the first ones with this passkey.
    pub recovery: Option<&'a BTreeMap<Slot, RecoveryHash>>,
    /// The kinds of factor that the user has before.
    pub seen: FactorKinds,
}

/// Adds a passkey.
///
/// Laws: no two users have a passkey with the same id, and a user has at most [`crate::factor::passkey::MAX_PASSKEYS`]. The epochs
/// of the user and of the session are raised as [`EnrolTotp`] does, and a [`crate::mail::Notice::FactorAdded`] is queued.
/// All of it happens, or nothing.
pub trait AddPasskey: Sync {
    /// Adds a passkey, if nobody has it, the user has the kinds of factor that were seen and fewer than the maximum of
    /// passkeys, and the session can be kept. Returns whether it was added.
    fn add_passkey(&self, new: NewPasskey<'_>, now: Moment) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Adds an app that makes codes.
///
/// Laws: a user has at most one app. The epochs of the user and of the session are raised as
/// [`crate::session::KeepOneSession::keep_only`] does, and a [`crate::mail::Notice::FactorAdded`] is queued. All of it
/// happens, or nothing.
pub trait EnrolTotp: Sync {
    /// Adds an app, if the user has none, has the kinds of factor that were seen, and the session can be kept. Returns
    /// whether it was added.
    fn enrol(&self, new: NewTotp<'_>, now: Moment) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Changes the factors of users.
///
/// Law: the factors and the kinds that the user's record names change together, and a notice is queued in the same step.
pub trait ChangeFactors: Sync {
    /// Removes the app if it is still the one in `seen`, and the recovery codes if no factor is left. Returns whether it
    /// was removed.
    fn remove_totp(
        &self,
        user_id: &UserId,
        seen: &Factors,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes a passkey if the user's passkeys are still those in `seen`, and the recovery codes if no factor is left.
    /// Returns whether it was removed.
    fn remove_passkey(
        &self,
        user_id: &UserId,
        id: &CredentialId,
        seen: &Factors,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Replaces the name of a passkey, if the user has it. Returns whether they have. Nobody is told.
    fn rename_passkey(
        &self,
        user_id: &UserId,
        id: &CredentialId,
        label: &str,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Replaces all recovery codes, if the user has a factor. Returns whether they were replaced.
    fn replace_recovery(
        &self,
        user_id: &UserId,
        recovery: &BTreeMap<Slot, RecoveryHash>,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Records that a user has authenticated again in a session.
///
/// Laws: the session's generation stays, so its refresh token is still good. If `spend` is the use of a passkey, the user
/// must not have authenticated in the session since it was read as `session`: this is what makes a challenge single-use,
/// which is bound to that time.
pub trait StepUp: Sync {
    /// Records how and when the user has authenticated in the session, and uses up `spend`. It does so if the session is
    /// not revoked, has the epoch of `session`, and `spend` is still possible. Returns whether this was done.
    fn step_up(
        &self,
        session: &Session,
        amr: Amr,
        at: Timestamp,
        spend: Option<&Spend>,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes all factors of a user. An operator needs this.
///
/// Laws: the epoch is raised by one, so all sessions end, and a [`crate::mail::Notice::FactorsReset`] is queued. All of it
/// happens, or nothing. A reset of an unknown user writes nothing and returns `None`.
pub trait ResetFactors: Sync {
    /// Removes all factors and recovery codes of a user, and records why. Returns the new epoch, or `None` if the user is
    /// unknown.
    fn reset_factors(
        &self,
        user_id: &UserId,
        reason: &str,
        now: Moment,
    ) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;
}

/// Removes everything that is stored about a user's factors. The removal of a user needs this.
pub trait RemoveFactors: Sync {
    /// Removes the factors of a user, and what was recorded about them.
    fn remove_factors(&self, user_id: &UserId) -> impl Future<Output = Result<(), StoreError>> + Send;
}
