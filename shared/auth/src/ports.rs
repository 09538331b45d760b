//! What the use-cases need of the world: small traits, one per capability, and the laws that each obeys.
//!
//! A function's bounds and its IAM statement say the same thing.

use std::future::Future;

use claims::{
    Draft, Jwks, Millis, Role, Seconds, SessionId, SignError, SignedToken, Timestamp, TokenId, TokenKind, UserId,
};
use zeroize::Zeroizing;

use crate::{
    Admission, AnnouncedPage, Cursor, Email, Lane, PasswordHash, Pseudonym, RefreshRule, Revocation, Session, Share,
    Success, User,
    session::{Alive, ClientDetails, Presented, RevokeReason, Rotation},
    session_cap::LiveSession,
};

/// Why a store did not do what it was asked; it is done wholly or not at all, and a retry is safe.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store refused, throttled, timed out or could not be reached.
    #[error("{operation}: the store is unavailable: {cause}")]
    Unavailable {
        /// What was asked of it.
        operation: &'static str,
        /// What it or the network said; never an item.
        cause: String,
    },
    /// The store holds an item that is not of the expected form. Which value is wrong is not said, since every way to
    /// say how would show it.
    #[error("{operation}: the stored item is malformed")]
    Malformed {
        /// What was asked of it.
        operation: &'static str,
    },
}

/// What a user logs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Whose they are.
    pub user_id: UserId,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// When the password was set.
    pub password_changed_at: Timestamp,
}

/// Finds the credentials for an address.
///
/// Law: what was added under an address is found under every address that normalises to the same.
pub trait CredentialsStore: Sync {
    /// The credentials for this address, read consistently.
    fn credentials(&self, email: &Email) -> impl Future<Output = Result<Option<Credentials>, StoreError>> + Send;
}

