//! The effect of each move on the world.

use crate::{
    model::RefreshModel,
    moves::Move,
    request::{Party, Request, Stage},
    world::{Backup, World},
};

impl RefreshModel {
    /// Makes a move. Returns `None` if the move is impossible or changes nothing.
    pub(crate) fn step(&self, world: &mut World, next: Move) -> Option<()> {
        match next {
            Move::Send => world.requests.push(self.request(Party::Owner, world.jar)),
            Move::Duplicate(place) => world.requests.push(*world.requests.get(place)?),
            Move::Lose(place) => {
                world.requests.swap_remove(place);
            }
            Move::Start(place, behind) => {
                let request = world.requests.swap_remove(place);
                self.start(world, request, behind);
            }
            Move::Read(place) => {
                let request = world.requests.swap_remove(place);
                self.read(world, request);
            }
            Move::Write(place, heard) => {
                let request = world.requests.swap_remove(place);
                self.write(world, request, heard)?;
            }
            Move::Arrive(place) => {
                if let Stage::Answered(token) = world.requests.swap_remove(place).stage {
                    world.jar = token;
                }
            }
            Move::Copy => {
                world.loot.insert(world.jar);
            }
            Move::Present(token, behind) => self.start(world, self.request(Party::Thief, token), behind),
            Move::Logout => world.item.revoked = true,
            Move::LogoutAll => {
                world.user.epoch = 1;
                world.ended = true;
            }
            Move::LogoutOthers => {
                world.user.epoch = 1;
                world.item.epoch = 1;
            }
            Move::Disable => {
                world.user.enabled = false;
                world.user.epoch = (self.rule.disabled)(world.user.epoch);
                world.ended = true;
            }
            Move::Enable => world.user.enabled = true,
            Move::BackUp => world.backup = Some(world.backed_up()),
            Move::Restore => self.restore(world)?,
            Move::Expire => world.item.expired = Some(0),
            Move::Tick => world.tick(self.bounds.oldest())?,
        }
        Some(())
    }

    fn request(&self, by: Party, presented: u8) -> Request {
        Request {
            by,
            presented,
            stage: Stage::Sent,
            left: self.bounds.network.time_to_arrive(),
            too_late: false,
        }
    }

    /// Restores the backup. Returns `None` if there is no backup. Also returns `None` if a refresh is in progress and
    /// the promises to an honest client are checked, because they do not cover a restore during a refresh.
    fn restore(&self, world: &mut World) -> Option<()> {
        if self.bounds.is_honest() && !world.requests.is_empty() {
            return None;
        }
        let backup = world.backup?;
        world.item = backup.item;
        world.witness.current = backup.current;
        world.witness.previous = backup.previous;
        world.witness.late = None;
        Some(())
    }
}

impl World {
    fn backed_up(&self) -> Backup {
        Backup {
            item: self.item,
            current: self.witness.current,
            previous: self.witness.previous,
        }
    }
}
