//! Mails that an operator starts: an invitation, or a link with which a user sets a new password. The person who gets
//! the mail chooses the password, so no operator ever has one.

use claims::{KeySet, Moment, Refresh, SignError, Span, TokenId, UserClaims, UserId};
use rand::CryptoRng;
use serde_json::Map;

use crate::{
    attempts::{Pseudonym, PseudonymKey},
    error::StoreError,
    mail::{Grant, Language, Lives, MailKeys, MailTo, Purpose, QueueMail, QueuedMail, Queueing, Sealed, recipient},
    password::FindPassword,
    sealing::SealError,
    user::{Email, FindUser, NewUser},
};

/// Somebody whom an operator invites.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The address, and what the user may do.
    pub user: NewUser,
    /// The language of the letter, if the operator chose one.
    pub language: Option<Language>,
}

/// The keys with which a mail is queued.
#[derive(Clone, Copy, Debug)]
pub struct QueueingKeys<'a> {
    /// The keys that seal addresses.
    pub mail_keys: &'a MailKeys,
    /// The key of pseudonyms.
    pub pseudonyms: &'a PseudonymKey,
}

/// A mail that an operator has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedMail {
    /// Why it was requested.
    pub purpose: Purpose,
    /// The address that it goes to.
    pub to: String,
    /// The pseudonym of the address, by which the logs name it.
    pub address: Pseudonym,
    /// How long its link is valid.
    pub life: Span,
}

/// Why a mail was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartMailError {
    /// Another user has this address.
    #[error("a user with this address already exists: send a mail to reset the password instead")]
    AddressTaken,
    /// No user has this address.
    #[error("no user has this address: invite them instead")]
    Unknown,
    /// The user is disabled, and would get no mail.
    #[error("this user is disabled and gets no mail: enable the user first")]
    Disabled,
    /// The address has a form to which no mail can be sent.
    #[error("no mail can be sent to this address: before the @, use letters, digits and the usual marks of ASCII")]
    NoRecipient,
    /// The user's access tokens would be too long.
    #[error("role, scope and address are {excess} bytes too long for an access token: shorten them")]
    TooLong {
        /// The excess in bytes of JSON.
        excess: usize,
    },
    /// The role and the scope do not fit into a link.
    #[error("role and scope are {excess} bytes too long for a link: shorten them, or add the user with a password")]
    TooLongForLink {
        /// The excess in bytes.
        excess: usize,
    },
    /// Too many mails were requested for this address.
    #[error("too many mails were requested for this address: try again in {} seconds", .0.get())]
    Wait(Span),
    /// The address could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// No key could confirm what the operator grants.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues an invitation. The user does not exist before the invited person has chosen a password. `grant_keys` are the
/// keys of refresh tokens, which confirm that an operator chose the role and the scope.
///
/// # Errors
/// If the address is taken or cannot get mail, the role and the scope are too long for a link or an access token, too
/// many mails were requested for the address, or the keys or the store fail. If the store fails, the mail may be queued.
pub async fn invite_user(
    invitation: Invitation,
    now: Moment,
    rng: &mut impl CryptoRng,
    grant_keys: &KeySet<Refresh>,
    keys: QueueingKeys<'_>,
    users: &impl FindPassword,
    outbox: &impl QueueMail,
) -> Result<StartedMail, StartMailError> {
    let Invitation { user, language } = invitation;
    check_lengths(&user)?;
    let to = MailTo {
        email: user.email,
        language,
        asked_at: now,
    };
    require_recipient(to.email.typed())?;
    if users.password_record(&to.email).await?.is_some() {
        return Err(StartMailError::AddressTaken);
    }
    let grant = |sealed: &Sealed| Grant::new(user.role, user.scope, sealed, now, grant_keys).map(Some);
    let address = queue(Purpose::Invite, &to, None, grant, rng, keys, outbox).await?;
    Ok(StartedMail {
        purpose: Purpose::Invite,
        to: to.email.typed().to_owned(),
        address,
        life: Lives::INVITE,
    })
}

/// Queues a mail with which a user sets a new password. The present password stays valid until then. The mail has a link
/// and no code.
///
/// # Errors
/// If no user has the address, the user is disabled or cannot get mail, too many mails were requested for the address,
/// or the keys or the store fail. If the store fails, the mail may be queued.
pub async fn start_reset(
    email: Email,
    language: Option<Language>,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: QueueingKeys<'_>,
    users: &(impl FindPassword + FindUser),
    outbox: &impl QueueMail,
) -> Result<StartedMail, StartMailError> {
    let credentials = users.password_record(&email).await?;
    let user_id = credentials.ok_or(StartMailError::Unknown)?.user_id;
    let user = users.user(&user_id).await?.ok_or(StartMailError::Unknown)?;
    if !user.status.is_recoverable() {
        return Err(StartMailError::Disabled);
    }
    require_recipient(&user.email)?;
    let to = MailTo {
        email,
        language,
        asked_at: now,
    };
    let address = queue(Purpose::Reset, &to, Some(user.id), |_| Ok(None), rng, keys, outbox).await?;
    Ok(StartedMail {
        purpose: Purpose::Reset,
        to: user.email,
        address,
        life: Lives::RESET,
    })
}

/// Queues a test letter, which goes the way of all letters. Anyone may have the address. The request counts as one for a
/// mail. Returns the pseudonym of the address.
///
/// # Errors
/// If the address cannot get mail, too many mails were requested for it, or the keys or the store fail. If the store
/// fails, the mail may be queued.
pub async fn start_test(
    email: Email,
    language: Option<Language>,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: QueueingKeys<'_>,
    outbox: &impl QueueMail,
) -> Result<Pseudonym, StartMailError> {
    require_recipient(email.typed())?;
    let to = MailTo {
        email,
        language,
        asked_at: now,
    };
    queue(Purpose::Test, &to, None, |_| Ok(None), rng, keys, outbox).await
}

/// Seals the address and queues the mail. `grant` makes what the operator grants to the holder of the sealed address.
/// Returns the pseudonym of the address.
async fn queue(
    purpose: Purpose,
    to: &MailTo,
    user_id: Option<UserId>,
    grant: impl FnOnce(&Sealed) -> Result<Option<Grant>, SignError>,
    rng: &mut impl CryptoRng,
    keys: QueueingKeys<'_>,
    outbox: &impl QueueMail,
) -> Result<Pseudonym, StartMailError> {
    let sealed = keys.mail_keys.seal(purpose, to, rng)?;
    let mail = QueuedMail {
        address: keys.pseudonyms.hash_address(&to.email),
        purpose,
        grant: grant(&sealed)?,
        sealed,
        asked_at: to.asked_at,
        attempt: TokenId::draw(to.asked_at, rng),
        user_id,
    };
    match outbox.queue(&mail).await? {
        Queueing::Queued => Ok(mail.address),
        Queueing::Wait(wait) => Err(StartMailError::Wait(wait)),
    }
}

/// Refuses a user who could not accept the invitation, because the link or the access tokens would be too long.
fn check_lengths(user: &NewUser) -> Result<(), StartMailError> {
    if let excess @ 1.. = Grant::excess(&user.role, &user.scope) {
        return Err(StartMailError::TooLongForLink { excess });
    }
    let claims = UserClaims {
        scope: &user.scope,
        role: &user.role,
        email: user.email.typed(),
        custom: &Map::new(),
    };
    match claims.excess() {
        0 => Ok(()),
        excess => Err(StartMailError::TooLong { excess }),
    }
}

fn require_recipient(address: &str) -> Result<(), StartMailError> {
    recipient(address).map(drop).ok_or(StartMailError::NoRecipient)
}
