//! A user as an operator names one: by address, or by the id that logs have.

use std::str::FromStr;

use auth::{
    accounts::{UserError, find_user},
    password::FindPassword,
    user::{Email, FindUser, User},
};
use claims::UserId;

use crate::failure::NotThere;

/// A user as named on the command line.
#[derive(Clone, Debug)]
pub(crate) struct NamedUser {
    address: Option<Email>,
    id: Option<UserId>,
}

/// The error for a name that is neither an address nor an id.
#[derive(Debug, thiserror::Error)]
#[error("must be the address or the id of a user")]
pub(crate) struct InvalidName;

/// A user who was found by name.
#[derive(Debug)]
pub(crate) struct FoundUser {
    /// The address with which the user logs in.
    pub(crate) email: Email,
    pub(crate) user: User,
}

impl FromStr for NamedUser {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (address, id) = (Email::parse(text).ok(), UserId::parse(text).ok());
        if address.is_none() && id.is_none() {
            return Err(InvalidName);
        }
        Ok(Self { address, id })
    }
}

impl NamedUser {
    /// Returns the user with this address, or else the user with this id: an imported id may look like an address.
    ///
    /// # Errors
    /// If there is neither, or the store fails.
    pub(crate) async fn find(&self, users: &(impl FindUser + FindPassword)) -> anyhow::Result<FoundUser> {
        if let Some(email) = &self.address {
            match (find_user(email, users).await, &self.id) {
                (Ok(user), _) => {
                    let email = email.clone();
                    return Ok(FoundUser { email, user });
                }
                (Err(UserError::Unknown), Some(_)) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        if let Some(id) = &self.id
            && let Some(user) = users.user(id).await?
        {
            let email = Email::parse(&user.email)?;
            return Ok(FoundUser { email, user });
        }
        match self.address {
            Some(_) => Err(UserError::Unknown.into()),
            None => Err(NotThere("no user has this id".to_owned()).into()),
        }
    }

    /// Returns the address itself, which may belong to nobody, or that of the user with this id.
    ///
    /// # Errors
    /// If no user has the id, or the store fails.
    pub(crate) async fn address(&self, users: &(impl FindUser + FindPassword)) -> anyhow::Result<Email> {
        match &self.address {
            Some(email) => Ok(email.clone()),
            None => Ok(self.find(users).await?.email),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ada@example.com", true, true)]
    #[case("\u{e4}da@example.com", true, false)]
    #[case("01a2108a-621e-79da-a158-729f76b918c0", false, true)]
    fn a_name_is_an_address_or_an_id(#[case] text: &str, #[case] is_address: bool, #[case] is_id: bool) {
        let name: NamedUser = text.parse().unwrap();

        assert_eq!((name.address.is_some(), name.id.is_some()), (is_address, is_id));
    }

    #[rstest]
    #[case("")]
    #[case("two words")]
    #[case("\"")]
    fn other_text_names_nobody(#[case] text: &str) {
        assert!(text.parse::<NamedUser>().is_err());
    }
}
