//! The events in the life of a user, which other systems follow.

use crate::user::User;

/// What happened to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserEvent {
    /// The user was added.
    Created,
    /// Something that other systems may know changed.
    Changed(Vec<Attribute>),
    /// The user was removed.
    Deleted,
}

/// What can change about a user and matters to other systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The address.
    Email,
    /// The role.
    Role,
    /// The permissions.
    Scope,
    /// The claims that the operator added.
    CustomClaims,
    /// Whether the user may log in, and when the account will be removed.
    Status,
}

impl UserEvent {
    /// Returns what happened if a user was `old` and is `new`, or `None` if nothing did that matters to other systems.
    /// An epoch, for example, is of no use to them.
    #[must_use]
    pub fn between(old: Option<&User>, new: Option<&User>) -> Option<Self> {
        match (old, new) {
            (None, None) => None,
            (None, Some(_)) => Some(Self::Created),
            (Some(_), None) => Some(Self::Deleted),
            (Some(old), Some(new)) => {
                let changed = Attribute::ALL.iter().filter(|attribute| attribute.differs(old, new));
                let changed: Vec<Attribute> = changed.copied().collect();
                (!changed.is_empty()).then_some(Self::Changed(changed))
            }
        }
    }

    /// Returns the name of the event.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "user.created",
            Self::Changed(_) => "user.changed",
            Self::Deleted => "user.deleted",
        }
    }
}

impl Attribute {
    /// Every attribute.
    pub const ALL: &[Self] = &[Self::Email, Self::Role, Self::Scope, Self::CustomClaims, Self::Status];

    /// Returns the name of the attribute in an event.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Role => "role",
            Self::Scope => "scope",
            Self::CustomClaims => "custom_claims",
            Self::Status => "status",
        }
    }

    fn differs(self, old: &User, new: &User) -> bool {
        match self {
            Self::Email => old.email != new.email,
            Self::Role => old.role != new.role,
            Self::Scope => old.scope != new.scope,
            Self::CustomClaims => old.custom_claims != new.custom_claims,
            Self::Status => (old.status, old.delete_at) != (new.status, new.delete_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use claims::{Timestamp, UserId};

    use super::*;
    use crate::user::{Email, NewUser, Status};

    #[test]
    fn an_event_follows_from_the_user_before_and_after() {
        let ada = ada();
        let change = |change: fn(&mut User)| {
            let mut changed = ada.clone();
            change(&mut changed);
            UserEvent::between(Some(&ada), Some(&changed))
        };

        assert_eq!(UserEvent::between(None, Some(&ada)), Some(UserEvent::Created));
        assert_eq!(UserEvent::between(Some(&ada), None), Some(UserEvent::Deleted));
        assert_eq!(UserEvent::between(None, None), None);
        assert_eq!(change(|_| {}), None);
        assert_eq!(change(|user| user.epoch = 7), None);
        assert_eq!(
            change(|user| user.email = "ada@example.org".to_owned()),
            Some(changed(&[Attribute::Email]))
        );
        assert_eq!(
            change(|user| {
                user.role = "admin".parse().unwrap();
                user.scope = "users:write".parse().unwrap();
            }),
            Some(changed(&[Attribute::Role, Attribute::Scope]))
        );
        assert_eq!(
            change(|user| {
                user.custom_claims.insert("team".to_owned(), "red".into());
                user.status = Status::Disabled;
            }),
            Some(changed(&[Attribute::CustomClaims, Attribute::Status]))
        );
        assert_eq!(
            change(|user| user.delete_at = Some(Timestamp::new(7))),
            Some(changed(&[Attribute::Status]))
        );
    }

    fn changed(attributes: &[Attribute]) -> UserEvent {
        UserEvent::Changed(attributes.to_vec())
    }

    fn ada() -> User {
        let new = NewUser {
            email: Email::parse("ada@example.com").unwrap(),
            role: "user".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
        };
        User::new(UserId::parse("user-1").unwrap(), new, Timestamp::new(0))
    }
}
