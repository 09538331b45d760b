//! The rules that a caller does not satisfy, and their consequences.

use crate::{Called, Kept, ParameterRoute, Rule, api::is_about, called::Reading, pattern::covers, patterns::Patterns};

/// Patterns for paths with dot segments, whether these are plain, encoded, or encoded several times. Such a path may
/// lead from one route with a parameter to another. A policy cannot resolve dot segments, so it denies these paths.
pub(crate) const DOTS: [&str; 6] = ["*..*", "*/./*", "*%2e*", "*%2E*", "*%25*2e*", "*%25*2E*"];

/// The rules of an API that a caller does not satisfy.
#[derive(Clone, Debug)]
pub struct Unsatisfied<'a> {
    rules: Vec<&'a Patterns>,
    /// Every route with a parameter, or `None` if the rules have no list of them.
    routes: Option<&'a [ParameterRoute]>,
    api: Option<&'a str>,
}

impl<'a> Unsatisfied<'a> {
    pub(crate) const fn new(
        rules: Vec<&'a Patterns>,
        routes: Option<&'a [ParameterRoute]>,
        api: Option<&'a str>,
    ) -> Self {
        Self { rules, routes, api }
    }

    /// Returns the rules that refuse the caller. If there are none, the caller is allowed. The result is the same for
    /// all requests that may get the same cached answer.
    #[must_use]
    pub fn refusing_rules(&self, called: &Called) -> Vec<&'a Rule> {
        // A request to `$connect` of a WebSocket API has no path, so no rule applies to it.
        if self.rules.is_empty() || called.request.as_deref() == Some("$connect") {
            return Vec::new();
        }
        let reading = Reading::new(called, self.routes.is_some());
        let denies = |rule: &'a Patterns| {
            let alone = Self::new(vec![rule], self.routes, self.api);
            called.kept == Kept::ForItsStage && alone.policy_denies(called)
        };
        let refusing = self
            .rules
            .iter()
            .filter(|rule| reading.is_refused_by(rule) || denies(rule));
        refusing.map(|patterns| &patterns.rule).collect()
    }

    /// Returns whether the caller's policy denies the request, as the caller wrote it.
    #[must_use]
    pub fn policy_denies(&self, called: &Called) -> bool {
        let denied = self.denied_patterns();
        let covers = |request: &String| denied.iter().any(|pattern| covers(pattern, request));
        called.request.as_ref().is_some_and(covers)
    }

    /// Returns the patterns that the caller's policy denies. These are the patterns of the rules. If the routes with a
    /// parameter are listed, the policy also denies:
    ///
    /// - encoded spellings of the rules' paths;
    /// - each listed route of which a rule covers any path, because a path of this route that the rule does not cover
    ///   may be another spelling of one that it covers;
    /// - paths with dot segments, if the API has a listed route, because such a path may lead from one listed route to
    ///   another.
    #[must_use]
    pub fn denied_patterns(&self) -> Vec<&'a str> {
        let mut denied: Vec<&str> = Vec::new();
        let mut add = |pattern: &'a str| {
            if !denied.contains(&pattern) {
                denied.push(pattern);
            }
        };
        let is_here = |of: Option<&String>| is_about(of.map(String::as_str), self.api);
        for rule in &self.rules {
            rule.written.iter().for_each(|pattern| add(pattern.as_str()));
        }
        if let (Some(routes), false) = (self.routes, self.rules.is_empty()) {
            for rule in &self.rules {
                let reached = rule.routes.iter().filter(|(api, _)| is_here(api.as_ref()));
                reached.for_each(|(_, pattern)| add(pattern));
                rule.encoded.iter().for_each(|pattern| add(pattern));
            }
            if routes.iter().any(|route| is_here(route.api.as_ref())) {
                DOTS.into_iter().for_each(add);
            }
        }
        denied
    }
}
