//! Every event that a log can have. Their names are those of metrics, which dashboards and alarms are made of.

use crate::Level;

/// Declares the events, each with its name and its level.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $event:ident = $name:literal, $level:ident;)+) => {
        /// Something that happened. In the order of the names, in which lines that are due together are written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Event {
            $($(#[doc = $doc])+ $event,)+
        }

        impl Event {
            /// Every event.
            pub const ALL: &[Self] = &[$(Self::$event),+];

            /// Its name, which is that of its metric too.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$event => $name,)+
                }
            }

            /// Returns what happened, as the documentation of the event says it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$event => concat!($($doc),+),)+
                }
            }

            /// How bad it is, as long as nothing makes it worse.
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
    /// A token was refused, or what it may do is not enough for the route.
    AuthorizerDenied = "authorizer.denied", Info;
    /// The feed or the public keys could not be read, and a copy served.
    AuthorizerFeedUnread = "authorizer.feed_unread", Warn;
    /// The authorizer could not decide about a token.
    AuthorizerUndecided = "authorizer.undecided", Error;
    /// An event is not one of an HTTP or REST API.
    EventForeign = "event.foreign", Warn;
    /// A snapshot of the feed was written.
    FeedCompacted = "feed.compacted", Info;
    /// No snapshot could be written.
    FeedCompactionFailed = "feed.compaction_failed", Error;
    /// A key set has a successor.
    KeyRotated = "key.rotated", Info;
    /// A step of a rotation failed.
    KeyRotationFailed = "key.rotation_failed", Error;
    /// A secret could not be read, and a copy served.
    KeysUnread = "keys.unread", Error;
    /// Credentials were refused.
    LoginFailed = "login.failed", Warn;
    /// A user logged in.
    LoginSucceeded = "login.succeeded", Info;
    /// There were too many attempts before this one.
    LoginThrottled = "login.throttled", Warn;
    /// A session ended by its token.
    Logout = "logout", Info;
    /// A logout had nothing to end.
    LogoutIgnored = "logout.ignored", Info;
    /// A user changed their password.
    PasswordChanged = "password.changed", Info;
    /// A change of a password was refused.
    PasswordRefused = "password.refused", Warn;
    /// There were too many attempts to change a password.
    PasswordThrottled = "password.throttled", Warn;
    /// A late replay was forgiven.
    RefreshRecovered = "refresh.recovered", Warn;
    /// A refresh token was refused.
    RefreshRefused = "refresh.refused", Warn;
    /// The same tokens were issued again.
    RefreshRepeated = "refresh.repeated", Info;
    /// The next tokens were issued.
    RefreshRotated = "refresh.rotated", Info;
    /// A session ended because its token was used twice.
    RefreshTheft = "refresh.theft", Warn;
    /// A request was answered with 500 or 503.
    RequestFailed = "request.failed", Error;
    /// A request did not come through the proxy.
    RequestForbidden = "request.forbidden", Warn;
    /// A request was malformed, or is not allowed.
    RequestRefused = "request.refused", Info;
    /// A user ended one of their sessions.
    SessionRevoked = "session.revoked", Info;
    /// A user listed their sessions too often.
    SessionsThrottled = "sessions.throttled", Warn;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_event_s_and_they_are_in_order() {
        assert!(Event::ALL.is_sorted_by(|one, other| one.as_str() < other.as_str()));
        assert!(Event::ALL.is_sorted());
    }
}
