//! The settings of a resource, with a record of those that are read. A setting that is never read is not imitated.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::Value;

/// The paths of the settings that were read.
pub(super) type Read = RefCell<BTreeSet<String>>;

/// A part of the template. It records which of its members are read.
#[derive(Clone, Debug)]
pub(super) struct Settings<'a> {
    path: String,
    value: &'a Value,
    read: &'a Read,
}

impl<'a> Settings<'a> {
    /// Returns the settings at this path of the template.
    pub(super) fn new(path: &str, value: &'a Value, read: &'a Read) -> Self {
        Self {
            path: path.to_owned(),
            value,
            read,
        }
    }

    /// Returns this part of the template as JSON.
    pub(super) const fn value(&self) -> &'a Value {
        self.value
    }

    /// Returns a member, if there is one, and records that it was read.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let member = self.member(name)?;
        self.read.borrow_mut().insert(member.path.clone());
        Some(member)
    }

    /// Returns the paths of all settings that were not read. Members of an unread setting are not listed separately.
    pub(super) fn unread(&self) -> Vec<String> {
        let names = self.value.as_object().into_iter().flatten();
        names
            .filter_map(|(name, _)| self.member(name))
            .flat_map(|member| {
                if self.read.borrow().contains(&member.path) {
                    member.unread()
                } else {
                    vec![member.path]
                }
            })
            .collect()
    }

    fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        let path = format!("{}.{name}", self.path);
        Some(Self::new(&path, value, self.read))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unread_setting_is_named() {
        let value = json!({"Cors": {"Origins": ["a"], "MaxAge": 1}, "Auth": {}, "Throttling": {"Rate": 1}});
        let read = Read::default();
        let settings = Settings::new("Api", &value, &read);

        let origins = settings.get("Cors").and_then(|cors| cors.get("Origins"));
        let absent = settings.get("Absent");
        settings.get("Auth").unwrap();

        assert_eq!(origins.unwrap().value(), &json!(["a"]));
        assert!(absent.is_none());
        assert_eq!(settings.unread(), ["Api.Cors.MaxAge", "Api.Throttling"]);
    }
}
