//! Every event that a log can have. The name of an event is also the name of its metric, for dashboards and alarms.

use crate::Level;

/// Declares the events, each with its name and its level.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $event:ident = $name:literal, $level:ident;)+) => {
        /// The kinds of events. The variants are sorted by name, and counted events that are due together are written
        /// in this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Event {
            $($(#[doc = $doc])+ $event,)+
        }

        impl Event {
            /// Every event.
            pub const ALL: &[Self] = &[$(Self::$event),+];

            /// Returns the name of the event, which is also the name of its metric.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$event => $name,)+
                }
            }

            /// Returns what happened, in the words of the event's documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$event => concat!($($doc),+),)+
                }
            }

            /// Returns the default severity of the event.
            #[must_use]
            pub const fn level(self) -> Level {
                match self {
                    $(Self::$event => Level::$level,)+
                }
            }
        }
    };
}

events! {
    /// A user deleted their account.
    AccountDeleted = "account.deleted", Info;
    /// A request to delete an account was refused.
    AccountDeletionRefused = "account.deletion_refused", Warn;
    /// A request to delete an account was refused because of too many attempts before it.
    AccountDeletionThrottled = "account.deletion_throttled", Warn;
    /// A link that keeps a deleted account was refused.
    AccountKeepingRefused = "account.keeping_refused", Warn;
    /// A link that keeps a deleted account was refused because of too many attempts before it.
    AccountKeepingThrottled = "account.keeping_throttled", Warn;
    /// A user kept an account that was deleted.
    AccountKept = "account.kept", Info;
    /// A deleted account could not be removed. The next run tries again.
    AccountRemovalFailed = "account.removal_failed", Error;
    /// A deleted account was removed.
    AccountRemoved = "account.removed", Info;
    /// A user moved to another address.
    AddressChanged = "address.changed", Info;
    /// A user confirmed at the present address that they move.
    AddressConfirmed = "address.confirmed", Info;
    /// A change of address, or a link for it, was refused.
    AddressRefused = "address.refused", Warn;
    /// A user asked for another address.
    AddressRequested = "address.requested", Info;
    /// A change of address was refused because of too many attempts before it.
    AddressThrottled = "address.throttled", Warn;
    /// Requests were allowed. One line has the number of those since the line before it.
    AuthorizerAllowed = "authorizer.allowed", Info;
    /// A token was refused, or its role or scope is not enough for the route.
    AuthorizerDenied = "authorizer.denied", Info;
    /// The feed or the public keys could not be read, and an older copy was used.
    AuthorizerFeedUnread = "authorizer.feed_unread", Warn;
    /// The authorizer could not make a decision about a token.
    AuthorizerUndecided = "authorizer.undecided", Error;
    /// A code from a mail was refused because of too many wrong ones before it.
    CodeThrottled = "code.throttled", Warn;
    /// A function was invoked with an event that is not from an HTTP or REST API.
    EventForeign = "event.foreign", Warn;
    /// A user added a second factor.
    FactorAdded = "factor.added", Info;
    /// A user replaced their recovery codes.
    FactorCodesReplaced = "factor.codes_replaced", Info;
    /// The counter of a passkey went back, which may mean that the passkey was copied. The request was not refused.
    FactorCounterWentBack = "factor.counter_went_back", Warn;
    /// A request about second factors was refused.
    FactorRefused = "factor.refused", Warn;
    /// A user removed a second factor.
    FactorRemoved = "factor.removed", Info;
    /// A user gave a passkey another name.
    FactorRenamed = "factor.renamed", Info;
    /// A snapshot of the feed was written.
    FeedCompacted = "feed.compacted", Info;
    /// A snapshot of the feed could not be written.
    FeedCompactionFailed = "feed.compaction_failed", Error;
    /// A key set was not rotated in time.
    KeyOverdue = "key.overdue", Error;
    /// A key set was rotated.
    KeyRotated = "key.rotated", Info;
    /// A step of a rotation, or the daily check of the key sets, failed.
    KeyRotationFailed = "key.rotation_failed", Error;
    /// A secret could not be read, and an older copy was used.
    KeysUnread = "keys.unread", Error;
    /// A login was refused.
    LoginFailed = "login.failed", Warn;
    /// The second step of a login was refused.
    LoginSecondRefused = "login.second_refused", Warn;
    /// A password was right, and a second factor is required.
    LoginSecondRequired = "login.second_required", Info;
    /// The second step of a login was refused because of too many wrong codes before it.
    LoginSecondThrottled = "login.second_throttled", Warn;
    /// A user logged in.
    LoginSucceeded = "login.succeeded", Info;
    /// A login was refused because there were too many attempts before it.
    LoginThrottled = "login.throttled", Warn;
    /// A logout ended one session of a user, all other sessions, or all sessions.
    Logout = "logout", Info;
    /// A logout had no session to end.
    LogoutIgnored = "logout.ignored", Info;
    /// No letter was due for a requested mail.
    MailNotDue = "mail.not_due", Info;
    /// A letter was not sent, because the budget of the hour is used up.
    MailOverBudget = "mail.over_budget", Error;
    /// A letter was not sent, because the provider refuses it for good.
    MailRefused = "mail.refused", Error;
    /// Somebody requested a mail.
    MailRequested = "mail.requested", Info;
    /// A letter was sent.
    MailSent = "mail.sent", Info;
    /// A mail was not queued, because too many were requested before it.
    MailThrottled = "mail.throttled", Warn;
    /// A requested mail could not be read.
    MailUnreadable = "mail.unreadable", Error;
    /// A letter could not be sent now. It is tried again.
    MailUnsent = "mail.unsent", Error;
    /// An operator changed a user's address.
    OperatorAddressSet = "operator.address_set", Info;
    /// An operator is about to act. The line is written before the change, so that no act is unrecorded.
    OperatorBegan = "operator.began", Info;
    /// An operator replaced a user's custom claims.
    OperatorClaimsSet = "operator.claims_set", Info;
    /// An operator removed a user's second factors and ended their sessions.
    OperatorFactorsReset = "operator.factors_reset", Info;
    /// An act of an operator failed. A part of it may have been done.
    OperatorFailed = "operator.failed", Warn;
    /// An operator retired one key or all keys of a set.
    OperatorKeyRetired = "operator.key_retired", Info;
    /// An operator rotated a key set, or started its rotation.
    OperatorKeyRotated = "operator.key_rotated", Info;
    /// An operator published the public keys again.
    OperatorKeysPublished = "operator.keys_published", Info;
    /// An operator sent a test letter.
    OperatorMailTested = "operator.mail_tested", Info;
    /// An operator set a user's password and ended their sessions.
    OperatorPasswordSet = "operator.password_set", Info;
    /// An operator started a mail with which a user sets a new password.
    OperatorResetMailed = "operator.reset_mailed", Info;
    /// An operator changed a user's role.
    OperatorRoleSet = "operator.role_set", Info;
    /// An operator changed a user's permissions.
    OperatorScopeSet = "operator.scope_set", Info;
    /// An operator ended one session of a user.
    OperatorSessionRevoked = "operator.session_revoked", Info;
    /// An operator ended all sessions of a user.
    OperatorSessionsRevoked = "operator.sessions_revoked", Info;
    /// An operator added a user.
    OperatorUserAdded = "operator.user_added", Info;
    /// An operator deleted a user.
    OperatorUserDeleted = "operator.user_deleted", Info;
    /// An operator disabled a user and ended their sessions.
    OperatorUserDisabled = "operator.user_disabled", Info;
    /// An operator let a user log in again.
    OperatorUserEnabled = "operator.user_enabled", Info;
    /// An operator invited a person.
    OperatorUserInvited = "operator.user_invited", Info;
    /// An operator forgot a user's failed attempts.
    OperatorUserUnlocked = "operator.user_unlocked", Info;
    /// An operator exported all users with their password hashes.
    OperatorUsersExported = "operator.users_exported", Info;
    /// An operator imported users from a file.
    OperatorUsersImported = "operator.users_imported", Info;
    /// A user changed their password.
    PasswordChanged = "password.changed", Info;
    /// A change of a password was refused.
    PasswordRefused = "password.refused", Warn;
    /// Somebody set a new password with a link or a code from a mail.
    PasswordReset = "password.reset", Info;
    /// A link or code for a new password was refused.
    PasswordResetRefused = "password.reset_refused", Warn;
    /// A change of a password was refused because of too many attempts before it.
    PasswordThrottled = "password.throttled", Warn;
    /// A late replay of a used refresh token was forgiven.
    RefreshRecovered = "refresh.recovered", Warn;
    /// A refresh token was refused.
    RefreshRefused = "refresh.refused", Warn;
    /// A refresh issued the same tokens again.
    RefreshRepeated = "refresh.repeated", Info;
    /// A refresh issued the next tokens.
    RefreshRotated = "refresh.rotated", Info;
    /// A session ended because a used refresh token was presented too late for a retry, which may mean theft.
    RefreshTheft = "refresh.theft", Warn;
    /// A link or code that finishes a registration was refused.
    RegistrationRefused = "registration.refused", Warn;
    /// Somebody registered, and is logged in.
    RegistrationSucceeded = "registration.succeeded", Info;
    /// A request was answered with 500 or 503.
    RequestFailed = "request.failed", Error;
    /// A request did not come through the proxy.
    RequestForbidden = "request.forbidden", Warn;
    /// A request was malformed or not allowed.
    RequestRefused = "request.refused", Info;
    /// A user who was to confirm who they are was refused.
    SessionConfirmationRefused = "session.confirmation_refused", Warn;
    /// A user who was to confirm who they are was refused because of too many attempts before.
    SessionConfirmationThrottled = "session.confirmation_throttled", Warn;
    /// A user confirmed in their session who they are.
    SessionConfirmed = "session.confirmed", Info;
    /// A user ended one of their sessions.
    SessionRevoked = "session.revoked", Info;
    /// A user listed their sessions too often.
    SessionsThrottled = "sessions.throttled", Warn;
    /// An event about a user was put on the bus.
    UserEventPublished = "user.event_published", Info;
    /// The bus refused an event about a user. It is not put again.
    UserEventRefused = "user.event_refused", Error;
    /// An event about a user could not be put on the bus. It is put again.
    UserEventUnpublished = "user.event_unpublished", Error;
    /// A record of the stream of users could not be read.
    UserEventUnreadable = "user.event_unreadable", Error;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_its_own_name_and_they_are_sorted() {
        assert!(Event::ALL.is_sorted_by(|one, other| one.as_str() < other.as_str()));
        assert!(Event::ALL.is_sorted());
    }
}
