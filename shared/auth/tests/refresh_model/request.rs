//! A refresh in progress, from the request of a tab or the thief to the answer.

use crate::item::Item;

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Party {
    /// One of the owner's tabs. The answer goes to the jar that all tabs share.
    Owner,
    /// Someone who copied a token.
    Thief,
}

/// One refresh in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Request {
    pub(crate) by: Party,
    /// The generation of the presented token.
    pub(crate) presented: u8,
    pub(crate) stage: Stage,
    /// How many ticks the request or its answer may still take, or `None` if there is no limit.
    pub(crate) left: Option<u8>,
}

/// How far a refresh has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// The request is on its way to the server.
    Sent,
    /// The server has read its clock and the user, and is about to send the conditional write of a rotation.
    Started(Start),
    /// The write failed, and the session that it found requires a recovery. The conditional write of the recovery is
    /// next.
    Recovering(Start, Seen),
    /// The write failed, and the session that it found shows a theft. The write that revokes the session is next.
    Revoking(Start),
    /// The answer, with a token of this generation, is on its way back.
    Answered(u8),
}

/// What the server read when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Start {
    /// How many ticks the server's clock is behind.
    pub(crate) clock: u8,
    /// The user's epoch.
    pub(crate) epoch: u8,
}

/// The attributes that the conditional write of a recovery compares, so that it fails if anything changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seen {
    pub(crate) generation: u8,
    pub(crate) delivered: Option<u8>,
}

impl Seen {
    pub(crate) fn of(item: Item) -> Self {
        Self {
            generation: item.generation,
            delivered: item.delivered,
        }
    }
}

impl Request {
    /// Makes everything a tick older. Returns `None` if the message has to arrive first.
    pub(crate) fn tick(&mut self, oldest: u8) -> Option<()> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        match &mut self.stage {
            Stage::Sent | Stage::Answered(_) => {}
            Stage::Started(start) | Stage::Revoking(start) => start.clock = start.clock.saturating_add(1),
            Stage::Recovering(start, seen) => {
                start.clock = start.clock.saturating_add(1);
                seen.delivered = seen.delivered.map(|age| age.saturating_add(1).min(oldest));
            }
        }
        Some(())
    }

    /// Subtracts `base` from all generations.
    pub(crate) fn count_from(&mut self, base: u8) {
        self.presented = self.presented.saturating_sub(base);
        match &mut self.stage {
            Stage::Sent | Stage::Started(_) | Stage::Revoking(_) => {}
            Stage::Recovering(_, seen) => seen.generation = seen.generation.saturating_sub(base),
            Stage::Answered(generation) => *generation = generation.saturating_sub(base),
        }
    }
}
