//! The promises about mail, as properties of the model.

use auth::mail::FREE_MAILS;
use stateright::Property;

use crate::{
    model::MailModel,
    world::{Address, Sight, World},
};

/// A promise about mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Promise {
    /// Only who reads the mailbox of the account sets a password by mail.
    Mailbox,
    /// A proof that sets a password was sent to the account's present mailbox.
    Present,
    /// A proof is over once the password has been set in any way since it was sent. So none is used twice.
    Over,
    /// Who has registered keeps the address: nobody else becomes its user, neither before nor after.
    Kept,
    /// However many ask, few mails go to one address at once.
    Few,
}

impl Promise {
    const ALL: [Self; 5] = [Self::Mailbox, Self::Present, Self::Over, Self::Kept, Self::Few];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Mailbox => "only who reads the mailbox sets a password",
            Self::Present => "a proof was sent to the present mailbox",
            Self::Over => "a proof is over once the password was set",
            Self::Kept => "who registered keeps the address",
            Self::Few => "few mails go to one address at once",
        }
    }

    fn is_kept(self, world: &World) -> bool {
        let few = |address| {
            let mails = world.requests.iter().filter(|request| request.address == address);
            mails.count() <= usize::try_from(FREE_MAILS).unwrap()
        };
        world.broken != Some(self) && (self != Self::Few || few(Address::First) && few(Address::Second))
    }
}

/// Returns every promise as a property.
pub(crate) fn promises() -> Vec<Property<MailModel>> {
    Promise::ALL.into_iter().map(property).collect()
}

fn property(promise: Promise) -> Property<MailModel> {
    let condition: fn(&MailModel, &World) -> bool = match promise {
        Promise::Mailbox => |_, world| Promise::Mailbox.is_kept(world),
        Promise::Present => |_, world| Promise::Present.is_kept(world),
        Promise::Over => |_, world| Promise::Over.is_kept(world),
        Promise::Kept => |_, world| Promise::Kept.is_kept(world),
        Promise::Few => |_, world| Promise::Few.is_kept(world),
    };
    Property::always(promise.name(), condition)
}

/// Returns everything that is meant to happen as a property.
pub(crate) fn sights() -> Vec<Property<MailModel>> {
    let sight = |name, condition: fn(&MailModel, &World) -> bool| Property::sometimes(name, condition);
    vec![
        sight("a registration", |_, world| world.seen.contains(&Sight::Registration)),
        sight("a reset by link", |_, world| world.seen.contains(&Sight::ResetByLink)),
        sight("a reset by code", |_, world| world.seen.contains(&Sight::ResetByCode)),
        sight("a reset after a move", |_, world| {
            world.seen.contains(&Sight::ResetAfterMove)
        }),
    ]
}
