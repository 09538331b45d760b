//! Which letter a requested mail leads to.

use claims::{Draft, Link, LinkBinding, LinkClaims, Moment, SignError, SignedToken, Span, Timestamp, TokenId, UserId};

use crate::{
    error::StoreError,
    keys::Signer as _,
    mail::{
        Account, Code, DeliverError, Letter, Lives, MailBudget, MailTo, Mailer, Notice, Purpose, QueuedMail,
        QueuedNotice,
        account::{Holder, find_holder},
        code::{new_user_id, register_code, reset_code},
        grant,
    },
    password::FindPassword,
    user::{Email, FindUser, Status},
};

/// A letter that is due.
pub(super) struct Due {
    pub(super) to: Email,
    pub(super) letter: Letter,
    /// The budget that the letter counts in. The one about a deletion counts in none, because it has the owner's way back.
    pub(super) budget: Option<MailBudget>,
}

impl Due {
    fn to_user(account: Account, letter: Letter) -> Self {
        Self {
            to: account.email,
            letter,
            budget: Some(MailBudget::Users),
        }
    }

    fn to_stranger(to: &MailTo, letter: Letter) -> Self {
        Self {
            to: to.email.clone(),
            letter,
            budget: Some(MailBudget::Registrations),
        }
    }
}

impl Mailer<'_> {
    /// Returns what the request is about. Returns `None` if no key sealed it for its purpose, or if it is stored under
    /// another address or time than it should be.
    pub(super) fn open(self, mail: &QueuedMail) -> Option<MailTo> {
        let to = self.mail_keys.open(mail.purpose, &mail.sealed)?;
        let is_own = to.asked_at == mail.asked_at;
        // A move is counted for the address that it starts from, and what is sealed is the other one.
        let is_counted = mail.purpose == Purpose::AddressOld || self.pseudonyms.hash_address(&to.email) == mail.address;
        (is_own && is_counted).then_some(to)
    }

    /// Returns the letter that is due, if there is one.
    pub(super) async fn write(
        self,
        mail: &QueuedMail,
        to: &MailTo,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        match mail.purpose {
            Purpose::Register => self.write_register(mail, to, users).await,
            Purpose::Reset => self.write_reset(mail, to, users).await,
            Purpose::Invite => self.write_invite(mail, to, users).await,
            Purpose::AddressOld => self.write_address_old(mail, users).await,
            Purpose::AddressNew => self.write_address_new(mail, to, users).await,
            // A test letter permits nothing, so it needs no tag of an operator. It is counted like one to a stranger, so
            // tests do not use up the letters of users.
            Purpose::Test => Ok(Some(Due::to_stranger(to, Letter::Test))),
            Purpose::Notice => Ok(None),
        }
    }

    async fn write_register(
        self,
        mail: &QueuedMail,
        to: &MailTo,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        Ok(match find_holder(&to.email, users).await? {
            Holder::Disabled => None,
            Holder::User(account) => {
                let link = self.reset_link(mail, &account).await?;
                Some(Due::to_user(*account, Letter::Registered { link }))
            }
            Holder::Nobody => {
                let id = new_user_id(self.link_keys, &mail.sealed, mail.asked_at)?;
                let own = LinkClaims::Register {
                    mail: mail.sealed.to_base64(),
                };
                let link = self.link(mail, id, Lives::REGISTER, own).await?;
                let code = self.code(|| register_code(self.link_keys, &mail.sealed, mail.asked_at))?;
                Some(Due::to_stranger(to, Letter::Register { link, code }))
            }
        })
    }

    async fn write_reset(
        self,
        mail: &QueuedMail,
        to: &MailTo,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        let Holder::User(account) = find_holder(&to.email, users).await? else {
            return Ok(None);
        };
        let link = self.reset_link(mail, &account).await?;
        let make_code = || reset_code(self.link_keys, &mail.sealed, mail.asked_at, &account.credentials);
        // If an operator has requested the mail, the user has no answer with which a code would be valid.
        let code = match mail.user_id {
            Some(_) => None,
            None => self.code(make_code)?,
        };
        Ok(Some(Due::to_user(*account, Letter::Reset { link, code })))
    }

    async fn write_invite(
        self,
        mail: &QueuedMail,
        to: &MailTo,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        let Some(granted) = grant::verify(mail, self.link_keys)? else {
            return Ok(None);
        };
        let Holder::Nobody = find_holder(&to.email, users).await? else {
            return Ok(None);
        };
        let id = new_user_id(self.link_keys, &mail.sealed, mail.asked_at)?;
        let own = LinkClaims::Invite {
            mail: mail.sealed.to_base64(),
            role: granted.role.clone(),
            scope: granted.scope.clone(),
        };
        let link = self.link(mail, id, Lives::INVITE, own).await?;
        Ok(Some(Due::to_stranger(to, Letter::Invite { link })))
    }

    async fn write_address_old(
        self,
        mail: &QueuedMail,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        let account = find_mover(mail, users).await?;
        let account = account.filter(|account| self.pseudonyms.hash_address(&account.email) == mail.address);
        let Some(account) = account else {
            return Ok(None);
        };
        let own = LinkClaims::AddressOld {
            bound: self.binding(&account),
            mail: mail.sealed.to_base64(),
        };
        let link = self.link(mail, account.user.id.clone(), Lives::ADDRESS, own).await?;
        Ok(Some(Due::to_user(account, Letter::AddressOld { link })))
    }

    async fn write_address_new(
        self,
        mail: &QueuedMail,
        to: &MailTo,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        match find_holder(&to.email, users).await? {
            Holder::Disabled => return Ok(None),
            Holder::User(holder) => return Ok(Some(Due::to_user(*holder, Letter::AddressTaken))),
            Holder::Nobody => {}
        }
        let Some(account) = find_mover(mail, users).await? else {
            return Ok(None);
        };
        let own = LinkClaims::AddressNew {
            bound: self.binding(&account),
            mail: mail.sealed.to_base64(),
        };
        let link = self.link(mail, account.user.id.clone(), Lives::ADDRESS, own).await?;
        Ok(Some(Due::to_stranger(to, Letter::AddressNew { link })))
    }

    /// Returns a notice, if its user may have the account.
    pub(super) async fn write_notice(
        self,
        notice: &QueuedNotice,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        if notice.what == Notice::AccountDeleted {
            return self.write_account_deleted(notice, users).await;
        }
        let user = users.user(&notice.user_id).await?;
        let Some(user) = user.filter(|user| user.status.is_recoverable()) else {
            return Ok(None);
        };
        let to = match &notice.to {
            None => Some(user.own_address()?),
            Some(sealed) => self.mail_keys.open(Purpose::Notice, sealed).map(|to| to.email),
        };
        Ok(to.map(|to| Due {
            to,
            letter: Letter::Notice {
                what: notice.what,
                at: notice.at,
                undo: None,
            },
            budget: Some(MailBudget::Users),
        }))
    }

    async fn write_account_deleted(
        self,
        notice: &QueuedNotice,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Due>, DeliverError> {
        let account = Account::of_user(&notice.user_id, users).await?;
        let account = account.filter(|account| account.user.status == Status::Deleting);
        let Some((account, delete_at)) = account.and_then(|account| {
            let delete_at = account.user.delete_at?;
            Some((account, delete_at))
        }) else {
            return Ok(None);
        };
        let own = LinkClaims::KeepAccount {
            address: self.binding(&account).address,
        };
        let link = self.sign_link(
            account.user.id.clone(),
            notice.id(),
            notice.at.timestamp(),
            delete_at,
            own,
        );
        let letter = Letter::Notice {
            what: notice.what,
            at: Moment::new(delete_at.get().saturating_mul(1000)),
            undo: Some(link.await?),
        };
        Ok(Some(Due {
            budget: None,
            ..Due::to_user(account, letter)
        }))
    }

    /// Signs the token of a link with which this user sets a new password.
    async fn reset_link(self, mail: &QueuedMail, account: &Account) -> Result<SignedToken<Link>, SignError> {
        let own = LinkClaims::Reset(self.binding(account));
        self.link(mail, account.user.id.clone(), Lives::RESET, own).await
    }

    /// Returns what a link for this user is bound to.
    fn binding(self, account: &Account) -> LinkBinding {
        LinkBinding {
            password_changed_at: account.credentials.password_changed_at,
            address: self.pseudonyms.hash_address(&account.email).as_str().to_owned(),
        }
    }

    /// Signs the token of a link. The same request always leads to the same token.
    async fn link(
        self,
        mail: &QueuedMail,
        sub: UserId,
        life: Span,
        own: LinkClaims,
    ) -> Result<SignedToken<Link>, SignError> {
        let iat = mail.asked_at.timestamp();
        self.sign_link(sub, mail.attempt.clone(), iat, iat.plus(life), own)
            .await
    }

    async fn sign_link(
        self,
        sub: UserId,
        jti: TokenId,
        iat: Timestamp,
        exp: Timestamp,
        own: LinkClaims,
    ) -> Result<SignedToken<Link>, SignError> {
        let draft = Draft {
            iss: self.issuer.clone(),
            aud: self.issuer.as_link_audience(),
            sub,
            jti,
            iat,
            exp,
            own,
        };
        self.link_keys.sign(&draft).await
    }

    fn code(self, make: impl FnOnce() -> Result<Code, SignError>) -> Result<Option<Code>, SignError> {
        self.has_codes.then(make).transpose()
    }
}

/// Returns the user who asked for a move, if they may log in.
async fn find_mover(mail: &QueuedMail, users: &(impl FindPassword + FindUser)) -> Result<Option<Account>, StoreError> {
    match &mail.user_id {
        None => Ok(None),
        Some(id) => {
            let account = Account::of_user(id, users).await?;
            Ok(account.filter(|account| account.user.status == Status::Enabled))
        }
    }
}
