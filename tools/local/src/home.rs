//! The page at `/`, for people with a browser or `curl`. The API itself has no page there.

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};

/// Serves `text` at `/`, if it is given, and passes all other requests to the gateway.
pub(crate) fn serve_home(gateway: Router, text: Option<String>) -> Router {
    let Some(text) = text else {
        return gateway;
    };
    let page = get(move |request: Request| async move { answer(request.headers(), &text) });
    // Other methods go to the gateway, like every other path.
    Router::new()
        .route("/", page.fallback_service(gateway.clone()))
        .fallback_service(gateway)
}

/// Returns the text as HTML to clients that accept HTML, such as browsers, and as plain text to all others.
fn answer(headers: &HeaderMap, text: &str) -> Response {
    let accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let wants_html = accepted.flat_map(|value| value.split(',')).any(|range| {
        let media_type = range.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("text/html")
    });
    let (body, content_type) = if wants_html {
        (html(text), "text/html; charset=utf-8")
    } else {
        (text.to_owned(), "text/plain; charset=utf-8")
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Gatehouse</title>\n\
         <body><pre style=\"white-space: pre-wrap\">\n{escaped}</pre></body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, StatusCode};
    use http_body_util::BodyExt as _;
    use rstest::rstest;
    use tower::ServiceExt as _;

    use super::*;

    const TEXT: &str = "Gatehouse <is> up & running\n";

    #[rstest]
    #[case::browser("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", true)]
    #[case::in_another_case("Text/HTML; q=0.5", true)]
    #[case::curl("*/*", false)]
    #[case::text("text/plain", false)]
    #[case::nothing("", false)]
    #[tokio::test]
    async fn a_browser_gets_html_and_other_clients_get_plain_text(#[case] accept: &str, #[case] wants_html: bool) {
        let (status, content_type, body) = send(Method::GET, "/", accept).await;

        assert_eq!(status, StatusCode::OK);
        assert_eq!(content_type.starts_with("text/html"), wants_html);
        assert_eq!(body.contains("Gatehouse &lt;is&gt; up &amp; running"), wants_html);
        assert_eq!(body == TEXT, !wants_html);
    }

    #[rstest]
    #[case(Method::POST, "/")]
    #[case(Method::OPTIONS, "/")]
    #[case(Method::GET, "//")]
    #[case(Method::GET, "/auth/me")]
    #[tokio::test]
    async fn every_other_path_goes_to_the_gateway(#[case] method: Method, #[case] path: &str) {
        assert_eq!(send(method, path, "text/html").await.2, "gateway");
    }

    #[tokio::test]
    async fn without_a_page_the_root_goes_to_the_gateway_too() {
        let request = Request::get("/").body(Body::empty()).unwrap();

        let response = serve_home(gateway(), None).oneshot(request).await.unwrap();

        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "gateway");
    }

    async fn send(method: Method, path: &str, accept: &str) -> (StatusCode, String, String) {
        let request = Request::builder().method(method).uri(path).header("accept", accept);
        let request = request.body(Body::empty()).unwrap();
        let response = serve_home(gateway(), Some(TEXT.to_owned()))
            .oneshot(request)
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        let content_type = head.headers.get("content-type").unwrap().to_str().unwrap().to_owned();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, content_type, String::from_utf8(body.to_vec()).unwrap())
    }

    fn gateway() -> Router {
        Router::new().fallback(async || "gateway")
    }
}
