//! The endpoint that functions call instead of SES, with the one operation that they use: `SendEmail` of SES's API v2.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use claims::{Clock as _, Moment};
use config::SystemClock;
use rand::Rng as _;
use serde_json::{Value, json};

use super::{mailbox::Mailbox, message::Message, request};

/// The path of `SendEmail`.
const PATH: &str = "/v2/email/outbound-emails";

/// Returns the endpoint of SES that puts every mail into this mailbox.
pub fn serve_ses(mailbox: Mailbox) -> Router {
    Router::new()
        .route(PATH, post(receive))
        .fallback(refuse)
        .with_state(mailbox)
}

async fn receive(State(mailbox): State<Mailbox>, headers: HeaderMap, body: Bytes) -> Response {
    // A page of another site can send any other type of content here, but not this one.
    if !is_json(&headers) {
        let text = "the content type is not application/json";
        return error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaTypeException",
            text,
        );
    }
    let letter = match request::parse(&body) {
        Ok(letter) => letter,
        Err(refusal) => return error(StatusCode::BAD_REQUEST, refusal.code(), &refusal.to_string()),
    };
    let now = SystemClock.now();
    let id = message_id(now);
    match mailbox.add(&Message::new(id.clone(), letter, now)) {
        Ok(()) => answer(StatusCode::OK, &json!({"MessageId": id})),
        Err(fault) => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServiceErrorException",
            &format!("{fault:#}"),
        ),
    }
}

async fn refuse() -> Response {
    let text = format!("only POST {PATH} is imitated here");
    error(StatusCode::NOT_FOUND, "UnknownOperationException", &text)
}

fn is_json(headers: &HeaderMap) -> bool {
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = found.unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// Returns an error in the form of SES's API.
fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = answer(status, &json!({"message": message}));
    ([("x-amzn-errortype", code.to_owned())], body).into_response()
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Returns an id that begins with the time, like those of SES.
fn message_id(now: Moment) -> String {
    let mut bytes = [0; 8];
    config::random().fill_bytes(&mut bytes);
    format!("{:016x}-{:016x}", now.get(), u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use rstest::rstest;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_mail_is_kept_and_answered_with_its_id() {
        let mailbox = Mailbox::in_memory();

        let (first, ..) = send(&mailbox, "POST", PATH, "application/json", &mail()).await;
        let (status, code, answer) = send(&mailbox, "POST", PATH, "application/json", &mail()).await;

        let messages = mailbox.messages();
        assert_eq!((first, status, code), (StatusCode::OK, StatusCode::OK, None));
        assert_eq!(answer, json!({"MessageId": messages[0].id}));
        assert_eq!(messages[0].to, "ada@example.com");
        assert_ne!(messages[0].id, messages[1].id);
    }

    #[rstest]
    #[case::no_recipient("/Destination/ToAddresses", json!([]), "BadRequestException")]
    #[case::no_body("/Content/Simple/Body", json!({}), "BadRequestException")]
    #[case::no_json_of_a_mail("/Content", json!(1), "SerializationException")]
    #[tokio::test]
    async fn a_mail_that_ses_refuses_is_not_kept(#[case] pointer: &str, #[case] value: Value, #[case] expected: &str) {
        let (mailbox, mut body) = (Mailbox::in_memory(), mail());
        *body.pointer_mut(pointer).unwrap() = value;

        let (status, code, answer) = send(&mailbox, "POST", PATH, "application/json", &body).await;

        assert_eq!((status, code.as_deref()), (StatusCode::BAD_REQUEST, Some(expected)));
        assert!(answer["message"].is_string(), "{answer}");
        assert_eq!(mailbox.messages(), []);
    }

    #[rstest]
    #[case::of_a_form("POST", PATH, "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
    #[case::another_operation("POST", "/v2/email/identities", "application/json", StatusCode::NOT_FOUND)]
    #[case::with_parameters("POST", PATH, "application/json; charset=utf-8", StatusCode::OK)]
    #[tokio::test]
    async fn only_the_request_of_the_sdk_is_answered(
        #[case] method: &str,
        #[case] path: &str,
        #[case] content_type: &str,
        #[case] expected: StatusCode,
    ) {
        let mailbox = Mailbox::in_memory();

        let (status, ..) = send(&mailbox, method, path, content_type, &mail()).await;

        assert_eq!(status, expected);
        assert_eq!(mailbox.messages().len(), usize::from(expected.is_success()));
    }

    async fn send(
        mailbox: &Mailbox,
        method: &str,
        path: &str,
        content_type: &str,
        body: &Value,
    ) -> (StatusCode, Option<String>, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content_type);
        let request = request.body(Body::from(body.to_string())).unwrap();
        let (head, body) = serve_ses(mailbox.clone()).oneshot(request).await.unwrap().into_parts();
        let code = head
            .headers
            .get("x-amzn-errortype")
            .map(|code| code.to_str().unwrap().to_owned());
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, code, serde_json::from_slice(&body).unwrap())
    }

    fn mail() -> Value {
        json!({
            "FromEmailAddress": "login@localhost",
            "Destination": {"ToAddresses": ["ada@example.com"]},
            "Content": {"Simple": {"Subject": {"Data": "Finish"}, "Body": {"Text": {"Data": "Text"}}}},
        })
    }
}
