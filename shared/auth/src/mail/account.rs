//! Users with their credentials: who gets letters, and whose links are valid.

use claims::UserId;

use crate::{
    error::StoreError,
    password::{FindPassword, PasswordRecord},
    user::{Email, FindUser, User},
};

/// A user with their credentials.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) user: User,
    /// The address as the user has it. A request may spell it in another way, which may be another mailbox.
    pub(crate) email: Email,
    pub(crate) credentials: PasswordRecord,
}

/// Who has an address.
pub(super) enum Holder {
    Nobody,
    /// A user who may have the account.
    User(Box<Account>),
    /// A user whom an operator has disabled gets no mail.
    Disabled,
}

impl Account {
    /// Returns the user with this id.
    pub(crate) async fn of_user(
        id: &UserId,
        users: &(impl FindPassword + FindUser),
    ) -> Result<Option<Self>, StoreError> {
        let Some(user) = users.user(id).await? else {
            return Ok(None);
        };
        let email = user.own_address()?;
        let credentials = users.password_record(&email).await?;
        let credentials = credentials.filter(|found| found.user_id == user.id);
        Ok(credentials.map(|credentials| Self {
            user,
            email,
            credentials,
        }))
    }
}

/// Returns who has an address.
pub(super) async fn find_holder(email: &Email, users: &(impl FindPassword + FindUser)) -> Result<Holder, StoreError> {
    let Some(credentials) = users.password_record(email).await? else {
        return Ok(Holder::Nobody);
    };
    let user = users.user(&credentials.user_id).await?;
    Ok(match user.filter(|user| user.status.is_recoverable()) {
        None => Holder::Disabled,
        Some(user) => Holder::User(Box::new(Account {
            email: user.own_address()?,
            user,
            credentials,
        })),
    })
}
