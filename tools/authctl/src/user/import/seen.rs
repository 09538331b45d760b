//! The addresses and ids of the users that were already read, to find duplicate lines. An import keeps nothing else of
//! these users in memory.

use std::collections::{HashMap, hash_map::Entry};

use auth::accounts::ImportedUser;
use claims::UserId;

use super::refusal::Refusal;
use crate::user::column::Column;

/// The addresses and ids in the lines so far, each with the number of its line. Ids that the import generates are left
/// out.
#[derive(Default)]
pub(super) struct Seen {
    addresses: HashMap<Box<str>, u64>,
    ids: HashMap<UserId, u64>,
}

impl Seen {
    /// Records the user of a line.
    ///
    /// # Errors
    /// If an earlier line has the same address or the same id.
    pub(super) fn admit(&mut self, line: u64, user: &ImportedUser) -> Result<(), Refusal> {
        let twice = |column, earlier| Refusal::new(line, column, format!("duplicate of line {earlier}"));
        if let Some(id) = user.given_id() {
            let earlier = *self.ids.entry(id.clone()).or_insert(line);
            if earlier != line {
                return Err(twice(Column::UserId, earlier));
            }
        }
        match self.addresses.entry(user.email().normalised().into()) {
            Entry::Vacant(vacant) => {
                vacant.insert(line);
                Ok(())
            }
            Entry::Occupied(earlier) => Err(twice(Column::Email, *earlier.get())),
        }
    }
}
