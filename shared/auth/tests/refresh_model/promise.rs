//! The promises of the refresh rule, as properties of the model.

use auth::session::Decision;
use stateright::Property;

use crate::{item::NOW, model::RefreshModel, world::World};

/// A promise of the refresh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Promise {
    /// An honest client is never refused if its requests and answers together take at most W, and if it does not lose
    /// two consecutive answers for longer than W. This does not hold if its user is disabled or the session was ended.
    ///
    /// "Together" means the slowest request and the slowest answer, which may belong to different refreshes. A
    /// generation is "lost for longer than W" if, at some time, the jar does not have it and a request with the
    /// previous token may reach the server later than W after the generation was handed out. The answer with the
    /// generation may never have arrived, or a late answer may have replaced it in the jar. Two answers are
    /// "consecutive" if they belong to consecutive generations.
    Honest,
    /// A theft is detected if owner and thief are both late in two consecutive generations.
    ///
    /// A spent token is "late" if it is presented later than W after the current generation was first handed out. The
    /// theft is "detected" if, after one late token was answered with a token, a late token in the next generation
    /// revokes the session.
    Thief,
    /// A session has at most one live generation, and that generation has only one token. A generation is live if its
    /// token would now be exchanged for the next one. Generations that a restored backup does not have are not counted.
    OneGeneration,
    /// A revoked session never hands out a token again, unless it is restored from a backup.
    Revoked,
    /// A session that was ended together with the user's other sessions yields no token to a refresh that comes later,
    /// even if its user is enabled again.
    Ended,
    /// A refusal other than theft changes nothing, and a session that is over is not accused of theft. A session that
    /// was ended together with the user's other sessions may still rotate.
    Refusal,
    /// No crash and no lost message leaves the session without a usable token, unless it is revoked, expired or ended
    /// together with the user's other sessions. The current token is always usable, and if [`Promise::Honest`] applies,
    /// so is the one in the jar.
    Usable,
    /// No refresh changes the time at which the session ends.
    End,
}

impl Promise {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Honest => "an honest client is never refused",
            Self::Thief => "owner and thief who are both late in two generations running are found out",
            Self::OneGeneration => "at most one live generation a session",
            Self::Revoked => "a revoked session never yields a token again",
            Self::Ended => "a session that was ended with all others never yields a token later",
            Self::Refusal => "a refusal other than theft changes nothing",
            Self::Usable => "no crash and no lost message leaves the session with no usable token",
            Self::End => "no refresh moves the end of the session",
        }
    }

    fn is_kept(self, world: &World) -> bool {
        world.witness.broken != Some(self)
    }
}

/// Returns every promise as a property.
pub(crate) fn promises() -> Vec<Property<RefreshModel>> {
    vec![
        Property::always(Promise::Honest.name(), |_, world| Promise::Honest.is_kept(world)),
        Property::always(Promise::Thief.name(), |_, world| Promise::Thief.is_kept(world)),
        Property::always(Promise::OneGeneration.name(), |model, world| {
            Promise::OneGeneration.is_kept(world) && live_generations(model, world) <= 1
        }),
        Property::always(Promise::Revoked.name(), |_, world| Promise::Revoked.is_kept(world)),
        Property::always(Promise::Ended.name(), |_, world| Promise::Ended.is_kept(world)),
        Property::always(Promise::Refusal.name(), |_, world| Promise::Refusal.is_kept(world)),
        Property::always(Promise::Usable.name(), has_usable_token),
        Property::always(Promise::End.name(), |_, world| Promise::End.is_kept(world)),
    ]
}

fn live_generations(model: &RefreshModel, world: &World) -> usize {
    let session = world.item.session();
    (0..=world.item.generation)
        .filter(|&generation| model.decide(&session, generation, NOW) == Decision::Rotate)
        .count()
}

fn has_usable_token(model: &RefreshModel, world: &World) -> bool {
    let session = world.item.session();
    let is_usable = |generation| {
        let decision = model.decide(&session, generation, NOW);
        matches!(decision, Decision::Rotate | Decision::Repeat | Decision::Recover)
    };
    let honest = model.bounds.is_honest();
    world.ended || world.item.is_over(0) || is_usable(world.item.generation) && (!honest || is_usable(world.jar))
}
