//! The members of a JSON body. Their names must be distinct, and no error contains a value.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;

use crate::Failure;

/// The members of a JSON object. Unknown ones are ignored (RFC 6749 s3.2).
#[derive(Default)]
pub struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// Parses a JSON object.
    ///
    /// # Errors
    /// If the bytes are not UTF-8, not JSON or not an object, or if a name occurs twice.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(bytes).map_err(|_| Failure::invalid_request("the body is not UTF-8"))?;
        serde_json::from_str(text)
            .map_err(|_| Failure::invalid_request("the body is not a JSON object with distinct names"))
    }

    /// Returns the string in a required member.
    ///
    /// # Errors
    /// If the member is missing, `null`, or not a string.
    pub fn text(&self, name: &str) -> Result<&str, Failure> {
        self.optional_text(name)?
            .ok_or_else(|| Failure::invalid_request(format!("`{name}` is missing")))
    }

    /// Returns the string in an optional member. `null` counts as absent.
    ///
    /// # Errors
    /// If the member is neither a string nor `null`.
    pub fn optional_text(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(Failure::invalid_request(format!("`{name}` must be a string")))
            }
        }
    }

    /// Returns whether an optional member is `true`.
    ///
    /// # Errors
    /// If the member is neither a boolean nor `null`.
    pub fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(Failure::invalid_request(format!("`{name}` must be true or false")))
            }
        }
    }

    /// Returns the value that `words` pairs with the member's string, or `default` if the member is absent.
    ///
    /// # Errors
    /// If the member is not a string, or not one of the words.
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)], default: T) -> Result<T, Failure> {
        let Some(text) = self.optional_text(name)? else {
            return Ok(default);
        };
        words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Failure::invalid_request(format!("`{name}` must be one of: {}", words.join(", ")))
            })
    }
}

/// Values can be secrets, so only the names are shown.
impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with distinct members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, value)) = members.next_entry()? {
            if fields.insert(name, value).is_some() {
                return Err(A::Error::custom("a member name is repeated"));
            }
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    #[test]
    fn only_an_object_with_distinct_members_is_a_body() {
        let cases: &[&[u8]] = &[
            b"",
            b"null",
            b"[\"a\"]",
            b"{\"a\":1",
            b"{\"a\":1}{}",
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":\"\xff\"}",
            b"\"text\"",
            b"{'a':1}",
            b"{\"a\":NaN}",
        ];
        for case in cases {
            let failure = Fields::parse(case).unwrap_err();

            assert_eq!(
                failure.code,
                ErrorCode::InvalidRequest,
                "{}",
                String::from_utf8_lossy(case)
            );
        }
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named_and_not_echoed() {
        for value in ["1", "true", "[\"canary\"]", "{\"canary\":1}"] {
            let fields = Fields::parse(format!("{{\"email\":{value}}}").as_bytes()).unwrap();

            let failure = fields.text("email").unwrap_err();

            assert_eq!(failure.description, "`email` must be a string");
        }
    }

    #[test]
    fn values_are_not_shown() {
        let fields = Fields::parse(b"{\"password\":\"canary\"}").unwrap();

        assert_eq!(format!("{fields:?}"), r#"{"password"}"#);
    }

    #[test]
    fn nothing_and_null_are_the_same() {
        let fields = Fields::parse(b"{\"label\":null,\"other\":1}").unwrap();

        assert_eq!(fields.optional_text("label").unwrap(), None);
        assert_eq!(fields.text("label").unwrap_err().description, "`label` is missing");
    }
}
