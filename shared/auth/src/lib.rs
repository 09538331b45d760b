//! What the service does: one function per use-case, and the ports that it needs. No HTTP, no AWS.

mod announced;
mod attempt;
mod budgeted_feed;
mod change_password;
mod closed_sources;
mod compaction;
mod custom_claims;
mod decision;
mod device;
mod edge_key_reader;
mod edge_keys;
mod email;
mod ending;
mod export;
mod feed_progress;
mod feed_reader;
mod following;
mod freshness;
mod hash_cost;
mod hasher;
mod import;
mod invisible;
mod issue;
mod key_reader;
mod keyring;
mod lane;
mod list_limit;
mod login;
mod logout;
pub mod memory;
mod obvious_password;
mod password;
mod password_form;
mod password_hash;
mod password_rule;
mod ports;
mod pseudonym;
mod pseudonym_reader;
mod public_key_reader;
mod refresh;
mod revocation;
mod revocations;
mod scratch;
mod session;
mod session_cap;
mod sessions;
mod snapshot_reader;
mod stored_hash;
mod success;
mod throttle;
mod unusable_hash;
mod user;
mod users;

pub use announced::{AnnouncedPage, Cursor};
pub use budgeted_feed::{ANNOUNCEMENT_WINDOW, ANNOUNCEMENTS, BudgetedFeed, Share, announcement_window};
pub use change_password::{PasswordChange, PasswordChangeError, change_password};
pub use closed_sources::ClosedSources;
pub use compaction::{Compaction, LEAST_COMPACTED, compact_feed};
pub use custom_claims::InvalidCustomClaims;
pub use decision::{Decision, InvalidRecovery, Recovery, RefreshRule};
pub use device::IssuedDevice;
pub use edge_key_reader::{EdgeKeyFault, EdgeKeyReader};
pub use edge_keys::{EdgeKeys, InvalidEdgeKeys};
pub use email::{Email, InvalidEmail};
pub use export::{ExportError, ExportedPage, ExportedUser, export_page};
pub use feed_reader::{FeedReader, Known};
pub use following::{Following, InvalidOnFailure, OnFailure, Undecided};
pub use hash_cost::HashCost;
pub use hasher::{HashError, Hasher, Salt};
pub use import::{Import, ImportError, ImportedUser, InvalidRecord, UserRecord, foresee_import, import_user};
pub use invisible::is_invisible;
pub use issue::IssuedTokens;
pub use key_reader::{KEYS_STALE, KeyFault, KeyReader, KeysUnavailable};
pub use keyring::{KeySets, Keyring, RefreshKeys};
pub use lane::{
    CHANGE_FAILURES, DEVICE_FAILURES, LANE_FAILURES, Lane, MOST_LANES, QUICK_FAILURES, STRANGER_FAILURES, UsedUp,
};
pub use list_limit::{ListLimit, TooManyLists};
pub use login::{HashUpgrade, LoggedIn, LoginError, LoginRequest, login};
pub use logout::{Logout, LogoutScope, logout};
pub use password::{InvalidPassword, Password};
pub use password_form::PasswordForm;
pub use password_hash::PasswordHash;
pub use password_rule::PasswordRule;
pub use ports::{
    AddUser, AnnounceRevocations, Attempt, ChangeCredentials, CountAnnouncements, CountAttempts, CountSources,
    CountSuccesses, Credentials, CredentialsStore, FindLiveSessions, FindOtherSession, FindSession, KeepOneSession,
    KeepSnapshots, KeySetVersion, KeySetVersions, ListSessions, ListedSession, MoveUser, OpenSessions, PageUsers,
    PublishKeys, RaiseEpoch, ReadAnnounced, ReadPublicKeys, ReadSecret, ReadSnapshots, RemoveSessions, RemoveUser,
    RevokeSessions, RotateSessions, SessionPage, Signer, SnapshotPlace, StoreError, UpgradeHash, UserPage, UserStore,
    Users,
};
pub use pseudonym::{InvalidPseudonymKey, Pseudonym, PseudonymKey};
pub use pseudonym_reader::{PseudonymFault, PseudonymReader};
pub use public_key_reader::{KnownKeys, PublicKeyReader};
pub use refresh::{RefreshError, Refreshed, RefreshedBy, refresh};
pub use revocation::{Revocation, retention};
pub use revocations::{Revocations, Snapshot};
pub use session::{Alive, ClientDetails, Presented, RevokeReason, Rotation, Session};
pub use session_cap::{EndedSessions, LOOKED_AT, LiveSession};
pub use sessions::{LONGEST_LIST, SessionError, list_sessions, revoke_session};
pub use success::{DEVICE_LOGINS, LOGINS, PASSWORD_CHANGES, SUCCESS_WINDOW, Success, Successes, success_window};
pub use throttle::{
    Admission, AttemptRecord, FORGOTTEN_AFTER, FREE_FAILURES, LONGEST_WAIT, SITE_SHARE, SOURCE_WINDOW, Tally,
    Throttling, forgotten_before, growing_waits, source_window, wait_after,
};
pub use unusable_hash::UnusableHash;
pub use user::{NewUser, Status, User};
pub use users::{
    UserError, add_user, delete_user, disable_user, enable_user, end_sessions, find_user, list_users, set_email,
    set_password, set_role,
};
