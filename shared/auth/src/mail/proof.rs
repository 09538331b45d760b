//! What proves that a person can read a mailbox: the token of a link, or a code with the request that it was made for.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{
    Claims, Link, LinkBinding, LinkClaims, Moment, Role, Scope, SignError, Span, TokenId, Unverified, UserId,
};
use ring::digest::{SHA256, digest};

use crate::{
    attempts::{Admission, CountAttempts, Lane, MAX_WAIT, Pseudonym, PseudonymKey},
    error::StoreError,
    keys::LinkKeys,
    mail::{
        Account, CODE_LIFE, MailKeys, MailTo, Purpose, Sealed,
        code::{new_user_id, register_code, reset_code},
    },
    password::{FindPassword, PasswordRecord, RETRY},
    user::{Email, FindUser, Status},
};

/// What a person presents from a mail.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// The token of a link.
    Link(&'a str),
    /// A code.
    Code {
        /// The request that the code was made for, as the answer to it contains it.
        request: &'a str,
        /// The code as it was typed.
        code: &'a str,
    },
}

/// Why a proof was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The link or code is invalid, over or used. The reason is for the log only.
    #[error("the link or code is refused: {0}")]
    Refused(&'static str),
    /// There were too many wrong codes.
    #[error("too many wrong codes")]
    Throttled {
        /// The pseudonym of the address.
        address: Pseudonym,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A code could not be computed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// What is needed to check proofs.
#[derive(Clone, Copy, Debug)]
pub struct Proofs<'a> {
    /// The keys that open addresses.
    pub mail_keys: &'a MailKeys,
    /// The keys that verify links and make codes.
    pub link_keys: &'a LinkKeys,
    /// The key of pseudonyms.
    pub pseudonyms: &'a PseudonymKey,
    /// Whether codes are accepted.
    pub has_codes: bool,
}

/// Somebody who may register.
#[derive(Debug)]
pub(crate) struct Registrant {
    pub(crate) user_id: UserId,
    pub(crate) email: Email,
    /// What an operator granted, if this is an invitation.
    pub(crate) granted: Option<(Role, Scope)>,
}

/// A user who may set a new password.
#[derive(Debug)]
pub(crate) struct ResetTarget {
    pub(crate) account: Account,
    /// The id of the request that the proof was made for.
    pub(crate) request: String,
    /// Whether the password was set a moment ago, perhaps by the same request. It then must not be set again.
    pub(crate) is_repeated: bool,
}

impl Proofs<'_> {
    /// Returns who registers with this proof.
    pub(crate) async fn check_registration(
        self,
        proof: Proof<'_>,
        attempt: &TokenId,
        now: Moment,
        attempts: &impl CountAttempts,
    ) -> Result<Registrant, ProofError> {
        match proof {
            Proof::Link(token) => {
                let claims = self.verify(token, now)?;
                let (mail, purpose, granted) = match claims.own() {
                    LinkClaims::Register { mail } => (mail, Purpose::Register, None),
                    LinkClaims::Invite { mail, role, scope } => {
                        (mail, Purpose::Invite, Some((role.clone(), scope.clone())))
                    }
                    LinkClaims::Reset(_)
                    | LinkClaims::AddressOld { .. }
                    | LinkClaims::AddressNew { .. }
                    | LinkClaims::KeepAccount { .. } => return Err(ProofError::Refused("other_use")),
                };
                Ok(Registrant {
                    user_id: claims.sub().clone(),
                    email: self.open(purpose, mail)?.1.email,
                    granted,
                })
            }
            Proof::Code { request, code } => {
                let (sealed, to) = self.open_request(Purpose::Register, request, now)?;
                let lane = self.count(&sealed, &to.email, attempt, now, attempts).await?;
                let expected = register_code(self.link_keys, &sealed, to.asked_at)?;
                if !expected.is_typed_as(code) {
                    return Err(ProofError::Refused("wrong_code"));
                }
                attempts.clear(&lane).await?;
                Ok(Registrant {
                    user_id: new_user_id(self.link_keys, &sealed, to.asked_at)?,
                    email: to.email,
                    granted: None,
                })
            }
        }
    }

    /// Returns whose password this proof resets. A code causes the same reads and counts whether or not a user has the
    /// address, so a wrong one tells nothing.
    pub(crate) async fn check_reset(
        self,
        proof: Proof<'_>,
        attempt: &TokenId,
        decoy: PasswordRecord,
        now: Moment,
        users: &(impl FindPassword + FindUser),
        attempts: &impl CountAttempts,
    ) -> Result<ResetTarget, ProofError> {
        match proof {
            Proof::Link(token) => {
                let claims = self.verify(token, now)?;
                let LinkClaims::Reset(bound) = claims.own() else {
                    return Err(ProofError::Refused("other_use"));
                };
                let account = Account::of_user(claims.sub(), users).await?;
                let account = account.filter(|account| account.user.status.is_recoverable());
                let account = account.ok_or(ProofError::Refused("no_user"))?;
                let is_repeated = !self.is_bound(bound, &account);
                if is_repeated {
                    // The same request may come again, because its answer was lost. It is counted, since it tries a
                    // password.
                    let set_at = account.credentials.password_changed_at;
                    let is_earlier = bound.password_changed_at < set_at && self.has_address(&bound.address, &account);
                    if !is_earlier || now.timestamp() >= set_at.plus(RETRY) {
                        return Err(ProofError::Refused("used_link"));
                    }
                    let request = claims.jti().to_string();
                    self.count_for(request, &account.email, attempt, now, attempts).await?;
                }
                Ok(ResetTarget {
                    account,
                    request: claims.jti().to_string(),
                    is_repeated,
                })
            }
            Proof::Code { request, code } => {
                let (sealed, to) = self.open_request(Purpose::Reset, request, now)?;
                let lane = self.count(&sealed, &to.email, attempt, now, attempts).await?;
                let found = users.password_record(&to.email).await?;
                let is_known = found.is_some();
                let credentials = found.unwrap_or(decoy);
                let user = users.user(&credentials.user_id).await?;
                let expected = reset_code(self.link_keys, &sealed, to.asked_at, &credentials)?;
                let is_right = expected.is_typed_as(code);
                let user = user.filter(|user| is_known && is_right && user.status.is_recoverable());
                let user = user.ok_or(ProofError::Refused("wrong_code"))?;
                attempts.clear(&lane).await?;
                let account = Account {
                    user,
                    email: to.email,
                    credentials,
                };
                Ok(ResetTarget {
                    account,
                    request: request_id(&sealed),
                    is_repeated: false,
                })
            }
        }
    }

    /// Verifies the token of a link.
    pub(crate) fn verify(self, token: &str, now: Moment) -> Result<Claims<Link>, ProofError> {
        let refused = |_| ProofError::Refused("invalid_link");
        let token = Unverified::parse(token).map_err(refused)?;
        self.link_keys.verify(&token, now.timestamp()).map_err(refused)
    }

    /// Returns a user with their credentials, if they may log in.
    pub(crate) async fn account(
        self,
        id: &UserId,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Account, ProofError> {
        let account = Account::of_user(id, users).await?;
        let account = account.filter(|account| account.user.status == Status::Enabled);
        account.ok_or(ProofError::Refused("no_user"))
    }

    /// Returns whether a link that is bound in this way is still valid for this user.
    pub(crate) fn is_bound(self, bound: &LinkBinding, account: &Account) -> bool {
        is_bound(
            bound,
            &account.credentials,
            &self.pseudonyms.hash_address(&account.email),
        )
    }

    /// Returns whether this is the pseudonym of the user's present address.
    pub(crate) fn has_address(self, address: &str, account: &Account) -> bool {
        self.pseudonyms.hash_address(&account.email).as_str() == address
    }

    /// Opens a sealed address in a link or a request.
    pub(crate) fn open(self, purpose: Purpose, text: &str) -> Result<(Sealed, MailTo), ProofError> {
        let opened = Sealed::from_base64(text).and_then(|sealed| {
            let to = self.mail_keys.open(purpose, &sealed)?;
            Some((sealed, to))
        });
        opened.ok_or(ProofError::Refused("unreadable_request"))
    }

    /// Opens the request of a code, if the code is not over.
    fn open_request(self, purpose: Purpose, text: &str, now: Moment) -> Result<(Sealed, MailTo), ProofError> {
        if !self.has_codes {
            return Err(ProofError::Refused("codes_off"));
        }
        let (sealed, to) = self.open(purpose, text)?;
        if now.timestamp() >= to.asked_at.timestamp().plus(CODE_LIFE) {
            return Err(ProofError::Refused("expired_code"));
        }
        Ok((sealed, to))
    }

    /// Counts an attempt at the code of a request for this address, or at the password that a link takes. Returns the
    /// lane in which it was counted.
    pub(crate) async fn count(
        self,
        sealed: &Sealed,
        email: &Email,
        attempt: &TokenId,
        now: Moment,
        attempts: &impl CountAttempts,
    ) -> Result<Lane, ProofError> {
        self.count_for(request_id(sealed), email, attempt, now, attempts).await
    }

    /// Counts a repeated registration of this user. A link that was used would else be a way to try passwords without
    /// end, and so would a code, each of whose right uses forgets the wrong ones. Repeats therefore have their own lane,
    /// in which nothing is forgotten.
    pub(crate) async fn count_repeat(
        self,
        registrant: &Registrant,
        attempt: &TokenId,
        now: Moment,
        attempts: &impl CountAttempts,
    ) -> Result<(), ProofError> {
        let request = registrant.user_id.to_string();
        let lane = self.count_for(request, &registrant.email, attempt, now, attempts).await;
        lane.map(drop)
    }

    /// Counts an attempt at the password that a link takes, in the lane of this request.
    pub(crate) async fn count_for(
        self,
        request: String,
        email: &Email,
        attempt: &TokenId,
        now: Moment,
        attempts: &impl CountAttempts,
    ) -> Result<Lane, ProofError> {
        let address = self.pseudonyms.hash_address(email);
        let lane = Lane::Code {
            address: address.clone(),
            request,
        };
        let retry_after = match attempts.count(&lane, attempt, now).await? {
            Admission::Admitted => return Ok(lane),
            Admission::Wait(wait) => wait,
            Admission::Closed => MAX_WAIT,
        };
        Err(ProofError::Throttled { address, retry_after })
    }
}

/// Returns whether a link that is bound in this way is still valid for a user with these credentials at this address.
#[must_use]
pub fn is_bound(bound: &LinkBinding, credentials: &PasswordRecord, address: &Pseudonym) -> bool {
    credentials.password_changed_at == bound.password_changed_at && address.as_str() == bound.address
}

/// Returns the name of a request in the record of its address: 22 characters of base64url.
fn request_id(sealed: &Sealed) -> String {
    let hash = digest(&SHA256, sealed.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().chunks(16).next().unwrap_or_default())
}

/// Both variants contain secrets, so `Debug` shows only which one it is.
impl fmt::Debug for Proof<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Link(_) => "Link(..)",
            Self::Code { .. } => "Code(..)",
        })
    }
}
