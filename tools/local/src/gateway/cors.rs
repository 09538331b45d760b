//! What browsers of other origins are told (CORS). Documented: "Configuring CORS for an HTTP API": the gateway answers
//! preflight requests itself, adds headers to every answer, and drops those of the function.

use axum::{
    body::Body,
    http::{
        HeaderValue, Method, Request, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN,
            VARY,
        },
    },
    response::Response,
};

use crate::template::Cors;

/// The origin of the page that makes a request.
pub(super) fn origin(request: &Request<Body>) -> Option<String> {
    request.headers().get(ORIGIN)?.to_str().ok().map(str::to_owned)
}

/// Whether a browser asks what it may send.
pub(super) fn is_preflight(request: &Request<Body>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to such a question: 204, whoever asks; [`annotate`] adds what is allowed.
pub(super) fn preflight(cors: &Cors, origin: Option<&str>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if allowed(cors, origin).is_some() {
        set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, &cors.methods.join(","));
        set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, &cors.headers.join(","));
        set(&mut response, ACCESS_CONTROL_MAX_AGE, &cors.max_age.to_string());
    }
    response
}

/// Adds to an answer who may read it.
pub(super) fn annotate(cors: &Cors, origin: Option<&str>, response: &mut Response) {
    for name in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS] {
        response.headers_mut().remove(name);
    }
    if let Some(origin) = allowed(cors, origin) {
        set(response, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(response, VARY, "Origin");
        if cors.credentials {
            set(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
    }
}

fn allowed<'a>(cors: &Cors, origin: Option<&'a str>) -> Option<&'a str> {
    origin.filter(|origin| cors.origins.iter().any(|listed| listed == origin || listed == "*"))
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
