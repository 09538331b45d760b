//! The promises about second factors, as properties of the model.

use stateright::Property;

use crate::{FactorModel, world::World};

/// A promise about second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Promise {
    /// Only someone who presents a factor opens a session or sets a password.
    Factor,
    /// A code, a recovery code and a token of the first step are each accepted once, and no code after a later one.
    Once,
    /// A right code after a link is accepted, unless the thief reads the mail.
    WayBack,
    /// A right code after the password is accepted, unless the thief knows that password.
    Login,
    /// A recovery code is accepted, whatever anybody has tried.
    Recovery,
    /// Few wrong codes are checked after a password, and few after links.
    Few,
}

impl Promise {
    const ALL: [Self; 6] = [
        Self::Factor,
        Self::Once,
        Self::WayBack,
        Self::Login,
        Self::Recovery,
        Self::Few,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Factor => "only someone with a factor gets in",
            Self::Once => "whatever is accepted is accepted once",
            Self::WayBack => "only someone who reads the mail closes the way back",
            Self::Login => "only someone who knows the password closes the login",
            Self::Recovery => "nobody closes the way of recovery codes",
            Self::Few => "few wrong codes are checked",
        }
    }
}

/// What is meant to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sight {
    /// A login.
    Login,
    /// A confirmation in a session.
    Confirmation,
    /// A reset by mail.
    Reset,
    /// A recovery code is accepted although codes are refused.
    Recovery,
    /// A lane is closed.
    Closed,
    /// The loser of a race is refused.
    Race,
}

/// Returns every promise as a property.
pub(crate) fn promises() -> Vec<Property<FactorModel>> {
    Promise::ALL.into_iter().map(property).collect()
}

fn property(promise: Promise) -> Property<FactorModel> {
    let condition: fn(&FactorModel, &World) -> bool = match promise {
        Promise::Factor => |_, world| world.broken != Some(Promise::Factor),
        Promise::Once => |_, world| world.broken != Some(Promise::Once),
        Promise::WayBack => |_, world| world.broken != Some(Promise::WayBack),
        Promise::Login => |_, world| world.broken != Some(Promise::Login),
        Promise::Recovery => |_, world| world.broken != Some(Promise::Recovery),
        Promise::Few => |_, world| world.broken != Some(Promise::Few),
    };
    Property::always(promise.name(), condition)
}

impl Sight {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Login => "a login",
            Self::Confirmation => "a confirmation",
            Self::Reset => "a reset by mail",
            Self::Recovery => "a recovery code although codes are refused",
            Self::Closed => "a closed lane",
            Self::Race => "the loser of a race",
        }
    }
}

/// Returns everything that is meant to happen as a property.
pub(crate) fn sights() -> Vec<Property<FactorModel>> {
    let sight =
        |sight: Sight, condition: fn(&FactorModel, &World) -> bool| Property::sometimes(sight.name(), condition);
    vec![
        sight(Sight::Login, |_, world| world.seen.contains(&Sight::Login)),
        sight(Sight::Confirmation, |_, world| {
            world.seen.contains(&Sight::Confirmation)
        }),
        sight(Sight::Reset, |_, world| world.seen.contains(&Sight::Reset)),
        sight(Sight::Recovery, |_, world| world.seen.contains(&Sight::Recovery)),
        sight(Sight::Closed, |_, world| world.seen.contains(&Sight::Closed)),
        sight(Sight::Race, |_, world| world.seen.contains(&Sight::Race)),
    ]
}
