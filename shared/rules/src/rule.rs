//! One rule: the requests that it covers, and what it requires of their callers.

use std::collections::BTreeSet;

use crate::{Assurance, Caller, api::is_about, normal_form::NormalForm, pattern};

/// What callers must have for the requests that a method and a path cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id of the API that the rule applies to. `None` means every API.
    pub api: Option<String>,
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path, as API Gateway writes it: `/reports/{id}`, `/files/{proxy+}`.
    pub path: String,
    /// The role that a caller must have. `None` means any role.
    pub role: Option<String>,
    /// The permissions that a caller must have, separated by spaces. `None` means that none is required.
    pub scope: Option<String>,
    /// How far a caller's identity must be assured. `None` means that any login is enough.
    pub acr: Option<Assurance>,
    /// How long ago a caller may have authenticated, in seconds. `None` means any time.
    pub max_age: Option<u64>,
}

impl Rule {
    /// Returns the rule's pattern, which is the part of an ARN after the stage: `GET/reports/*`.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern::from_route(&self.method, &self.path)
    }

    /// Returns the rule's pattern, and a second one with a slash at its end, because some APIs treat both paths as the
    /// same. If the rule's pattern ends with a `*` or a slash, there is no second one.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        slash_variants(self.pattern())
    }

    /// Returns whether there is a request that both rules cover.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        is_about(self.api.as_deref(), other.api.as_deref()) && pattern::intersect(&self.pattern(), &other.pattern())
    }

    /// Returns whether both rules have the same requirements.
    #[must_use]
    pub fn demands_the_same(&self, other: &Self) -> bool {
        self.role == other.role
            && words(self.scope.as_ref()).eq(words(other.scope.as_ref()))
            && (self.acr, self.max_age) == (other.acr, other.max_age)
    }

    /// Returns whether a caller satisfies the rule.
    #[must_use]
    pub fn is_satisfied_by(&self, caller: &Caller<'_>) -> bool {
        self.permits(caller)
            && self.acr.is_none_or(|wanted| wanted.is_reached_by(caller.acr))
            && self.max_age.is_none_or(|longest| caller.age <= longest)
    }

    /// Returns whether a caller has the rule's role and permissions, however they authenticated.
    pub(crate) fn permits(&self, caller: &Caller<'_>) -> bool {
        let has = |wanted: &str| caller.scope.split(' ').any(|one| one == wanted);
        self.role.as_deref().is_none_or(|wanted| wanted == caller.role) && words(self.scope.as_ref()).all(has)
    }

    /// Returns the rule's patterns for requests in normal form, with `any` in place of the method `ANY`.
    pub(crate) fn normal_patterns(&self, any: &str) -> Vec<String> {
        let method = if self.method == "ANY" { any } else { &self.method };
        match NormalForm::from_path(&self.path) {
            NormalForm::Path(path) => slash_variants(pattern::from_route(method, &path)),
            NormalForm::Uncertain | NormalForm::Elsewhere => slash_variants(pattern::from_route(method, &self.path)),
        }
    }

    /// Returns patterns for the spellings of the rule's path in which a character is encoded. A gateway may route such
    /// a spelling like the path itself, but the rule's own patterns do not match it. All lower-case letters share two
    /// patterns, which keeps policies short.
    #[must_use]
    pub fn encoded_patterns(&self) -> BTreeSet<String> {
        let literals = self.path.split('/').filter(|segment| !segment.starts_with('{'));
        let patterns = literals.flat_map(str::bytes).flat_map(|byte| match byte {
            b'a'..=b'o' => vec!["*%6*".to_owned()],
            b'p'..=b'z' => vec!["*%7*".to_owned()],
            _ => vec![format!("*%{byte:02X}*"), format!("*%{byte:02x}*")],
        });
        patterns.collect()
    }
}

fn slash_variants(pattern: String) -> Vec<String> {
    if pattern.ends_with(['*', '/']) {
        return vec![pattern];
    }
    let slash = format!("{pattern}/");
    vec![pattern, slash]
}

fn words(scope: Option<&String>) -> impl Iterator<Item = &str> {
    scope.into_iter().flat_map(|scope| scope.split(' '))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("GET", "/", &["GET/"])]
    #[case("GET", "/reports", &["GET/reports", "GET/reports/"])]
    #[case("GET", "/reports/{id}", &["GET/reports/*"])]
    #[case("GET", "/reports/{id}/lines", &["GET/reports/*/lines", "GET/reports/*/lines/"])]
    #[case("ANY", "/files/{proxy+}", &["*/files/*"])]
    fn a_rule_covers_what_its_pattern_in_a_policy_covers(
        #[case] method: &str,
        #[case] path: &str,
        #[case] expected: &[&str],
    ) {
        assert_eq!(rule(method, path).patterns(), expected);
    }

    #[test]
    fn rules_of_two_apis_do_not_overlap() {
        let of = |api: Option<&str>| Rule {
            api: api.map(str::to_owned),
            ..rule("GET", "/a")
        };

        assert!(of(None).overlaps(&of(None)));
        assert!(of(None).overlaps(&of(Some("one"))));
        assert!(of(Some("one")).overlaps(&of(Some("one"))));
        assert!(!of(Some("one")).overlaps(&of(Some("two"))));
    }

    #[rstest]
    #[case(Some("admin"), None, "admin", "", true)]
    #[case(Some("admin"), None, "Admin", "", false)]
    #[case(Some("admin"), None, "user", "admin", false)]
    #[case(None, Some("read"), "user", "read", true)]
    #[case(None, Some("read"), "user", "write read", true)]
    #[case(None, Some("read"), "user", "reads", false)]
    #[case(None, Some("read"), "read", "", false)]
    #[case(None, Some("read write"), "user", "write read", true)]
    #[case(None, Some("read write"), "user", "read", false)]
    #[case(Some("admin"), Some("read"), "admin", "", false)]
    #[case(Some("admin"), Some("read"), "admin", "read", true)]
    fn a_rule_requires_its_role_and_each_of_its_permissions(
        #[case] wanted_role: Option<&str>,
        #[case] wanted_scope: Option<&str>,
        #[case] role: &str,
        #[case] scope: &str,
        #[case] satisfied: bool,
    ) {
        let rule = Rule {
            role: wanted_role.map(str::to_owned),
            scope: wanted_scope.map(str::to_owned),
            ..rule("GET", "/a")
        };

        let caller = Caller {
            role,
            scope,
            acr: "aal1",
            age: 0,
        };
        assert_eq!(rule.is_satisfied_by(&caller), satisfied);
    }

    fn rule(method: &str, path: &str) -> Rule {
        Rule {
            api: None,
            method: method.to_owned(),
            path: path.to_owned(),
            role: None,
            scope: None,
            acr: None,
            max_age: None,
        }
    }
}
