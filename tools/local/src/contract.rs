//! The contract of the API at `/openapi.json`, for programs that make clients or pages from it.

use std::path::Path;

use anyhow::Context as _;
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header},
    response::Response,
    routing::get,
};
use serde_yaml_ng::Value as Yaml;

/// The path of the contract.
const PATH: &str = "/openapi.json";

/// Reads the contract of a checkout, and returns it as JSON with its members in the order of the file.
///
/// # Errors
/// If `openapi.yaml` cannot be read, is not YAML, or has something that JSON does not have.
pub(crate) fn read(root: &Path) -> anyhow::Result<String> {
    let path = root.join("openapi.yaml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    to_json(&text).with_context(|| format!("in {}", path.display()))
}

/// Serves the contract, and passes all other requests to `router`.
pub(crate) fn serve_contract(router: Router, document: String) -> Router {
    let contract = get(move || async move { answer(&document) });
    // Other methods go to the router, like every other path.
    Router::new()
        .route(PATH, contract.fallback_service(router.clone()))
        .fallback_service(router)
}

fn to_json(text: &str) -> anyhow::Result<String> {
    let document: Yaml = serde_yaml_ng::from_str(text).context("not YAML")?;
    serde_json::to_string(&document).context("not JSON")
}

fn answer(document: &str) -> Response {
    let mut response = Response::new(Body::from(document.to_owned()));
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, Request};
    use http_body_util::BodyExt as _;
    use rstest::rstest;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn the_contract_is_json_in_the_order_of_the_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");

        let document = read(&root).unwrap();

        assert!(document.starts_with(r#"{"openapi":"3.1.0","info":"#), "{document}");
        let document: Value = serde_json::from_str(&document).unwrap();
        assert!(document["paths"]["/auth/login"]["post"]["responses"]["200"].is_object());
        assert_eq!(
            document["components"]["schemas"]["Delivery"]["enum"],
            json!(["body", "cookie", null])
        );
    }

    #[test]
    fn what_is_no_contract_is_an_error() {
        assert!(to_json("a: [").is_err());
        assert!(to_json("? [a, b]\n: c").is_err());
    }

    #[rstest]
    #[case(Method::GET, PATH, "{}")]
    #[case(Method::POST, PATH, "gateway")]
    #[case(Method::OPTIONS, PATH, "gateway")]
    #[case(Method::GET, "/openapi.yaml", "gateway")]
    #[case(Method::GET, "/auth/me", "gateway")]
    #[tokio::test]
    async fn every_other_request_goes_to_the_gateway(
        #[case] method: Method,
        #[case] path: &str,
        #[case] expected: &str,
    ) {
        let gateway = Router::new().fallback(async || "gateway");
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();

        let response = serve_contract(gateway, "{}".to_owned()).oneshot(request).await.unwrap();

        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, expected.as_bytes());
    }
}
