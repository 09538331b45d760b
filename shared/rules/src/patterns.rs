//! A rule with its patterns, which are made once.

use crate::{Rule, pattern::ANY_METHOD};

/// A rule with its patterns.
#[derive(Clone, Debug)]
pub(crate) struct Patterns {
    pub(crate) rule: Rule,
    /// Patterns as they follow the stage in an ARN.
    pub(crate) written: Vec<String>,
    /// The same patterns for requests in normal form.
    pub(crate) normal: Vec<String>,
    /// The same patterns for routes. Here the method `ANY` is a single method, not a wildcard that spans slashes.
    pub(crate) of_routes: Vec<String>,
    /// Patterns for other ways to write its path.
    pub(crate) encoded: Vec<String>,
    /// The routes with a parameter that it applies to: the id of the API and the pattern of each.
    pub(crate) routes: Vec<(Option<String>, String)>,
}

impl Patterns {
    /// Returns the patterns of this rule, without those of routes.
    pub(crate) fn from_rule(rule: Rule) -> Self {
        Self {
            written: rule.patterns(),
            normal: rule.normal_patterns("*"),
            of_routes: rule.normal_patterns(ANY_METHOD),
            encoded: rule.encoded_patterns().into_iter().collect(),
            routes: Vec::new(),
            rule,
        }
    }
}