/// Replaces a password hash by a stronger one of the same password; what a login needs.
///
/// Law: a hash that is not the one which was read stays as it is, so that a password which was changed meanwhile is never
/// overwritten.
pub trait UpgradeHash: Sync {
    /// Writes `new` under this address if `old` still is the hash there; whether it was.
    fn upgrade(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Counts attempts at a password before it is looked at.
///
/// Laws: an attempt is admitted exactly when [`crate::AttemptRecord::admit`] says so of what is recorded, and then it is
/// recorded as [`crate::AttemptRecord::counted`] says, in one step; so of many at once no more are admitted than if each
/// had come by itself. One that is not admitted
/// changes nothing. One that comes again because its answer was lost is counted once.
pub trait CountAttempts: Sync {
    /// Counts an attempt as a failure, unless it is not admitted.
    fn count(
        &self,
        lane: &Lane,
        attempt: &TokenId,
        now: Millis,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;

    /// Forgets the failures of a lane, since its last attempt was right, and what all lanes of its record have used up of
    /// their budget, but not the failures of another one by itself.
    fn clear(&self, lane: &Lane) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts the failed logins from one source within a [`crate::source_window`].
///
/// Law: no more than `limit` are admitted in a window that were not excused.
pub trait CountSources: Sync {
    /// Counts an attempt as a failure, unless the window has had its share; then nothing changes.
    fn count_source(
        &self,
        source: &Pseudonym,
        limit: u64,
        now: Millis,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;

    /// Takes one failure back that was counted at `now`, since the attempt was right.
    fn excuse_source(&self, source: &Pseudonym, now: Millis) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts right passwords within a [`crate::success_window`].
///
/// Law: one is admitted exactly when [`crate::Successes::count`] says so of what is recorded, and then it is recorded, in
/// one step. One that is not admitted changes nothing.
pub trait CountSuccesses: Sync {
    /// Counts a success, unless the user or the device has had its share.
    fn count_success(
        &self,
        success: &Success,
        now: Millis,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;
}

/// Finds a user.
///
/// Law: a change is seen by every read that starts after it returned.
pub trait UserStore: Sync {
    /// The user, read consistently.
    fn user(&self, id: &UserId) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;
}

/// What became of a conditional write on a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was written; this is the session now.
    Written(Session),
    /// Its condition did not hold, so nothing was written; this is the session as it was found, if there is one.
    Unchanged(Option<Session>),
}

/// Opens sessions; what a login needs.
///
/// Law: a session that is there already is left as it is, so that a request which arrives late or twice never brings
/// back what was rotated or revoked since.
pub trait OpenSessions: Sync {
    /// Adds a session under an id that was never used for another one.
    fn create(&self, session: &Session) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Moves sessions on; what a refresh needs.
///
/// Laws: each operation takes effect wholly or not at all, in one order that all callers see. One whose answer was lost
/// may be repeated, and then finds its own work done: that counts as written by it.
pub trait RotateSessions: Sync {
    /// Rotates the session of `presented` to what [`Session::rotated`] says, exactly when [`Session::decide`] says
    /// [`crate::Decision::Rotate`] of the stored session and its epoch is the presented one.
    fn rotate(
        &self,
        presented: &Presented,
        rotation: &Rotation,
        rule: &RefreshRule,
    ) -> impl Future<Output = Result<Attempt, StoreError>> + Send;

    /// Notes that a late replay was forgiven, as [`Session::recovered`] says, if nothing moved since `seen` was read.
    fn recover(&self, seen: &Session, now: Timestamp) -> impl Future<Output = Result<Attempt, StoreError>> + Send;
}

/// Revokes sessions; what a logout needs, and a refresh that finds a theft.
///
/// Law: a session is revoked once and for ever; the first reason stays.
pub trait RevokeSessions: Sync {
    /// Revokes a session. Where there is none, or it was revoked before, nothing changes.
    fn revoke(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        reason: RevokeReason,
        now: Timestamp,
    ) -> impl Future<Output = Result<Attempt, StoreError>> + Send;
}

/// Finds one session; what a logout of more than one session needs.
///
/// Law: a change is seen by every read that starts after it returned.
pub trait FindSession: Sync {
    /// The session, over or not, read consistently.
    fn session(
        &self,
        user_id: &UserId,
        sid: &SessionId,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;
}

/// Looks for the sessions that a logout of all others would end.
///
/// Law: a change is seen by every read that starts after it returned.
pub trait FindOtherSession: Sync {
    /// Whether the user has another session of this one's epoch that is alive, read consistently; of a user with very
    /// many that are over, it may be said that there is one.
    fn has_other(&self, session: &Session, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Looks at which sessions a user has; what a login needs that keeps their number down.
///
/// Laws: a change is seen by every read that starts after it returned. The cost of a read does not grow with the number of
/// sessions that are kept: it is one page of the [`crate::LOOKED_AT`] newest ones.
pub trait FindLiveSessions: Sync {
    /// The sessions that are alive of the newest ones that are kept, the newest first, read consistently.
    fn live(&self, alive: Alive<'_>) -> impl Future<Output = Result<Vec<LiveSession>, StoreError>> + Send;
}

/// A session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// Which it is.
    pub sid: SessionId,
    /// When the user gave their password.
    pub created_at: Timestamp,
    /// When it last handed out a token.
    pub last_used_at: Timestamp,
    /// What is known of the client that logged in.
    pub client: ClientDetails,
}

/// Some of the sessions of a user, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPage {
    /// The sessions; there may be none on a page that is not the last.
    pub sessions: Vec<ListedSession>,
    /// The session before which the next page goes on, towards the older ones; nothing on the last page.
    pub next: Option<SessionId>,
}

/// Lists sessions page by page; what a user's own list needs.
///
/// Laws: a change is seen by every read that starts after it returned. A session that is alive from the first page to the
/// last is on exactly one of them.
pub trait ListSessions: Sync {
    /// The newest page, or the one that goes on before a session: those that are alive of the next `most_read` sessions
    /// that are kept, or of fewer where they are long, read consistently.
    fn page(
        &self,
        alive: Alive<'_>,
        before: Option<&SessionId>,
        most_read: usize,
    ) -> impl Future<Output = Result<SessionPage, StoreError>> + Send;
}

/// Ends all sessions of a user in one step, whatever their number.
///
/// Law: two of the same epoch raise it once.
pub trait RaiseEpoch: Sync {
    /// Adds one to the user's epoch if it still is `epoch`, and notes when; whether it was.
    fn raise(&self, id: &UserId, epoch: u64, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Ends all sessions of a user but one, in one step.
///
/// Law: both or neither of its two writes.
pub trait KeepOneSession: Sync {
    /// Adds one to the user's epoch and to this session's, if both still are what the session says and it is not
    /// revoked, and notes when; whether they were.
    fn keep_only(&self, session: &Session, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Replaces a user's credentials and ends all their sessions but one, in one step; what a change of password needs.
///
/// Law: all of its three writes or none.
pub trait ChangeCredentials: Sync {
    /// Writes `new` if `old` still is the hash under this address, and as [`KeepOneSession::keep_only`] adds one to the
    /// user's epoch and to this session's; whether all of it held.
    fn change(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &Credentials,
        session: &Session,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Announces revocations to every authorizer.
///
/// Law: what was announced is read by every reader of [`ReadAnnounced`] that begins after it returned.
pub trait AnnounceRevocations: Sync {
    /// Announces one that is new.
    fn announce(&self, revocation: &Revocation, now: Millis) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Announces one that may be announced already: many of the same within a minute are one entry. Of tokens that were
    /// issued to a user until several moments, the last moment counts.
    fn announce_again(
        &self,
        revocation: &Revocation,
        now: Millis,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.announce(revocation, now)
    }
}

/// Counts the announcements that a user's requests cause within an [`crate::announcement_window`].
///
/// Law: no more than [`crate::ANNOUNCEMENTS`] of one user are their own in a window, however many come at once.
pub trait CountAnnouncements: Sync {
    /// Counts one, unless the user has had their share.
    fn count_announcement(
        &self,
        user_id: &UserId,
        now: Millis,
    ) -> impl Future<Output = Result<Share, StoreError>> + Send;

    /// Notes that it is announced up to which second all tokens are ended which were issued to the user; an earlier one
    /// changes nothing.
    fn note_ended(
        &self,
        user_id: &UserId,
        until: Timestamp,
        now: Millis,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads what is announced, page by page.
///
/// Law: whatever is announced after a page was asked for sorts after that page's [`AnnouncedPage::settled`]. So nothing is
/// missed by a reader that reads from page to page to the end, and then begins again after what was settled when it asked
/// for the first of these pages.
pub trait ReadAnnounced: Send + Sync {
    /// The page of what sorts after a place, read consistently; `now` is for a store that has no clock of its own.
    fn page(&self, after: &Cursor, now: Millis) -> impl Future<Output = Result<AnnouncedPage, StoreError>> + Send;
}

/// Where a snapshot is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPlace {
    /// Its name, which no other one has had.
    pub name: String,
    /// How many parts it has.
    pub parts: usize,
}

/// Reads snapshots of the feed; what a process needs that starts.
///
/// Law: a part that was written never changes.
pub trait ReadSnapshots: Send + Sync {
    /// Where the last snapshot is kept, read consistently; nothing when there is none.
    fn current(&self) -> impl Future<Output = Result<Option<SnapshotPlace>, StoreError>> + Send;

    /// A part of a snapshot, from 0 on; nothing when it is gone.
    fn part(
        &self,
        place: &SnapshotPlace,
        number: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
}

/// Keeps snapshots of the feed. Nobody else may: what a snapshot says is believed.
///
/// Law: readers find the last snapshot whole, or the one before it.
pub trait KeepSnapshots: Sync {
    /// Writes a snapshot in the place of `before`, if that still is the last one; whether it was.
    fn replace(
        &self,
        before: Option<&SnapshotPlace>,
        bytes: &[u8],
        now: Millis,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Publishes the public keys to every authorizer.
///
/// Law: what was published is in every read that starts after it returned.
pub trait PublishKeys: Sync {
    /// Publishes this set in place of the one before.
    fn publish(&self, jwks: &Jwks) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads the public keys.
pub trait ReadPublicKeys: Send + Sync {
    /// The set that was published last, as JSON, read consistently; nothing before the first.
    fn public_keys(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

/// Signs tokens of kind `K` with the key that is the newest active one at their time of issue.
///
/// Law: the same draft gives the same token, byte for byte, as long as the key that was active then is in the set.
pub trait Signer<K: TokenKind>: Sync {
    /// Whether there is a key for what is issued at `at`, by what is known here and now.
    ///
    /// # Errors
    /// When no key was active then.
    fn ready(&self, at: Timestamp) -> Result<(), SignError>;

    /// Signs a draft.
    fn sign(&self, draft: &Draft<K>) -> impl Future<Output = Result<SignedToken<K>, SignError>> + Send;
}

/// Reads the text of a secret: a key set, or the key of pseudonyms.
///
/// Law: what it gives is what was written last, or was within the time that its source takes to spread it.
pub trait ReadSecret: Send + Sync {
    /// How old a copy of it may be before it is read anew.
    fn poll(&self) -> Seconds;

    /// The text as it is now.
    fn read(&self) -> impl Future<Output = Result<Zeroizing<String>, StoreError>> + Send;
}

/// One version of a key set's text.
#[derive(Debug)]
pub struct KeySetVersion {
    /// Its id.
    pub id: String,
    /// The text.
    pub text: Zeroizing<String>,
}

/// Keeps the versions of a key set; what its rotation needs, and an operator whose key has leaked. Exactly one version is
/// current.
///
/// Laws: a version is written once and never changes; of two that are promoted from the same one, one is.
pub trait KeySetVersions: Sync {
    /// The current version.
    fn current(&self) -> impl Future<Output = Result<KeySetVersion, StoreError>> + Send;

    /// The text of the version of this id that waits to become current, if there is one.
    fn pending(&self, id: &str) -> impl Future<Output = Result<Option<Zeroizing<String>>, StoreError>> + Send;

    /// Adds a version that waits; one of this id that is there already is left as it is.
    fn put_pending(&self, id: &str, text: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes the version that waits current in the place of `from`, or nothing if that is not current.
    fn promote(&self, id: &str, from: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets a version wait no longer.
    fn discard(&self, id: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Some of all users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPage {
    /// The users, in no particular order; there may be none on a page that is not the last.
    pub users: Vec<User>,
    /// What the next page comes after, in the store's own words; nothing on the last page.
    pub next: Option<String>,
}

/// Lists every user page by page; what an export needs.
///
/// Law: a user who is there from the first page to the last is on exactly one of them, as they were when it was read.
pub trait PageUsers: Sync {
    /// The first page, or the one that comes after another, read consistently.
    fn page(&self, after: Option<&str>) -> impl Future<Output = Result<UserPage, StoreError>> + Send;
}

/// Changes the address of users; what an operator needs.
///
/// Laws: an address belongs to one user at most, and a user has one, before, after and in between. A change of an unknown
/// user writes nothing and answers `false`.
pub trait MoveUser: Sync {
    /// Moves these credentials from one address to another, both as they are typed and as they are looked up: all of it if
    /// they still are what is at the one and nothing is at the other, and otherwise nothing; whether it was done.
    fn move_to(
        &self,
        credentials: &Credentials,
        from: &Email,
        to: &Email,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Shows the user's address as it is typed here.
    fn show_as(&self, id: &UserId, email: &Email) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes users; what an operator needs.
///
/// Law: nobody else's address is ever removed.
pub trait RemoveUser: Sync {
    /// Removes a user and their credentials, both or neither, if this is their address; whether it was.
    fn remove(&self, id: &UserId, email: &Email) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes sessions; what the removal of their user needs.
///
/// Law: none that was there when it began is there when it returned, whatever it looks like, and nobody else's is touched.
pub trait RemoveSessions: Sync {
    /// Removes every session of a user.
    fn remove_sessions(&self, user_id: &UserId) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Whether a user was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddUser {
    /// The user is there now.
    Added,
    /// Someone has this address or this id already; nothing was written.
    AddressTaken,
}

/// Keeps users; what an operator needs and no function has.
///
/// Laws: an address belongs to one user at most; a change of an unknown user writes nothing and answers `false`.
pub trait Users: UserStore + CredentialsStore {
    /// Adds a user and their credentials, both or neither.
    fn add(
        &self,
        user: &User,
        email: &Email,
        credentials: &Credentials,
    ) -> impl Future<Output = Result<AddUser, StoreError>> + Send;

    /// Every user, in no particular order.
    fn list(&self) -> impl Future<Output = Result<Vec<User>, StoreError>> + Send;

    /// Changes a user's role.
    fn set_role(&self, id: &UserId, role: &Role) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Disables a user and raises their epoch, in one write; the epoch that they have then, or nothing where there is no
    /// such user.
    fn disable(&self, id: &UserId) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Enables a user, and leaves their epoch as it is.
    fn enable(&self, id: &UserId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Replaces a user's credentials and raises their epoch, both or neither.
    fn set_credentials(
        &self,
        email: &Email,
        credentials: &Credentials,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
