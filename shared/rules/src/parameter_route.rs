//! A route with a parameter. Its pattern may also cover paths of other routes.

use crate::{
    Rule,
    api::is_about,
    pattern::{self, ANY_METHOD, Pattern},
    route::{Reach, Route},
};

/// A route with a parameter, in an API that gets policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRoute {
    /// The id of the route's API. `None` means every API.
    pub api: Option<String>,
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path, as API Gateway writes it.
    pub path: String,
}

impl ParameterRoute {
    /// Returns the pattern that covers the route's requests. It is the part of an ARN after the stage.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern::from_route(&self.method, &self.path)
    }

    /// Returns whether a rule covers a path of the route.
    #[must_use]
    pub fn is_reached_by(&self, rule: &Rule) -> bool {
        let patterns: Vec<_> = rule.normal_patterns(ANY_METHOD).into_iter().map(Pattern::new).collect();
        let reach = Route::new(&self.method, &self.path).map(|route| route.reach(&patterns));
        is_about(self.api.as_deref(), rule.api.as_deref()) && reach != Some(Reach::Nothing)
    }
}
