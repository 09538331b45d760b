use lambda_http::{
    Body, Request, RequestExt as _, Response,
    http::{HeaderValue, StatusCode, header},
};

const CHALLENGE: HeaderValue = HeaderValue::from_static(
    r#"Bearer error="insufficient_user_authentication", error_description="confirm that it is you", acr_values="aal2", max_age="600""#,
);

/// Returns the answer to a caller without two factors in the last 600 seconds, and `None` for every other caller.
fn challenge(request: &Request, now: u64) -> Option<Response<Body>> {
    let context = request.request_context();
    let claim = |name| {
        context
            .authorizer()
            .and_then(|authorizer| authorizer.fields.get(name)?.as_str())
    };
    let age = claim("auth_time").and_then(|at| Some(now.saturating_sub(at.parse().ok()?)));
    if matches!(claim("acr"), Some("aal2" | "phr")) && age.is_some_and(|age| age <= 600) {
        return None;
    }
    let mut answer = Response::new(Body::Empty);
    *answer.status_mut() = StatusCode::UNAUTHORIZED;
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
    Some(answer)
}
