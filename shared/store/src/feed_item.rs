//! What is announced, as items of the `AuthorizerFeed` table.

use auth::{Revocation, retention};
use claims::{Millis, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// The one partition: a reader gets all of it with one query.
pub(crate) const FEED: &str = "feed";
/// The entry of the public keys. It sorts after every revocation, so that every query brings it along.
pub(crate) const KEYS: &str = "~jwks";

/// The attributes. Absent ones are not written.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct FeedItem {
    feed: String,
    /// `<milliseconds, 13 digits>#<what is revoked>`, or [`KEYS`].
    pub(crate) entry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    except_sid: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jwks: Option<String>,
    /// When DynamoDB may delete the item; readers forget it by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u64>,
}

impl FeedItem {
    /// The item of a revocation. What it says is in its key too, so that no two of one moment are one.
    pub(crate) fn of_revocation(revocation: &Revocation, at: Millis) -> Self {
        let user = Some(revocation.user_id().clone());
        let ttl = Some(at.timestamp().plus(retention()).get());
        let entry = |what: String| format!("{}#{what}", from(at));
        let item = match revocation {
            Revocation::Session { sid, .. } => Self {
                entry: entry(sid.to_string()),
                sid: Some(sid.clone()),
                ..Self::default()
            },
            Revocation::Epoch { user_id, least, except } => Self {
                entry: entry(format!("{user_id}#{least}")),
                min_epoch: Some(*least),
                except_sid: except.clone(),
                ..Self::default()
            },
            Revocation::Issued { user_id, until } => Self {
                entry: entry(format!("{user_id}#issued")),
                issued_until: Some(*until),
                ..Self::default()
            },
        };
        Self {
            feed: FEED.to_owned(),
            user,
            ttl,
            ..item
        }
    }

    /// The item of the public keys.
    pub(crate) fn of_keys(jwks: String) -> Self {
        Self {
            feed: FEED.to_owned(),
            entry: KEYS.to_owned(),
            jwks: Some(jwks),
            ..Self::default()
        }
    }

    /// The revocation that it is; none when it is of a form that is not known here.
    pub(crate) fn into_revocation(self) -> Option<(Millis, Revocation)> {
        let (at, _) = self.entry.split_once('#')?;
        let at = Millis::new(at.parse().ok()?);
        let user_id = self.user?;
        let revocation = match (self.sid, self.min_epoch, self.issued_until) {
            (Some(sid), None, None) => Revocation::Session { user_id, sid },
            (None, Some(least), None) => Revocation::Epoch {
                user_id,
                least,
                except: self.except_sid,
            },
            (None, None, Some(until)) => Revocation::Issued { user_id, until },
            _ => return None,
        };
        Some((at, revocation))
    }
}

/// What the keys of entries begin with from this moment on.
pub(crate) fn from(at: Millis) -> String {
    format!("{:013}", at.get())
}
