//! Parsing the JSON in tokens: an object in UTF-8, in which no object at any depth repeats a member's name (RFC 8725
//! s2.4).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor, value::CowStrDeserializer},
};
use serde_json::{Map, Number, Value};

/// The number of members for which there is room at once. An access token has 13 and the user's custom claims.
const USUAL: usize = 16;
const EXPECTED: &str = "an object without repeated members";
const REPEATED: &str = "a member name is repeated";

/// Parses a JSON object in which no object repeats a member's name. Returns `None` for anything else.
pub(crate) fn parse_object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(bytes).ok()?;
    parse(text).ok()
}

/// Parses a JSON object in which no object repeats a member's name. For anything else, returns an error with the
/// position of the fault.
pub(crate) fn parse(text: &str) -> serde_json::Result<Map<String, Value>> {
    serde_json::from_str(text).map(|DistinctObject(object)| object)
}

/// The members of a JSON object, in any order. No object in it repeats a member's name.
///
/// A name is found by comparing it with each member's, so this type is only for objects that come from a trusted
/// source and are short.
#[derive(Debug)]
pub struct Members<'a>(Vec<(Cow<'a, str>, Member<'a>)>);

/// The value of a member. A string is borrowed from the text if it has no escape sequences.
#[derive(Debug)]
pub(crate) enum Member<'a> {
    Text(Cow<'a, str>),
    Other(Value),
}

impl<'a> Members<'a> {
    /// Parses a JSON object in which no object repeats a member's name. Returns `None` for anything else.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        serde_json::from_str(text).ok()
    }

    /// Removes a member and returns its value.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Member<'a>> {
        let position = self.0.iter().position(|(other, _)| other == name)?;
        let (_, member) = self.0.swap_remove(position);
        Some(member)
    }

    /// Removes a member and reads its value. Returns `None` if it is missing or is not a `T`.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        self.remove(name)?.read()
    }

    /// Returns the value of a member, if it is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(other, member)| match member {
            Member::Text(text) if other == name => Some(&**text),
            Member::Text(_) | Member::Other(_) => None,
        })
    }

    /// Returns the members that have not been removed.
    pub(crate) fn into_object(self) -> Map<String, Value> {
        let owned = |(name, member): (Cow<'_, str>, Member<'_>)| (name.into_owned(), member.into_value());
        self.0.into_iter().map(owned).collect()
    }
}

impl<'a> Member<'a> {
    /// Returns the value as a `T`, or `None` if it is not one.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Option<T> {
        match self {
            Self::Text(text) => T::deserialize(CowStrDeserializer::<serde_json::Error>::new(text)).ok(),
            Self::Other(value) => T::deserialize(value).ok(),
        }
    }

    /// Returns the value, if it is a string.
    pub(crate) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Other(value) => value,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Member<'de>)> = Vec::with_capacity(USUAL);
        while let Some((Name(name), member)) = object.next_entry()? {
            if members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom(REPEATED));
            }
            members.push((name, member));
        }
        Ok(Members(members))
    }
}

/// A member's name.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A JSON object with distinct names at every depth.
struct DistinctObject(Map<String, Value>);

impl<'de> Deserialize<'de> for DistinctObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor).map(Self)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, member)) = members.next_entry::<String, Member<'_>>()? {
            if object.insert(name, member.into_value()).is_some() {
                return Err(A::Error::custom(REPEATED));
            }
        }
        Ok(object)
    }
}

/// Reads a JSON value in which no object repeats a member's name.
impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON without repeated members")
    }

    fn visit_unit<E: Error>(self) -> Result<Member<'de>, E> {
        Ok(Member::Other(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Member<'de>, E> {
        Ok(Member::Other(Value::Bool(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Member<'de>, E> {
        Ok(Member::Other(Value::Number(value.into())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Member<'de>, E> {
        Ok(Member::Other(Value::Number(value.into())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Member<'de>, E> {
        Number::from_f64(value)
            .map(|number| Member::Other(Value::Number(number)))
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member<'de>, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element::<Member<'_>>()? {
            array.push(item.into_value());
        }
        Ok(Member::Other(Value::Array(array)))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Member<'de>, A::Error> {
        ObjectVisitor
            .visit_map(members)
            .map(|object| Member::Other(Value::Object(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_with_distinct_members_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,1.5,"x",null,true],"b":{"a":1}}"#;

        let object = parse_object(text.as_bytes()).unwrap();
        let members = Members::parse(text.as_bytes()).unwrap();

        assert_eq!(serde_json::to_string(&object).unwrap(), text);
        assert_eq!(members.into_object(), object);
    }

    #[test]
    fn anything_else_is_refused() {
        let deep = "[".repeat(100_000);
        let cases: &[&[u8]] = &[
            b"",
            b"null",
            b"[]",
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":1,\"\\u0061\":2}",
            b"{\"x\":{\"a\":1,\"a\":2}}",
            b"{\"x\":[{\"a\":1,\"a\":2}]}",
            b"{} {}",
            b"{\"a\":1,}",
            b"{\"a\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"{\"a\":1e999}",
            deep.as_bytes(),
        ];

        for case in cases {
            assert!(parse_object(case).is_none(), "{:?}", String::from_utf8_lossy(case));
            assert!(Members::parse(case).is_none(), "{:?}", String::from_utf8_lossy(case));
        }
    }

    #[test]
    fn a_member_is_found_by_its_name_however_it_is_escaped() {
        let json = br#"{"one":"\u0061","tw\u006f":"b","three":3}"#;
        let mut members = Members::parse(json).unwrap();

        assert_eq!((members.text("one"), members.text("three")), (Some("a"), None));
        assert_eq!(members.take::<String>("two").as_deref(), Some("b"));
        assert_eq!(members.take::<u64>("one"), None);
        assert_eq!(members.take::<u64>("three"), Some(3));
        assert!(members.remove("two").is_none() && members.into_object().is_empty());
    }
}
