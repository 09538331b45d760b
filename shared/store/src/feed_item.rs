//! Announcements as items of the `AuthorizerFeed` table. They are small, since every authorizer reads all of them.

use std::collections::HashMap;

use auth::feed::{Revocation, retention};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use claims::{Identifier, Moment, Timestamp};
use reads::{FEED, ISSUED};

/// The attribute of the partition key. Its value is [`FEED`] in every item.
const PARTITION: &str = "feed";
/// The attribute of the sort key: `<milliseconds, 13 digits>#<session>`, `<...>#<user>#<least epoch>` or
/// `<...>#<user>#issued`.
const ENTRY: &str = "entry";
/// The attribute with the time from which DynamoDB may delete the item. Readers forget the revocation at the same time.
const TTL: &str = "ttl";
/// The attribute with the user of a revoked session.
const USER: &str = "u";
/// The attribute with the session that a new epoch does not end.
const EXCEPT: &str = "x";
/// The attribute with a Unix time in seconds. All tokens of a user that were issued up to and including this second are
/// refused.
pub(crate) const UNTIL: &str = "i";
/// An item of the feed.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Returns the item of a revocation that is announced at `at`. The item's sort key starts with `stamp`. The rest of the
/// key names the revocation, so that different revocations of the same moment stay different items.
pub(crate) fn from_revocation(revocation: &Revocation, stamp: Moment, at: Timestamp) -> Item {
    let ttl = at.plus(retention()).get();
    let (what, own) = match revocation {
        Revocation::Session { user_id, sid } => (sid.to_string(), Some((USER, id_attribute(user_id)))),
        Revocation::Epoch { user_id, least, except } => {
            let except = except.as_ref().map(|sid| (EXCEPT, id_attribute(sid)));
            (format!("{user_id}#{least}"), except)
        }
        Revocation::Issued { user_id, until } => {
            let until = AttributeValue::N(until.get().to_string());
            (format!("{user_id}#{ISSUED}"), Some((UNTIL, until)))
        }
    };
    let entry = format!("{:013}#{what}", stamp.get());
    let all = [
        (PARTITION, AttributeValue::S(FEED.to_owned())),
        (ENTRY, AttributeValue::S(entry)),
        (TTL, AttributeValue::N(ttl.to_string())),
    ];
    all.into_iter()
        .chain(own)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Converts an id to an attribute. A UUID is stored in bytes, which are less than half as long as its text.
fn id_attribute<K>(id: &Identifier<K>) -> AttributeValue {
    id.as_uuid().map_or_else(
        || AttributeValue::S(id.to_string()),
        |bytes| AttributeValue::B(Blob::new(bytes)),
    )
}

#[cfg(test)]
mod tests {
    use claims::{SessionId, UserId};

    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_123);
    /// How many bytes a DynamoDB query may read for one read unit.
    const UNIT: usize = 4096;

    #[test]
    fn an_entry_is_at_most_ninety_bytes() {
        for revocation in all() {
            let size = size(&from_revocation(&revocation, NOW, NOW.timestamp()));

            assert!(size <= 90, "{size}: {revocation:?}");
        }
    }

    /// A poll reads the entries that are new since the last poll. It also reads the last few seconds before that poll
    /// again, because entries may have been committed late.
    #[test]
    fn a_poll_at_33_announcements_a_second_is_at_most_eight_read_units() {
        let [session, others, ..] = all();
        let (poll, late, within_second, under_way) = (5.0, 3.5, 1.0, 0.5);
        let entries: f64 = (poll + late + within_second + under_way) * 33.0;

        for revocation in [session, others] {
            let size = size(&from_revocation(&revocation, NOW, NOW.timestamp()));
            #[expect(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "330"
            )]
            let units = (size * entries as usize).div_ceil(UNIT);

            assert!(units <= 8, "{units}");
        }
    }

    /// Returns the size of an item as DynamoDB counts it: the names and the values. A number takes one byte for every
    /// two digits, and one more byte.
    fn size(item: &Item) -> usize {
        let of_value = |value: &AttributeValue| {
            let number = |digits: &String| digits.len().div_ceil(2).saturating_add(1);
            let text = value.as_s().map(String::len).ok();
            let text_or_number = text.or_else(|| value.as_n().map(number).ok());
            text_or_number.unwrap_or_else(|| value.as_b().unwrap().as_ref().len())
        };
        item.iter().flat_map(|(name, held)| [name.len(), of_value(held)]).sum()
    }

    /// Returns revocations of every kind, with UUIDs as ids.
    fn all() -> [Revocation; 4] {
        let id = |number: u8| [number; 16];
        [
            Revocation::Session {
                user_id: UserId::from_uuid(id(1)),
                sid: SessionId::from_uuid(id(2)),
            },
            Revocation::Epoch {
                user_id: UserId::from_uuid(id(1)),
                least: 123,
                except: Some(SessionId::from_uuid(id(2))),
            },
            Revocation::Epoch {
                user_id: UserId::from_uuid(id(1)),
                least: 123,
                except: None,
            },
            Revocation::Issued {
                user_id: UserId::from_uuid(id(1)),
                until: NOW.timestamp(),
            },
        ]
    }
}
