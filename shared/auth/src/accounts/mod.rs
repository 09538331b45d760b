//! Users as operators keep them: added, changed, imported, exported, deleted.

mod export;
mod import;
mod keep;
mod ports;

pub use export::{ExportError, ExportedPage, ExportedUser, export_page};
pub use import::{ImportError, Imported, ImportedUser, InvalidRecord, UserRecord, foresee_import, import_user};
pub use keep::{
    UserError, add_user, delete_user, disable_user, enable_user, end_sessions, find_user, set_email, set_password,
    set_role,
};
pub use ports::{AddUsers, Addition, ChangeUsers, MoveUser, PageUsers, RemoveUser, ReplacePassword, UserPage};
