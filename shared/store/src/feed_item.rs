//! Announcements as items of the `AuthorizerFeed` table. They are small, since every authorizer reads all of them.

use std::collections::HashMap;

use auth::feed::{Revocation, retention};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use claims::{Identifier, Moment, SessionId, Timestamp, UserId};

/// The only partition, so that one query reads everything.
pub(crate) const FEED: &str = "r";

/// The attribute of the partition key. It is [`FEED`] in every item.
const PARTITION: &str = "feed";
/// `<milliseconds, 13 digits>#<session>`, or `<...>#<user>#<least epoch>`, or `<...>#<user>#issued`.
pub(crate) const ENTRY: &str = "entry";
/// When DynamoDB may delete the item. Readers also forget it then, by themselves.
const TTL: &str = "ttl";
/// The user of a revoked session.
const USER: &str = "u";
/// The session that a new epoch spares.
const EXCEPT: &str = "x";
/// The second up to which issued tokens are refused.
pub(crate) const UNTIL: &str = "i";
/// The last part of an [`ENTRY`] about issued tokens, where others have an epoch.
const ISSUED: &str = "issued";

/// An item of the feed.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Returns the item of a revocation that is announced at `at` and sorted by `stamp`. Its key contains the revocation,
/// so that no two different ones of the same moment become one.
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

/// Returns the revocation in an item with the time of its announcement, or `None` if the item has an unknown form.
pub(crate) fn to_revocation(mut item: Item) -> Option<(Timestamp, Revocation)> {
    item.remove(PARTITION);
    let entry = text(&item.remove(ENTRY)?)?.to_owned();
    let ttl = number(&item.remove(TTL)?)?;
    let (_, what) = entry.split_once('#')?;
    let own = (item.remove(USER), item.remove(EXCEPT), item.remove(UNTIL));
    // An item with unknown attributes must not be skipped.
    if !item.is_empty() {
        return None;
    }
    let of_user = || what.rsplit_once('#');
    let revocation = match own {
        (Some(user), None, None) => Revocation::Session {
            user_id: parse_id(&user)?,
            sid: SessionId::parse(what).ok()?,
        },
        (None, except, None) => Revocation::Epoch {
            user_id: UserId::parse(of_user()?.0).ok()?,
            least: of_user()?.1.parse().ok()?,
            except: match except {
                Some(except) => Some(parse_id(&except)?),
                None => None,
            },
        },
        (None, None, Some(until)) => Revocation::Issued {
            user_id: UserId::parse(of_user().filter(|(_, what)| *what == ISSUED)?.0).ok()?,
            until: Timestamp::new(number(&until)?),
        },
        _ => return None,
    };
    Some((Timestamp::new(ttl.saturating_sub(retention().get())), revocation))
}

/// Returns the key of an item's entry, if it has one.
pub(crate) fn entry(item: &Item) -> Option<String> {
    text(item.get(ENTRY)?).map(str::to_owned)
}

/// Converts an id to an attribute. A UUID is less than half as long in bytes as in text.
fn id_attribute<K>(id: &Identifier<K>) -> AttributeValue {
    id.as_uuid().map_or_else(
        || AttributeValue::S(id.to_string()),
        |bytes| AttributeValue::B(Blob::new(bytes)),
    )
}

fn parse_id<K: claims::Named>(value: &AttributeValue) -> Option<Identifier<K>> {
    match value.as_b() {
        Ok(bytes) => Some(Identifier::from_uuid(bytes.as_ref().try_into().ok()?)),
        Err(_) => Identifier::parse(text(value)?).ok(),
    }
}

fn text(value: &AttributeValue) -> Option<&str> {
    value.as_s().ok().map(String::as_str)
}

fn number(value: &AttributeValue) -> Option<u64> {
    value.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
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

    /// The new entries since the last poll, and those that may have been late then.
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

    #[test]
    fn what_is_of_another_form_is_not_understood() {
        let item = from_revocation(&all()[0], NOW, NOW.timestamp());
        assert!(to_revocation(item.clone()).is_some());

        let without = |name: &str| {
            let mut item = item.clone();
            item.remove(name);
            item
        };
        let with = |name: &str, value: &str| {
            let mut item = item.clone();
            item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
            item
        };
        for other in [
            without(ENTRY),
            without(TTL),
            without(USER),
            with(ENTRY, "1700000000123"),
            with("kind", "another"),
            with(UNTIL, "soon"),
        ] {
            assert_eq!(to_revocation(other.clone()), None, "{other:?}");
        }
    }

    /// The size of an item as DynamoDB counts it: names and values, where a number takes one byte for two digits, plus
    /// one.
    fn size(item: &Item) -> usize {
        let of_value = |value: &AttributeValue| {
            let number = |digits: &String| digits.len().div_ceil(2).saturating_add(1);
            let text = value.as_s().map(String::len).ok();
            let text_or_number = text.or_else(|| value.as_n().map(number).ok());
            text_or_number.unwrap_or_else(|| value.as_b().unwrap().as_ref().len())
        };
        item.iter().flat_map(|(name, held)| [name.len(), of_value(held)]).sum()
    }

    /// One of each kind, with the longest possible ids.
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
