//! Announcements as they are stored in the `AuthorizerFeed` table.

use auth::feed::{Revocation, retention};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use claims::{Identifier, Named, SessionId, Timestamp, UserId};
use serde::Deserialize;

/// The partition key of every item. There is only one partition, so that one query reads everything.
pub const FEED: &str = "r";
/// The last part of the sort key of a [`Revocation::Issued`]. In the sort key of a [`Revocation::Epoch`], the epoch is
/// in this place.
pub const ISSUED: &str = "issued";

/// An item of the feed, as DynamoDB sends it. An item with an unknown attribute is an error, since it must not be
/// skipped.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedItem {
    #[serde(rename = "feed")]
    _feed: Text,
    /// The sort key: `<milliseconds, 13 digits>#<session>`, `<...>#<user>#<least epoch>` or `<...>#<user>#issued`.
    entry: Text,
    /// The time from which DynamoDB may delete the item, in seconds.
    ttl: Number,
    /// The user of a revoked session.
    u: Option<Id>,
    /// The session that a new epoch does not end.
    x: Option<Id>,
    /// Only in a [`Revocation::Issued`]: the user's tokens that were issued in this second or earlier are refused.
    i: Option<Number>,
}

/// A string attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    #[serde(rename = "S")]
    pub(crate) text: String,
}

/// A number attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Number {
    #[serde(rename = "N")]
    digits: String,
}

/// An id: the 16 bytes of a UUID in base64, or another string.
#[derive(Debug, Deserialize)]
enum Id {
    B(String),
    S(String),
}

impl FeedItem {
    /// Returns the revocation with the time of its announcement, or `None` if the item has an unknown form.
    pub(crate) fn to_revocation(&self) -> Option<(Timestamp, Revocation)> {
        let (_, what) = self.entry.text.split_once('#')?;
        let of_user = || what.rsplit_once('#');
        let revocation = match (&self.u, &self.x, &self.i) {
            (Some(user), None, None) => Revocation::Session {
                user_id: user.parse()?,
                sid: SessionId::parse(what).ok()?,
            },
            (None, except, None) => Revocation::Epoch {
                user_id: UserId::parse(of_user()?.0).ok()?,
                least: of_user()?.1.parse().ok()?,
                except: match except {
                    Some(except) => Some(except.parse()?),
                    None => None,
                },
            },
            (None, None, Some(until)) => Revocation::Issued {
                user_id: UserId::parse(of_user().filter(|(_, what)| *what == ISSUED)?.0).ok()?,
                until: Timestamp::new(until.number()?),
            },
            _ => return None,
        };
        let announced = self.ttl.number()?.saturating_sub(retention().get());
        Some((Timestamp::new(announced), revocation))
    }
}

impl Number {
    /// Returns the number, or `None` if it is negative or not an integer.
    pub(crate) fn number(&self) -> Option<u64> {
        self.digits.parse().ok()
    }
}

impl Id {
    fn parse<K: Named>(&self) -> Option<Identifier<K>> {
        match self {
            Self::B(base64) => Some(Identifier::from_uuid(STANDARD.decode(base64).ok()?.try_into().ok()?)),
            Self::S(text) => Identifier::parse(text.as_str()).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_item_of_another_form_is_not_understood() {
        let item = json!({
            "feed": {"S": FEED},
            "entry": {"S": "1700000000123#ended"},
            "ttl": {"N": "1700003600"},
            "u": {"S": "ada"},
        });
        assert!(read(item.clone()).is_some());

        let without = |name: &str| {
            let mut item = item.clone();
            item.as_object_mut().unwrap().remove(name);
            item
        };
        let with = |name: &str, value: Value| {
            let mut item = item.clone();
            item[name] = value;
            item
        };
        for other in [
            without("entry"),
            without("ttl"),
            without("u"),
            with("entry", json!({"S": "1700000000123"})),
            with("kind", json!({"S": "another"})),
            with("i", json!({"S": "soon"})),
            with("i", json!({"N": "1700000000"})),
            with("u", json!({"B": "c2hvcnQ="})),
        ] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }

    fn read(item: Value) -> Option<(Timestamp, Revocation)> {
        serde_json::from_value::<FeedItem>(item).ok()?.to_revocation()
    }
}
