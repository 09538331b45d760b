//! Managing users: adding, inviting, changing, importing, exporting and deleting them.

mod claims;
mod export;
mod import;
mod keep;
mod operator_mail;
mod ports;

pub use self::claims::{set_custom_claims, set_scope};
pub use export::{ExportError, ExportedPage, ExportedUser, export_page};
pub use import::{
    ImportError, Imported, ImportedUser, InvalidRecord, UserRecord, add_imported, check_id, foresee_import, import_user,
};
pub(crate) use keep::AHEAD;
pub use keep::{
    UserError, add_user, delete_user, disable_user, enable_user, end_sessions, find_user, set_email, set_password,
    set_role,
};
pub use operator_mail::{Invitation, QueueingKeys, StartMailError, StartedMail, invite_user, start_reset, start_test};
pub use ports::{
    AddUsers, Addition, ChangeClaims, ChangeUsers, MoveUser, PageUsers, RemoveUser, ReplacePassword, UserPage,
};
