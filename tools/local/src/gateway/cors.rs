//! The CORS answers to pages of other origins. The gateway answers preflight requests itself, adds CORS headers to
//! every answer, and drops the function's own CORS headers (documented in "Configuring CORS for an HTTP API").

use axum::{
    body::Body,
    http::{
        HeaderValue, Method, Request, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
        },
    },
    response::Response,
};

use crate::template::Cors;

/// Returns the origin of the page that makes a request, or `None` without a valid `Origin` header.
pub(super) fn origin(request: &Request<Body>) -> Option<String> {
    request.headers().get(ORIGIN)?.to_str().ok().map(str::to_owned)
}

/// Returns whether a request is a preflight request.
pub(super) fn is_preflight(request: &Request<Body>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The headers that only `CorsConfiguration` sets.
const OF_CORS: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// Answers a preflight request: always with 204, but only an allowed origin gets the permissions.
pub(super) fn preflight(cors: &Cors, origin: Option<&str>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if allow_origin(cors, origin, &mut response) {
        set_list(&mut response, ACCESS_CONTROL_ALLOW_METHODS, &cors.methods);
        set_list(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, &cors.headers);
        if let Some(seconds) = cors.max_age {
            set(&mut response, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
    }
    response
}

/// Replaces the CORS headers of an answer. The new ones name the origin that may read the answer, and the headers that
/// it may read.
pub(super) fn annotate(cors: &Cors, origin: Option<&str>, response: &mut Response) {
    for name in OF_CORS {
        response.headers_mut().remove(name);
    }
    if allow_origin(cors, origin, response) {
        set_list(response, ACCESS_CONTROL_EXPOSE_HEADERS, &cors.exposed);
    }
}

/// If the origin is allowed, adds the headers that permit it to read the answer. Returns whether it is allowed.
fn allow_origin(cors: &Cors, origin: Option<&str>, response: &mut Response) -> bool {
    let Some(origin) = origin.filter(|origin| is_allowed(cors, origin)) else {
        return false;
    };
    set(response, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    set(response, VARY, "Origin");
    if cors.credentials {
        set(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    true
}

/// Returns whether an origin is allowed. `*` matches every origin, and `https://*` matches every origin with that
/// scheme (documented).
fn is_allowed(cors: &Cors, origin: &str) -> bool {
    let matches = |listed: &String| match listed.strip_suffix('*') {
        Some(start) => origin.starts_with(start),
        None => listed == origin,
    };
    cors.origins.iter().any(matches)
}

/// Sets a header to the values of a list. If the list is empty, no header is set.
fn set_list(response: &mut Response, name: HeaderName, values: &[String]) {
    if !values.is_empty() {
        set(response, name, &values.join(","));
    }
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use rstest::rstest;

    use super::*;

    const GOOD: &str = "https://app.example.com";

    #[test]
    fn a_preflight_gets_every_header_except_the_exposed_ones() {
        let response = preflight(&cors(&[GOOD]), Some(GOOD));

        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let expected = [
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-headers", "authorization,content-type"),
            ("access-control-allow-methods", "GET,POST"),
            ("access-control-allow-origin", GOOD),
            ("access-control-max-age", "3600"),
            ("vary", "Origin"),
        ];
        assert_eq!(header_values(response.headers()), expected);
    }

    #[test]
    fn the_gateway_replaces_the_cors_headers_of_a_function() {
        let mut response = Response::new(Body::empty());
        for name in OF_CORS {
            set(&mut response, name, "of the function");
        }

        annotate(&cors(&[GOOD]), Some(GOOD), &mut response);

        let expected = [
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-origin", GOOD),
            ("access-control-expose-headers", "retry-after,apigw-requestid"),
            ("vary", "Origin"),
        ];
        assert_eq!(header_values(response.headers()), expected);
    }

    #[rstest]
    #[case::other(Some("https://evil.example"))]
    #[case::null(Some("null"))]
    #[case::none(None)]
    fn an_origin_that_is_not_listed_gets_no_cors_headers(#[case] origin: Option<&str>) {
        let mut answer = Response::new(Body::empty());

        let asked = preflight(&cors(&[GOOD]), origin);
        annotate(&cors(&[GOOD]), origin, &mut answer);

        assert_eq!(asked.status(), StatusCode::NO_CONTENT);
        assert!(header_values(asked.headers()).is_empty());
        assert!(header_values(answer.headers()).is_empty());
    }

    #[rstest]
    #[case("*", "http://anything", true)]
    #[case("https://*", "https://anything.example:8443", true)]
    #[case("https://*", "http://anything.example", false)]
    #[case("https://app.example.com", "https://app.example.com.evil.example", false)]
    fn a_star_matches_any_origin_of_its_scheme(#[case] listed: &str, #[case] origin: &str, #[case] allowed: bool) {
        assert_eq!(is_allowed(&cors(&[listed]), origin), allowed);
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        let bare = Cors {
            methods: Vec::new(),
            headers: Vec::new(),
            exposed: Vec::new(),
            credentials: false,
            max_age: None,
            ..cors(&[GOOD])
        };
        let mut answer = Response::new(Body::empty());

        let asked = preflight(&bare, Some(GOOD));
        annotate(&bare, Some(GOOD), &mut answer);

        let expected = [("access-control-allow-origin", GOOD), ("vary", "Origin")];
        assert_eq!(header_values(asked.headers()), expected);
        assert_eq!(header_values(answer.headers()), expected);
    }

    fn cors(origins: &[&str]) -> Cors {
        let strings = |strings: &[&str]| strings.iter().map(ToString::to_string).collect();
        Cors {
            origins: strings(origins),
            methods: strings(&["GET", "POST"]),
            headers: strings(&["authorization", "content-type"]),
            exposed: strings(&["retry-after", "apigw-requestid"]),
            credentials: true,
            max_age: Some(3600),
        }
    }

    fn header_values(headers: &HeaderMap) -> Vec<(&str, &str)> {
        let mut told: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        told.sort_unstable();
        told
    }
}
