//! The settings of a resource, and which of them are read: what nobody reads is not imitated.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::Value;

/// The paths of all settings that were read.
pub(super) type Read = RefCell<BTreeSet<String>>;

/// A part of the template that notes which of its members are read.
#[derive(Clone, Debug)]
pub(super) struct Settings<'a> {
    path: String,
    value: &'a Value,
    read: &'a Read,
}

impl<'a> Settings<'a> {
    /// The settings at this path of the template.
    pub(super) fn new(path: &str, value: &'a Value, read: &'a Read) -> Self {
        Self {
            path: path.to_owned(),
            value,
            read,
        }
    }

    /// The value itself.
    pub(super) const fn value(&self) -> &'a Value {
        self.value
    }

    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let member = self.member(name)?;
        self.read.borrow_mut().insert(member.path.clone());
        Some(member)
    }

    /// Every member with its name.
    pub(super) fn members(&self) -> Vec<(&'a str, Self)> {
        let names = self.value.as_object().into_iter().flatten();
        names
            .filter_map(|(name, _)| Some((name.as_str(), self.get(name)?)))
            .collect()
    }

    /// The paths of what is there and was not read. Of something that was not read, the members are not named.
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
    fn what_nobody_reads_is_named() {
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
