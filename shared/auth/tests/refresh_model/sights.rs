//! Situations that must occur in the model: every case of `Session::decide`. Otherwise a promise could be kept only
//! because no state can break it.

use auth::session::Decision;
use stateright::Property;

use crate::{
    item::ago,
    model::RefreshModel,
    request::{Stage, Start},
    world::World,
};

/// Returns a property for every case of `Session::decide`. The property is that the case occurs: in some state, a
/// server is about to make this decision.
pub(crate) fn sights() -> Vec<Property<RefreshModel>> {
    vec![
        Property::sometimes("the current token is exchanged", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag == Some(0) && sight.decision == Decision::Rotate
            })
        }),
        Property::sometimes("the current token is given again", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag == Some(0) && sight.decision == Decision::Repeat
            })
        }),
        Property::sometimes("a token that the backup does not know is exchanged", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag.is_none() && sight.decision == Decision::Rotate
            })
        }),
        Property::sometimes("the parent is answered within W", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag == Some(1) && sight.decision == Decision::Repeat
            })
        }),
        Property::sometimes("a straggler is answered", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag == Some(2) && sight.decision == Decision::Repeat
            })
        }),
        Property::sometimes("a late replay is forgiven", |model, world| {
            is_seen(model, world, |sight| {
                sight.decision == Decision::Recover && !sight.recovered
            })
        }),
        Property::sometimes("a late replay is forgiven again in its generation", |model, world| {
            is_seen(model, world, |sight| {
                sight.decision == Decision::Recover && sight.recovered
            })
        }),
        Property::sometimes("a late replay in the next generation is theft", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag == Some(1) && sight.decision == Decision::Theft
            })
        }),
        Property::sometimes("a grandparent that is no straggler is theft", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag == Some(2) && sight.decision == Decision::Theft
            })
        }),
        Property::sometimes("anything older is theft", |model, world| {
            is_seen(model, world, |sight| {
                sight.lag > Some(2) && sight.decision == Decision::Theft
            })
        }),
        Property::sometimes("a session that is over is refused", |model, world| {
            is_seen(model, world, |sight| sight.decision == Decision::Refuse)
        }),
    ]
}

/// A decision that is about to be made.
struct Sight {
    /// By how many generations the presented token is behind the stored session, or `None` if the token is ahead.
    lag: Option<u8>,
    decision: Decision,
    /// Whether a late replay was already forgiven in the current generation.
    recovered: bool,
}

fn is_seen(model: &RefreshModel, world: &World, sight: fn(&Sight) -> bool) -> bool {
    let item = world.item;
    world.requests.iter().any(|request| match request.stage {
        Stage::Begun(clock) | Stage::Read(Start { clock, .. }) => sight(&Sight {
            lag: item.generation.checked_sub(request.presented),
            decision: model.decide(&item.session(), request.presented, ago(clock)),
            recovered: item.recovered == Some(item.generation),
        }),
        Stage::Sent
        | Stage::Moved(..)
        | Stage::Doubting(..)
        | Stage::Recovering(..)
        | Stage::Revoking(_)
        | Stage::Answered(_) => false,
    })
}
