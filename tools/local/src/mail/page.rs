//! The page at `/_mail` that shows the mails, and the same mails as JSON. Neither has a script.

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{html, mailbox::Mailbox};

/// The path of the page.
pub(super) const PAGE: &str = "/_mail";
/// The path of the mails as JSON.
pub(super) const MESSAGES: &str = "/_mail/messages.json";
/// The content security policy of the page. It also applies to the mails in it, whose styles are in their HTML.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action \
                      'none'; frame-ancestors 'none'";

/// Serves the mails at `/_mail`, and passes all other requests on.
pub(crate) fn serve_page(mailbox: Mailbox, others: Router) -> Router {
    let for_page = mailbox.clone();
    let page = get(async move |headers: HeaderMap| {
        answer(&headers, "text/html; charset=utf-8", || {
            html::page(&for_page.messages())
        })
    });
    let messages = get(async move |headers: HeaderMap| {
        answer(&headers, "application/json", || {
            serde_json::to_string(&mailbox.messages()).unwrap_or_default()
        })
    });
    Router::new()
        .route(PAGE, page.fallback_service(others.clone()))
        .route(MESSAGES, messages.fallback_service(others.clone()))
        .fallback_service(others)
}

/// Returns an answer for requests to this machine. A page of another site can make its own name point to this machine,
/// and would then be allowed to read the mails.
fn answer(headers: &HeaderMap, media_type: &'static str, body: impl FnOnce() -> String) -> Response {
    if !is_local(headers) {
        let text = "The mails are at localhost only.\n";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body()).into_response()
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    matches!(name, None | Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Method, Request},
    };
    use http_body_util::BodyExt as _;
    use rstest::rstest;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;
    use crate::mail::message::Message;

    #[tokio::test]
    async fn the_page_has_no_scripts_and_is_not_stored() {
        let (status, headers, body) = send(&mailbox(), Method::GET, PAGE, "localhost:3000").await;

        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("<h2 id=\"mail-1\">First</h2>"), "{body}");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["content-security-policy"], POLICY);
        assert!(POLICY.contains("default-src 'none'") && !POLICY.contains("script-src"));
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cache-control"], "no-store");
    }

    #[tokio::test]
    async fn programs_get_the_mails_as_json() {
        let (status, headers, body) = send(&mailbox(), Method::GET, MESSAGES, "localhost:3000").await;

        assert_eq!(
            (status, &headers["content-type"]),
            (StatusCode::OK, &"application/json".parse().unwrap())
        );
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            json!([{
                "id": "1", "to": "ada@example.com", "from": "login@localhost", "subject": "First",
                "text": "Open http://localhost:3000/r?token=a&b.", "html": "<p>Html", "purpose": "register",
                "at": 1_700_000_000_000_u64,
            }])
        );
    }

    #[rstest]
    #[case("localhost", StatusCode::OK)]
    #[case("127.0.0.1:3000", StatusCode::OK)]
    #[case("[::1]:3000", StatusCode::OK)]
    #[case("evil.example:3000", StatusCode::MISDIRECTED_REQUEST)]
    #[case("localhost.evil.example", StatusCode::MISDIRECTED_REQUEST)]
    #[tokio::test]
    async fn only_this_machine_gets_the_mails(#[case] host: &str, #[case] expected: StatusCode) {
        for path in [PAGE, MESSAGES] {
            let (status, _, body) = send(&mailbox(), Method::GET, path, host).await;

            assert_eq!(status, expected);
            assert_eq!(body.contains("First"), expected.is_success());
        }
    }

    #[rstest]
    #[case(Method::POST, "/_mail")]
    #[case(Method::DELETE, "/_mail/messages.json")]
    #[case(Method::GET, "/_mail/")]
    #[case(Method::GET, "/auth/me")]
    #[tokio::test]
    async fn every_other_request_is_passed_on(#[case] method: Method, #[case] path: &str) {
        assert_eq!(send(&mailbox(), method, path, "localhost").await.2, "others");
    }

    async fn send(mailbox: &Mailbox, method: Method, path: &str, host: &str) -> (StatusCode, HeaderMap, String) {
        let others = Router::new().fallback(async || "others");
        let request = Request::builder().method(method).uri(path).header("host", host);
        let request = request.body(Body::empty()).unwrap();
        let response = serve_page(mailbox.clone(), others).oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    fn mailbox() -> Mailbox {
        let mailbox = Mailbox::in_memory();
        mailbox.add(&Message::example()).unwrap();
        mailbox
    }
}
