//! JSON objects that are read leniently: malformed members count as absent.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object, in the order in which the text has them. Several members may have the same name.
#[derive(Debug, Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads an object. Returns `None` if the text is not an object.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Returns the string of this name, or `None` if the name is absent, occurs more than once, or has a value that is
    /// not a string.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.member(name)?.get()).ok()
    }

    /// Returns the object of this name, or an empty one if the name is absent, occurs more than once, or has a value
    /// that is not an object.
    pub(crate) fn object(&self, name: &str) -> Self {
        let member = self.member(name);
        member.and_then(|value| Self::read(value.get())).unwrap_or_default()
    }

    /// Returns every value of the members with a wanted name. A member has one value, a list of values, or none if it
    /// is `null`. A value that is not a string counts as an empty string, so that it is not overlooked.
    pub(crate) fn values(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let members = self.0.iter().filter(|(name, _)| is_wanted(name));
        members.flat_map(|(_, value)| strings(value)).collect()
    }

    /// Returns the value of each member with a wanted name, except `null`. Any other value that is not a string, such
    /// as a list, counts as an empty string.
    pub(crate) fn strings(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let members = self.0.iter().filter(|(name, _)| is_wanted(name));
        let given = members.filter(|(_, value)| value.get() != "null");
        given.map(|(_, value)| text(value)).collect()
    }

    fn member(&self, wanted: &str) -> Option<&'a RawValue> {
        let mut members = self.0.iter().filter(|(name, _)| name == wanted);
        let (_, value) = members.next()?;
        members.next().is_none().then_some(value)
    }
}

fn strings(value: &RawValue) -> Vec<String> {
    match value.get() {
        "null" => Vec::new(),
        list if list.starts_with('[') => {
            let values: Vec<&RawValue> = serde_json::from_str(list).unwrap_or_default();
            values.into_iter().map(text).collect()
        }
        _ => vec![text(value)],
    }
}

fn text(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_default()
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Object(members))
    }
}

/// The name of a member, which is copied only if it contains escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_found_among_any_others() {
        let object =
            Object::read(r#"{"odd":"\ud800","deep":[[[[1e999]]]],"b":{"c":"d"},"a\u0062":"x\u0001"}"#).unwrap();

        assert_eq!(object.text("ab").as_deref(), Some("x\u{1}"));
        assert_eq!(object.object("b").text("c").as_deref(), Some("d"));
        assert_eq!(object.text("odd"), None);
        assert_eq!(object.text("b"), None);
        assert_eq!(object.object("ab").text("c"), None);
        assert_eq!(object.text("absent"), None);
    }

    #[test]
    fn a_member_that_occurs_twice_is_absent() {
        let object = Object::read(r#"{"a":"1","a":"2","b":{},"b":{"c":"d"}}"#).unwrap();

        assert_eq!(object.text("a"), None);
        assert_eq!(object.object("b").text("c"), None);
        assert_eq!(object.values(|name| name == "a"), ["1", "2"]);
    }

    #[test]
    fn every_value_of_a_name_counts_even_if_it_is_not_a_string() {
        let object = Object::read(r#"{"a":"1","A":["2",null,{}],"b":"3","\u0061":null}"#).unwrap();

        assert_eq!(object.values(|name| name.eq_ignore_ascii_case("a")), ["1", "2", "", ""]);
    }

    #[test]
    fn a_list_is_not_a_string() {
        let object = Object::read(r#"{"a":"1","A":["2"],"b":"3","\u0061":null,"a":[]}"#).unwrap();

        assert_eq!(object.strings(|name| name.eq_ignore_ascii_case("a")), ["1", "", ""]);
    }

    #[test]
    fn only_an_object_is_read() {
        for text in ["", "{", "null", "[]", "1", r#""a""#, "{\"a\":\"\n\"}", "{} {}"] {
            assert!(Object::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_does_not_matter() {
        let deep = format!(r#"{{"deep":{}{},"a":"b"}}"#, "[".repeat(100_000), "]".repeat(100_000));

        assert_eq!(Object::read(&deep).unwrap().text("a").as_deref(), Some("b"));
    }
}
