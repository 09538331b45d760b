//! A route as the gateway names it, and how much of it a rule covers.

use crate::{
    normal_form::NormalForm,
    pattern::{Pattern, SEGMENT},
};

/// How much of a route a rule covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// None of the route's paths.
    Nothing,
    /// Some of the route's paths: the rule is narrower than the route.
    Part,
    /// All of the route's paths.
    Whole,
}

/// A route in a form that can be compared with rules in normal form.
#[derive(Debug)]
pub(crate) struct Route {
    /// The method and the path: `GET/reports/{id}`. A pattern that covers this text covers every path of the route,
    /// because no rule has a literal segment like `{id}`.
    name: String,
    /// The pattern of the route's requests. A `{` stands for one segment or any method, and a `*` for any text.
    pattern: Pattern,
}

impl Route {
    /// Makes a route from a method or `ANY`, and a path such as `/reports/{id}`. Returns `None` if the path has no
    /// normal form.
    pub(crate) fn new(method: &str, path: &str) -> Option<Self> {
        let NormalForm::Path(path) = NormalForm::from_path(path) else {
            return None;
        };
        let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(name) if name.ends_with("+}") => "*",
            Some(_) => "{",
            None => segment,
        });
        let covered = segments.collect::<Vec<_>>().join("/");
        Some(Self {
            name: format!("{method}{path}"),
            pattern: Pattern::new(format!("{}{covered}", if method == "ANY" { "{" } else { method })),
        })
    }

    /// Returns whether the route has a parameter. Without one, it has a single path.
    pub(crate) fn has_parameter(&self) -> bool {
        self.name.contains(SEGMENT)
    }

    /// Returns how much of the route these patterns of one rule cover.
    pub(crate) fn reach(&self, patterns: &[Pattern]) -> Reach {
        // A parameter is never empty, except that a greedy one may match nothing after a slash at the end of the path.
        let is_greedy = self.pattern.as_str().ends_with('*');
        let mut possible = patterns
            .iter()
            .filter(|pattern| is_greedy || !pattern.as_str().ends_with('/'));
        if patterns.iter().any(|pattern| pattern.covers(&self.name)) {
            Reach::Whole
        } else if possible.any(|pattern| pattern.intersects(&self.pattern)) {
            Reach::Part
        } else {
            Reach::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("GET /reports", "GET/reports", Reach::Whole)]
    #[case("GET /reports/", "GET/reports", Reach::Whole)]
    #[case("GET /Reports", "GET/reports", Reach::Whole)]
    #[case("POST /reports", "GET/reports", Reach::Nothing)]
    #[case("ANY /reports", "GET/reports", Reach::Part)]
    #[case("ANY /reports", "*/reports", Reach::Whole)]
    #[case("GET /{id}", "GET/reports", Reach::Part)]
    #[case("GET /{id}", "GET/", Reach::Nothing)]
    #[case("GET /{id}", "GET/a/b", Reach::Nothing)]
    #[case("GET /reports/{id}", "GET/reports", Reach::Nothing)]
    #[case("GET /reports/{id}", "GET/reports/*", Reach::Whole)]
    #[case("GET /reports/{id}", "GET/reports/7", Reach::Part)]
    #[case("GET /reports/{id}", "GET/reports/*/lines", Reach::Nothing)]
    #[case("GET /reports/{id}/lines", "GET/reports/*", Reach::Whole)]
    #[case("GET /reports/{proxy+}", "GET/reports/*/lines", Reach::Part)]
    #[case("GET /reports/{proxy+}", "GET/reports", Reach::Part)]
    #[case("ANY /{proxy+}", "*/admin/*", Reach::Part)]
    #[case("ANY /{proxy+}", "*/*", Reach::Whole)]
    #[case("ANY /admin/{proxy+}", "*/admin/*", Reach::Whole)]
    #[case("ANY /files/{proxy+}", "GET/admin/*", Reach::Nothing)]
    #[case("ANY /lines/{id}", "GET/reports/*/lines/*", Reach::Nothing)]
    fn a_rule_is_about_nothing_a_part_or_the_whole_of_a_route(
        #[case] route: &str,
        #[case] rule: &str,
        #[case] expected: Reach,
    ) {
        let (method, path) = route.split_once(' ').unwrap();
        let slash = format!("{rule}/");
        let patterns = if rule.ends_with(['*', '/']) {
            vec![rule.to_owned()]
        } else {
            vec![rule.to_owned(), slash]
        };

        let patterns: Vec<_> = patterns.into_iter().map(Pattern::new).collect();
        assert_eq!(Route::new(method, path).unwrap().reach(&patterns), expected);
    }

    #[test]
    fn a_route_without_a_valid_path_is_refused() {
        assert!(Route::new("GET", "reports").is_none());
        assert!(Route::new("GET", "/a/../b").is_none());
    }
}
