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
    /// Whether all sessions of the user had been ended when the request reached the server.
    pub(crate) too_late: bool,
}

/// How far a refresh has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// The request is on its way to the server.
    Sent,
    /// The server has read its clock, which is this many ticks behind. The read of the user and the conditional write
    /// of a rotation are both under way.
    Begun(u8),
    /// The server has read the user. The write is still under way.
    Read(Start),
    /// The server has the result of the write. The read of the user is still under way.
    Moved(u8, Found),
    /// The session's epoch was lower than its user's. The session is read again next.
    Doubting(Start, Found),
    /// The rotation failed, and the session that it found shows a late replay that is to be forgiven. The conditional
    /// write of the recovery is next.
    Recovering(Start, Seen),
    /// The write failed, and the session that it found shows a theft. The write that revokes the session is next.
    Revoking(Start),
    /// The answer, with a token of this generation, is on its way back.
    Answered(u8),
}

/// What the server has read: its clock and the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Start {
    /// How many ticks the server's clock is behind.
    pub(crate) clock: u8,
    /// The user's epoch, or `None` if the user is disabled.
    pub(crate) epoch: Option<u8>,
}

/// The result of the conditional write of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Found {
    /// What comes next if the epochs are the same.
    pub(crate) next: Next,
    /// The session's epoch.
    pub(crate) epoch: u8,
    /// The attributes that a recovery compares.
    pub(crate) seen: Seen,
    /// Only for the witness: the generation that was current before the write, if the presented token was spent and
    /// late.
    pub(crate) late: Option<u8>,
    /// Only for the witness: whether the session was revoked before the write.
    pub(crate) revoked: bool,
    /// Only for the witness: whether the session was over before the write, by the server's clock.
    pub(crate) over: bool,
}

/// What the decision about the session leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Next {
    /// The session was rotated. The answer has its new token.
    AnswerRotated,
    /// The answer has the current token.
    AnswerRepeated,
    Recover,
    Revoke,
    Refuse,
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

    fn tick(&mut self, oldest: u8) {
        self.delivered = self.delivered.map(|age| age.saturating_add(1).min(oldest));
    }
}

impl Stage {
    /// Returns whether the server is about to send a write.
    pub(crate) const fn has_write(self) -> bool {
        matches!(
            self,
            Self::Begun(_) | Self::Read(_) | Self::Recovering(..) | Self::Revoking(_)
        )
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
            Stage::Begun(clock) => *clock = clock.saturating_add(1),
            Stage::Moved(clock, found) | Stage::Doubting(Start { clock, .. }, found) => {
                *clock = clock.saturating_add(1);
                found.seen.tick(oldest);
            }
            Stage::Read(start) | Stage::Revoking(start) => start.clock = start.clock.saturating_add(1),
            Stage::Recovering(start, seen) => {
                start.clock = start.clock.saturating_add(1);
                seen.tick(oldest);
            }
        }
        Some(())
    }

    /// Subtracts `base` from all generations.
    pub(crate) fn count_from(&mut self, base: u8) {
        self.presented = self.presented.saturating_sub(base);
        match &mut self.stage {
            Stage::Sent | Stage::Begun(_) | Stage::Read(_) | Stage::Revoking(_) => {}
            Stage::Moved(_, found) | Stage::Doubting(_, found) => {
                found.seen.generation = found.seen.generation.saturating_sub(base);
                found.late = found.late.map(|late| late.saturating_sub(base));
            }
            Stage::Recovering(_, seen) => seen.generation = seen.generation.saturating_sub(base),
            Stage::Answered(generation) => *generation = generation.saturating_sub(base),
        }
    }
}
