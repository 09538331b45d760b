//! The pages, with a panel that shows their requests, the contract of the API, and the text at `/` for `curl`. The
//! template's own function serves the same files without the panel, if its parameter `Pages` is on.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
    routing::get,
};
use site::{Asset, File, Site};

/// The panel that shows the requests of the pages. No function has it.
pub(crate) const PANEL: [Asset; 2] = [
    Asset {
        name: "panel.css",
        text: include_str!("../../../clients/pages/dev/panel.css"),
    },
    Asset {
        name: "panel.js",
        text: include_str!("../../../clients/pages/dev/panel.js"),
    },
];

/// What is served beside the API.
#[derive(Debug)]
pub(crate) struct Home {
    /// The pages and the contract.
    pub(crate) site: Site,
    /// The text at `/` for clients that do not accept HTML.
    pub(crate) text: String,
}

/// Serves the site and the text, if they are given, and passes all other requests to the gateway.
pub(crate) fn serve_home(gateway: Router, home: Option<Home>) -> Router {
    let Some(home) = home else {
        return gateway;
    };
    let home = Arc::new(home);
    let paths: Vec<String> = home.site.paths().map(str::to_owned).collect();
    let router = paths.into_iter().fold(Router::new(), |router, path| {
        let (home, name) = (Arc::clone(&home), path.clone());
        let answer = get(move |request: Request| async move { home.answer(&name, request.headers()) });
        // Other methods go to the gateway, like every other path.
        router.route(&path, answer.fallback_service(gateway.clone()))
    });
    router.fallback_service(gateway)
}

impl Home {
    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        match self.site.file(path) {
            Some(file) if path != "/" || accepts_html(headers) => of_file(file),
            _ => of_text(&self.text),
        }
    }
}

/// Returns whether a client accepts HTML, as browsers do.
fn accepts_html(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let media_type = range.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("text/html")
    })
}

fn of_file(file: &File) -> Response {
    let mut response = Response::new(Body::from(file.text.clone()));
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    for (name, value) in file.headers() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn of_text(text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, StatusCode};
    use config::Environment;
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
    async fn a_browser_gets_the_page_and_other_clients_get_the_text(#[case] accept: &str, #[case] wants_html: bool) {
        let (status, content_type, body) = send(Method::GET, "/", accept).await;

        assert_eq!(status, StatusCode::OK);
        assert_eq!(content_type.starts_with("text/html"), wants_html);
        assert_eq!(body.contains("<title>Log in</title>"), wants_html);
        assert_eq!(body == TEXT, !wants_html);
    }

    #[tokio::test]
    async fn every_file_is_served_with_its_headers() {
        for path in home().site.paths() {
            let response = respond(Method::GET, path, "text/html").await;

            let home = home();
            let file = home.site.file(path).unwrap();
            for (name, value) in file.headers() {
                assert_eq!(response.headers()[name], value, "{path}");
            }
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, file.text.as_bytes(), "{path}");
        }
    }

    #[test]
    fn the_pages_have_the_panel_here() {
        let home = home();

        assert!(home.site.file("/").unwrap().text.contains("/panel.js"));
    }

    #[rstest]
    #[case(Method::POST, "/")]
    #[case(Method::OPTIONS, "/")]
    #[case(Method::POST, "/account")]
    #[case(Method::POST, "/openapi.json")]
    #[case(Method::OPTIONS, "/openapi.json")]
    #[case(Method::GET, "/openapi.yaml")]
    #[case(Method::GET, "//")]
    #[case(Method::GET, "/account/")]
    #[case(Method::GET, "/assets/panel.js")]
    #[case(Method::GET, "/auth/me")]
    #[tokio::test]
    async fn every_other_path_goes_to_the_gateway(#[case] method: Method, #[case] path: &str) {
        assert_eq!(send(method, path, "text/html").await.2, "gateway");
    }

    #[tokio::test]
    async fn without_a_home_the_root_goes_to_the_gateway_too() {
        let request = Request::get("/").body(Body::empty()).unwrap();

        let response = serve_home(gateway(), None).oneshot(request).await.unwrap();

        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "gateway");
    }

    async fn send(method: Method, path: &str, accept: &str) -> (StatusCode, String, String) {
        let (head, body) = respond(method, path, accept).await.into_parts();
        let content_type = head.headers.get("content-type").unwrap().to_str().unwrap().to_owned();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, content_type, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn respond(method: Method, path: &str, accept: &str) -> Response {
        let request = Request::builder().method(method).uri(path).header("accept", accept);
        let request = request.body(Body::empty()).unwrap();
        serve_home(gateway(), Some(home())).oneshot(request).await.unwrap()
    }

    fn home() -> Home {
        let accent = Environment::from_iter([("", "")]).accent_colour().unwrap();
        Home {
            site: Site::with_assets(accent, &PANEL),
            text: TEXT.to_owned(),
        }
    }

    fn gateway() -> Router {
        Router::new().fallback(async || "gateway")
    }
}
