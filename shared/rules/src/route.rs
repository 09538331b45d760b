//! A route as the gateway names it, and how much of it a rule is about.

use crate::{
    normal_form::NormalForm,
    pattern::{SEGMENT, covers, intersect},
};

/// How much of a route a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// No path of it.
    Nothing,
    /// Some of its paths: the rule is finer than the route.
    Part,
    /// Every path of it.
    Whole,
}

/// A route, in a form in which it can be compared with rules in their normal form.
#[derive(Debug)]
pub(crate) struct Route {
    /// `GET/reports/{id}`: stands for any of its paths, as no rule has such a segment.
    name: String,
    /// What it covers: a `{` is one segment, or any method, and a `*` is any text.
    pattern: String,
}

impl Route {
    /// The route of a method or `ANY` and a path such as `/reports/{id}`; `None` where that is no path.
    pub(crate) fn new(method: &str, path: &str) -> Option<Self> {
        let NormalForm::Of(path) = NormalForm::of(path) else {
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
            pattern: format!("{}{covered}", if method == "ANY" { "{" } else { method }),
        })
    }

    /// Whether its path has a parameter; without one, it has one path only.
    pub(crate) fn has_parameter(&self) -> bool {
        self.name.contains(SEGMENT)
    }

    /// How much of it these patterns of one rule cover.
    pub(crate) fn reach(&self, patterns: &[String]) -> Reach {
        // A parameter is never empty, but a greedy one may lead to the path with a slash at its end.
        let is_greedy = self.pattern.ends_with('*');
        let mut possible = patterns.iter().filter(|pattern| is_greedy || !pattern.ends_with('/'));
        if patterns.iter().any(|pattern| covers(pattern, &self.name)) {
            Reach::Whole
        } else if possible.any(|pattern| intersect(pattern, &self.pattern)) {
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

        assert_eq!(Route::new(method, path).unwrap().reach(&patterns), expected);
    }

    #[test]
    fn a_route_that_is_no_path_is_none() {
        assert!(Route::new("GET", "reports").is_none());
        assert!(Route::new("GET", "/a/../b").is_none());
    }
}
