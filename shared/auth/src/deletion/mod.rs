//! Deletion of an account by its owner. It has three steps: the owner deletes the account, which ends all access at
//! once; until it is removed, a link from a letter undoes that; and then scheduled code removes all that is stored.

mod delete;
mod keep;
mod ports;
mod remove;

pub use delete::{AccountDeletion, DeletionError, delete_account};
pub use keep::{KeepError, Keeping, Kept, keep_account};
pub use ports::{CancelDeletion, Deletion, FindDeletions, ForgetAddress, RemoveDeleted, ScheduleDeletion};
pub use remove::{Removals, remove_deleted};
