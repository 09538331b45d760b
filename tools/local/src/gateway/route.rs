//! The choice of the route for a request.

use serde_json::{Map, Value};

use super::request::GatewayRequest;
use crate::template::Route;

/// A route, with the values of its path parameters in the request.
#[derive(Debug)]
pub(crate) struct RouteMatch<'a> {
    pub(crate) route: &'a Route,
    pub(crate) parameters: Map<String, Value>,
}

/// Finds the most specific route for a request, if there is one. A full match takes precedence over a greedy one, and a
/// named method over `ANY` (documented). A path with a trailing slash is a different path (documented). Fixed segments
/// take precedence over parameters (assumed).
pub(crate) fn find<'a>(routes: &'a [Route], request: &GatewayRequest) -> Option<RouteMatch<'a>> {
    let fits = |route: &&Route| route.method == request.method || route.method == "ANY";
    routes
        .iter()
        .filter(fits)
        .filter_map(|route| {
            let parameters = parameters(&route.path, &request.path)?;
            let greedy = route.path.contains("+}");
            let rank = (greedy, parameters.len(), route.method == "ANY");
            Some((rank, RouteMatch { route, parameters }))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, matched)| matched)
}

/// Returns the parameters with which `pattern` matches `path`, or `None` if it does not match.
fn parameters(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let mut found = Map::new();
    let mut rest = path.strip_prefix('/')?;
    let mut segments = pattern.strip_prefix('/')?.split('/').peekable();
    while let Some(segment) = segments.next() {
        let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        if let Some(greedy) = name.and_then(|name| name.strip_suffix('+')) {
            found.insert(greedy.to_owned(), rest.into());
            return (!rest.is_empty()).then_some(found);
        }
        let (value, after) = match segments.peek() {
            Some(_) => rest.split_once('/')?,
            None => (rest, ""),
        };
        match name {
            Some(name) if !value.is_empty() && !value.contains('/') => {
                found.insert(name.to_owned(), value.into());
            }
            None if value == segment => {}
            _ => return None,
        }
        rest = after;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("/auth/login", "/auth/login", Some(json!({})))]
    #[case("/auth/login", "/auth/login/", None)]
    #[case("/auth/login", "/auth/logi", None)]
    #[case("/auth/login", "/auth", None)]
    #[case("/auth/login", "//auth/login", None)]
    #[case("/sessions/{sid}", "/sessions/a", Some(json!({"sid": "a"})))]
    #[case("/sessions/{sid}", "/sessions/a/b", None)]
    #[case("/sessions/{sid}", "/sessions/", None)]
    #[case("/{proxy+}", "/a/b", Some(json!({"proxy": "a/b"})))]
    #[case("/a/{proxy+}", "/a/", None)]
    #[case("/", "/", Some(json!({})))]
    fn a_pattern_is_a_path_or_not(#[case] pattern: &str, #[case] path: &str, #[case] expected: Option<Value>) {
        assert_eq!(parameters(pattern, path).map(Value::Object), expected);
    }
}
