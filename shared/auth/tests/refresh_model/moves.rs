//! The moves: everything that an actor, the network or the server can do next.

use crate::{
    bounds::Actor,
    model::RefreshModel,
    request::{Request, Stage},
    server::Heard,
    world::World,
};

/// One thing that can happen. A request is identified by its index in [`World::requests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// A tab sends the token in the jar, for the first time or again because no answer came.
    Send,
    /// The network duplicates a message.
    Duplicate(usize),
    /// The network loses a message, or the server crashes while it handles a request.
    Lose(usize),
    /// A request reaches the server, whose clock is this many ticks behind.
    Start(usize, u8),
    /// The server reads the user, or it reads the session again.
    Read(usize),
    /// The server sends its next write.
    Write(usize, Heard),
    /// An answer reaches the jar. Its token replaces the one in the jar, even if the replaced one is newer.
    Arrive(usize),
    /// The thief copies the token in the jar.
    Copy,
    /// The thief's token of this generation reaches a server whose clock is this many ticks behind.
    Present(u8, u8),
    /// The owner logs out of this session.
    Logout,
    /// The owner logs out of all sessions.
    LogoutAll,
    /// The owner logs out of all other sessions.
    LogoutOthers,
    /// The operator disables the user.
    Disable,
    /// The operator enables the user again.
    Enable,
    /// The session is backed up.
    BackUp,
    /// The session is restored from the backup.
    Restore,
    /// The session expires, because it was not refreshed in time.
    Expire,
    /// A tick passes.
    Tick,
}

impl RefreshModel {
    /// Adds all possible moves to `moves`.
    pub(crate) fn moves(&self, world: &World, moves: &mut Vec<Move>) {
        let room = world.requests.len() < self.bounds.under_way;
        if room {
            moves.push(Move::Send);
        }
        for (place, request) in world.requests.iter().enumerate() {
            self.moves_of_request(place, request, room, moves);
        }
        if self.bounds.has(Actor::Thief) {
            self.moves_of_thief(world, room, moves);
        }
        self.moves_of_others(world, moves);
        moves.push(Move::Tick);
    }

    fn moves_of_request(&self, place: usize, request: &Request, room: bool, moves: &mut Vec<Move>) {
        moves.push(Move::Lose(place));
        match request.stage {
            Stage::Sent => moves.extend((0..=self.bounds.behind).map(|behind| Move::Start(place, behind))),
            Stage::Answered(_) => moves.push(Move::Arrive(place)),
            Stage::Begun(_) | Stage::Moved(..) | Stage::Doubting(..) => moves.push(Move::Read(place)),
            Stage::Read(_) | Stage::Recovering(..) | Stage::Revoking(_) => {}
        }
        if request.stage.has_write() {
            moves.extend([Heard::Yes, Heard::No].map(|heard| Move::Write(place, heard)));
        }
        if room && matches!(request.stage, Stage::Sent | Stage::Answered(_)) {
            moves.push(Move::Duplicate(place));
        }
    }

    fn moves_of_thief(&self, world: &World, room: bool, moves: &mut Vec<Move>) {
        if world.loot.is_empty() {
            moves.push(Move::Copy);
        }
        for &token in world.loot.iter().filter(|_| room) {
            moves.extend((0..=self.bounds.behind).map(|behind| Move::Present(token, behind)));
        }
    }

    fn moves_of_others(&self, world: &World, moves: &mut Vec<Move>) {
        let has = |actor| self.bounds.has(actor);
        let first_epoch = world.user.epoch == 0;
        moves.extend(
            [
                (has(Actor::Logout) && !world.item.revoked, Move::Logout),
                (has(Actor::Logout) && first_epoch, Move::LogoutAll),
                (
                    has(Actor::Logout) && first_epoch && !world.item.is_over(0),
                    Move::LogoutOthers,
                ),
                (
                    has(Actor::Operator) && world.user.enabled && world.user.epoch < 2,
                    Move::Disable,
                ),
                (has(Actor::Operator) && !world.user.enabled, Move::Enable),
                (has(Actor::Backup), Move::BackUp),
                (has(Actor::Backup) && world.backup.is_some(), Move::Restore),
                (has(Actor::Expiry) && world.item.expired.is_none(), Move::Expire),
            ]
            .into_iter()
            .filter_map(|(may, next)| may.then_some(next)),
        );
    }
}
