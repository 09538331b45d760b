//! A rule and its patterns, which are made only once.

use crate::{
    Rule,
    pattern::{ANY_METHOD, Pattern},
};

/// A rule with its patterns.
#[derive(Clone, Debug)]
pub(crate) struct Patterns {
    pub(crate) rule: Rule,
    /// The rule's patterns for the part of an ARN after the stage.
    pub(crate) written: Vec<Pattern>,
    /// The rule's patterns for requests in normal form.
    pub(crate) normal: Vec<Pattern>,
    /// The rule's patterns for routes. In these, the method `ANY` matches one method and does not span slashes.
    pub(crate) of_routes: Vec<Pattern>,
    /// Patterns for encoded spellings of the rule's path.
    pub(crate) encoded: Vec<String>,
    /// The routes with a parameter to which the rule applies. Each entry is the id of the route's API, or `None` if the
    /// route is for every API, and the route's pattern.
    pub(crate) routes: Vec<(Option<String>, String)>,
}

impl Patterns {
    /// Returns this rule with its patterns, but without routes.
    pub(crate) fn from_rule(rule: Rule) -> Self {
        let compiled = |patterns: Vec<String>| patterns.into_iter().map(Pattern::new).collect();
        Self {
            written: compiled(rule.patterns()),
            normal: compiled(rule.normal_patterns("*")),
            of_routes: compiled(rule.normal_patterns(ANY_METHOD)),
            encoded: rule.encoded_patterns().into_iter().collect(),
            routes: Vec::new(),
            rule,
        }
    }
}
