//! All rules of an authorizer.

use crate::{
    Called, Caller, Kept, ParameterRoute, Rule, Unsatisfied, api::is_about, limits::longest_stage_arn,
    patterns::Patterns,
};

/// All rules of an authorizer.
#[derive(Clone, Debug)]
pub struct Rules {
    all: Vec<Patterns>,
    /// The routes with a parameter, or `None` before [`Rules::with_parameter_routes`] has added them.
    routes: Option<Vec<ParameterRoute>>,
    longest_stage: usize,
}

impl Rules {
    /// Makes the rules of an authorizer. They must have been checked for stage names of at most `longest_stage`
    /// characters. If `longest_stage` is 0, they need not have been checked. [`Rules::fit`] returns whether a stage may
    /// get a policy.
    #[must_use]
    pub fn new(rules: Vec<Rule>, longest_stage: usize) -> Self {
        Self {
            all: rules.into_iter().map(Patterns::from_rule).collect(),
            routes: None,
            longest_stage,
        }
    }

    /// Adds the routes with a parameter. The list must be complete for all APIs that get policies. Otherwise, a cached
    /// policy could allow a request that a rule forbids. Without a list, a request is refused if it is unclear whether
    /// a rule covers it.
    #[must_use]
    pub fn with_parameter_routes(mut self, routes: Vec<ParameterRoute>) -> Self {
        for compiled in &mut self.all {
            let reached = routes.iter().filter(|route| route.is_reached_by(&compiled.rule));
            compiled.routes = reached.map(|route| (route.api.clone(), route.pattern())).collect();
        }
        self.routes = Some(routes);
        self
    }

    /// Returns the rules that refuse a caller. If there are none, the caller is allowed. The result is the same for all
    /// requests that may get the same cached answer.
    #[must_use]
    pub fn refusing_rules<'a>(&'a self, called: &'a Called, bearer: &Caller<'_>) -> Vec<&'a Rule> {
        // A policy names every rule that the caller does not satisfy, so these are needed anyway.
        if called.kept == Kept::ForItsStage {
            let unsatisfied = self.unsatisfied_rules(called.api.as_deref(), bearer);
            return unsatisfied.refusing_rules(called);
        }
        // Few rules cover a request, and a pattern is compared faster than permissions are.
        let mut applicable = self.applicable_rules(called);
        applicable.retain(|rule| !rule.is_satisfied_by(bearer));
        applicable
    }

    /// Returns the rules that a caller must satisfy to make this request.
    #[must_use]
    pub fn applicable_rules<'a>(&'a self, called: &'a Called) -> Vec<&'a Rule> {
        let api = called.api.as_deref();
        Unsatisfied::new(self.rules_of_api(api).collect(), self.routes.as_deref(), api).refusing_rules(called)
    }

    /// Returns the rules of an API that a caller does not satisfy.
    #[must_use]
    pub fn unsatisfied_rules<'a>(&'a self, api: Option<&'a str>, caller: &Caller<'_>) -> Unsatisfied<'a> {
        let rules = self.rules_of_api(api);
        let rules = rules.filter(|compiled| !compiled.rule.is_satisfied_by(caller));
        Unsatisfied::new(rules.collect(), self.routes.as_deref(), api)
    }

    /// Returns the rules of an API, or of every API if `api` is `None`.
    fn rules_of_api(&self, api: Option<&str>) -> impl Iterator<Item = &Patterns> {
        let concerns = move |of: &Patterns| is_about(of.rule.api.as_deref(), api);
        self.all.iter().filter(move |compiled| concerns(compiled))
    }

    /// Returns whether policies are known to stay within the gateway's limits if their ARNs have `stage_arn` characters
    /// before the pattern. Without rules, they always do. With rules, the result is `true` only up to the length for
    /// which they were checked: that of the longest possible ARN of a stage whose name has `longest_stage` characters.
    #[must_use]
    pub fn fit(&self, stage_arn: usize) -> bool {
        let checked = self.longest_stage > 0 && stage_arn <= longest_stage_arn(self.longest_stage);
        self.all.is_empty() || checked
    }
}

#[cfg(test)]
mod tests {
    use proptest::{
        prelude::{prop_assert_eq, proptest},
        sample::select,
    };

    use super::*;

    const PATHS: [&str; 6] = ["/a", "/a/{id}", "/a/{id}/b", "/{proxy+}", "/b", "/b/7"];
    const SCOPES: [Option<&str>; 3] = [None, Some("read"), Some("read write")];
    const AGES: [Option<u64>; 2] = [None, Some(60)];
    const USER: Caller<'_> = Caller {
        role: "user",
        scope: "",
        acr: "aal1",
        age: 0,
    };

    proptest! {
        #[test]
        fn patterns_and_permissions_may_be_compared_in_either_order(
            paths in proptest::collection::vec((select(&PATHS), select(&["GET", "ANY"]), select(&SCOPES), select(&AGES)), 0..6),
            route in select(&PATHS),
            path in select(&["GET/a", "GET/a/7", "GET/a/7/b", "GET/B", "GET/a/../b", "POST/b/7", "GET/a/%2e"]),
            scope in select(&["", "read", "write", "write read"]),
            age in select(&[0, 60, 61]),
            kept in select(&[Kept::Never, Kept::ForItsRoute, Kept::ForItsStage]),
        ) {
            let rules = paths.into_iter().map(|(path, method, scope, max_age)| Rule {
                scope: scope.map(str::to_owned),
                max_age,
                ..rule(method, path)
            });
            let rules = Rules::new(rules.collect(), 128);
            let called = Called {
                api: None,
                route: Some(format!("GET {route}")),
                request: Some(path.to_owned()),
                kept,
            };

            let caller = Caller { scope, age, ..USER };

            let refusing = rules.refusing_rules(&called, &caller);

            prop_assert_eq!(refusing, rules.unsatisfied_rules(None, &caller).refusing_rules(&called));
        }
    }

    #[test]
    fn for_an_unknown_api_the_rules_of_all_apis_apply() {
        let of_one = Rule {
            api: Some("one".to_owned()),
            role: Some("admin".to_owned()),
            ..rule("GET", "/a")
        };
        let rules = Rules::new(vec![of_one], 128);

        let denied = |api| rules.unsatisfied_rules(api, &USER).denied_patterns().len();
        assert_eq!(denied(Some("one")), 2);
        assert_eq!(denied(Some("two")), 0);
        assert_eq!(denied(None), 2);
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
