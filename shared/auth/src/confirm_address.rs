//! Confirming another address with the links from two letters: first at the present address, then at the new one.

use claims::{LinkClaims, Moment, Timestamp, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    accounts::AHEAD,
    attempts::CountAttempts,
    change_address::{AddressChangeError, queue},
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
    mail::{MailTo, Notice, Proofs, Purpose, QueueMail, QueuedMail, QueuedNotice},
    password::{FindPassword, Hasher, Password, PasswordRecord},
    sealing::SealNonce,
    user::{Email, FindUser, User},
};

/// A link from a letter about a change of address.
#[derive(Debug)]
pub struct AddressConfirmation<'a> {
    /// The token of the link.
    pub token: &'a str,
    /// The password that the person typed.
    pub password: &'a Password,
}

/// What a confirmation has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The present address was confirmed, and a letter goes to the new one.
    Present(UserId),
    /// The user has the new address.
    Moved(UserId),
}

/// Moves a user to another address. A confirmation needs this.
///
/// Laws: an address belongs to at most one user, and a user has exactly one address, even during a change. The notice is
/// queued in the same step, or nothing happens.
pub trait MoveAddress: Sync {
    /// Moves these credentials from one address to another, changes the address that is displayed, and queues the
    /// notice. It does so only if these are still the credentials under `from` and there are no credentials under `to`.
    /// Returns whether they were moved.
    fn move_address(
        &self,
        credentials: &PasswordRecord,
        from: &Email,
        to: &Email,
        notice: &QueuedNotice,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Confirms a link. The one at the present address leads to a letter to the new address; the one at the new address
/// moves the user there. Both take the password, so a program that opens every link brings nothing about. The sessions
/// of the user continue, and access tokens with the old address are refused.
///
/// # Errors
/// If the link is refused, the password is wrong, there were too many attempts, somebody else has the new address, or
/// hashing, the store or the keys fail. If the announcement failed, the user has moved, and a retry completes the change.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn confirm_address(
    confirmation: AddressConfirmation<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    proofs: Proofs<'_>,
    hasher: &Hasher,
    users: &(impl FindPassword + FindUser),
    moves: &impl MoveAddress,
    attempts: &impl CountAttempts,
    outbox: &impl QueueMail,
    feed: &impl AnnounceRevocations,
) -> Result<Confirmed, AddressChangeError> {
    let [attempt, queued] = [TokenId::draw(now, rng), TokenId::draw(now, rng)];
    let [next, present] = [SealNonce::draw(rng), SealNonce::draw(rng)];
    let claims = proofs.verify(confirmation.token, now)?;
    let (purpose, bound, mail) = match claims.own() {
        LinkClaims::AddressOld { bound, mail } => (Purpose::AddressOld, bound, mail),
        LinkClaims::AddressNew { bound, mail } => (Purpose::AddressNew, bound, mail),
        LinkClaims::Register { .. }
        | LinkClaims::Invite { .. }
        | LinkClaims::Reset(_)
        | LinkClaims::KeepAccount { .. } => {
            return Err(AddressChangeError::Refused("other_use"));
        }
    };
    let (sealed, to) = proofs.open(purpose, mail)?;
    let target = proofs.account(claims.sub(), users).await?;
    let is_bound = proofs.is_bound(bound, &target);
    if is_before_factor(&target.user, claims.iat()) {
        return Err(AddressChangeError::Refused("before_factor"));
    }
    // The same request may come again, because its answer was lost.
    let is_repeated = purpose == Purpose::AddressNew
        && target.email.normalised() == to.email.normalised()
        && target.credentials.password_changed_at == bound.password_changed_at;
    if !is_bound && !is_repeated {
        return Err(AddressChangeError::Refused("used_link"));
    }
    let lane = proofs.count(&sealed, &target.email, &attempt, now, attempts).await?;
    let stored = &target.credentials.password_hash;
    if !hasher.check(stored, confirmation.password).await? {
        return Err(AddressChangeError::WrongPassword(target.user.id));
    }
    attempts.clear(&lane).await?;

    if purpose == Purpose::AddressOld {
        let address = proofs.pseudonyms.hash_address(&to.email);
        let next_to = MailTo { asked_at: now, ..to };
        let mail = QueuedMail {
            address,
            purpose: Purpose::AddressNew,
            sealed: proofs.mail_keys.seal_with(Purpose::AddressNew, &next_to, next)?,
            asked_at: now,
            attempt: queued,
            user_id: Some(target.user.id.clone()),
            grant: None,
        };
        queue(&mail, outbox).await?;
        return Ok(Confirmed::Present(target.user.id));
    }
    let present_to = MailTo {
        email: target.email.clone(),
        ..to.clone()
    };
    let notice = QueuedNotice {
        to: Some(proofs.mail_keys.seal_with(Purpose::Notice, &present_to, present)?),
        ..QueuedNotice::new(target.user.id.clone(), Notice::AddressChanged, now)
    };
    let is_moved = is_repeated
        || moves
            .move_address(&target.credentials, &target.email, &to.email, &notice)
            .await?;
    if !is_moved {
        return Err(AddressChangeError::Refused("address_taken"));
    }
    let revocation = Revocation::Issued {
        user_id: target.user.id.clone(),
        until: now.timestamp().plus(AHEAD),
    };
    feed.announce(&revocation, now).await?;
    Ok(Confirmed::Moved(target.user.id))
}

/// Returns whether the link may be older than the user's second factor. A session that has not proven the factor may then
/// have asked for the move.
fn is_before_factor(user: &User, asked_at: Timestamp) -> bool {
    !user.factors.is_none() && user.epoch_raised_at.is_some_and(|raised_at| asked_at < raised_at)
}
