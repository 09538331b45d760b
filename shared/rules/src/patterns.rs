//! A rule and what it covers, made once.

use crate::{Rule, pattern::ANY_METHOD};

/// A rule and what it covers.
#[derive(Clone, Debug)]
pub(crate) struct Patterns {
    pub(crate) rule: Rule,
    /// As patterns of an ARN after the stage.
    pub(crate) written: Vec<String>,
    /// The same for requests in their normal form.
    pub(crate) normal: Vec<String>,
    /// The same for routes, of which the method `ANY` is one and no text that spans slashes.
    pub(crate) of_routes: Vec<String>,
    /// Other ways to write a path of it, as patterns of an ARN.
    pub(crate) encoded: Vec<String>,
    /// Each route with a parameter that it is about, with the id of its API.
    pub(crate) routes: Vec<(Option<String>, String)>,
}

impl Patterns {
    /// What this rule covers, as far as it does not depend on routes.
    pub(crate) fn of(rule: Rule) -> Self {
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
