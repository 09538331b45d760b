//! What AWS says about the requests that it refuses. An adapter of the service never shows it, because it may be logged.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use serde_json::Value;
use store::SharedClient;

/// The maximum length of a message, in characters.
const MAX_LENGTH: usize = 1_000;

/// The last message for each error code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals(Arc<Mutex<BTreeMap<String, String>>>);

/// An HTTP client that remembers the messages of refused requests.
#[derive(Clone, Debug)]
pub(super) struct AttentiveClient {
    client: SharedClient,
    refusals: Refusals,
}

/// The connector of one call.
#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    refusals: Refusals,
}

impl Refusals {
    /// Returns the last message of AWS with this error code.
    pub(crate) fn message(&self, code: &str) -> Option<String> {
        let messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        messages.get(code).cloned()
    }

    fn remember(&self, response: &HttpResponse) {
        if let Some(body) = response.body().bytes().filter(|_| !response.status().is_success()) {
            self.remember_body(response.headers().get("x-amzn-errortype"), body);
        }
    }

    /// Remembers the message in the body of a refused request. Returns the code of the error. `header` is the header
    /// `x-amzn-errortype`.
    pub(super) fn remember_body(&self, header: Option<&str>, body: &[u8]) -> Option<String> {
        let (code, message) = read(header, body)?;
        if may_be_shown(&code) {
            let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            messages.insert(code.clone(), in_one_line(&message));
        }
        Some(code)
    }
}

impl AttentiveClient {
    pub(super) const fn new(client: SharedClient, refusals: Refusals) -> Self {
        Self { client, refusals }
    }
}

impl HttpClient for AttentiveClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.client.http_connector(settings, components),
            refusals: self.refusals.clone(),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, refusals) = (self.inner.call(request), self.refusals.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            refusals.remember(&answer);
            Ok(answer)
        })
    }
}

/// Returns whether the message of an error may be shown. Messages about signatures contain the signed headers, and one
/// of them is a session token.
fn may_be_shown(code: &str) -> bool {
    !code.contains("Signature")
}

/// Returns the code and the message of an answer in one of AWS's formats.
fn read(header: Option<&str>, body: &[u8]) -> Option<(String, String)> {
    let text = str::from_utf8(body).ok()?;
    let (code, message) = match serde_json::from_str::<Value>(text) {
        Ok(json) => {
            let member = |name: &str| json.get(name).and_then(Value::as_str);
            let code = header.or_else(|| member("__type")).or_else(|| member("code"))?;
            (
                code.to_owned(),
                member("message").or_else(|| member("Message"))?.to_owned(),
            )
        }
        Err(_) => (element(text, "Code")?, element(text, "Message")?),
    };
    // A code may have a namespace before it and a URL after it.
    let code = code.rsplit('#').next()?.split(':').next()?.to_owned();
    Some((code, message))
}

/// Returns the text of the first XML element with this name.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let characters = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let text = characters
        .into_iter()
        .fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant));
    Some(text)
}

/// Returns a message without line breaks and other control characters.
fn in_one_line(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    let line = words.join(" ");
    line.chars()
        .filter(|character| !character.is_control())
        .take(MAX_LENGTH)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_aws_is_read() {
        let denied = "User: arn:aws:iam::1:user/ada is not authorized to perform: a:B on resource: \"*\"";
        let quoted = denied.replace('"', "\\\"");
        let dynamodb = format!(r#"{{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"{quoted}"}}"#);
        let ses = format!(r#"{{"message":"{quoted}"}}"#);
        let xml = format!(
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{}</Message></Error></ErrorResponse>",
            denied.replace('"', "&quot;")
        );
        for (header, body, code) in [
            (None, dynamodb, "AccessDeniedException"),
            (
                Some("AccessDeniedException:http://internal/"),
                ses,
                "AccessDeniedException",
            ),
            (None, xml, "AccessDenied"),
        ] {
            assert_eq!(
                read(header, body.as_bytes()),
                Some((code.to_owned(), denied.to_owned())),
                "{body}"
            );
        }
        for body in ["", "{}", "<html>", "[1]"] {
            assert_eq!(read(None, body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_message_with_signed_headers_is_not_kept() {
        assert!(!may_be_shown("InvalidSignatureException") && !may_be_shown("SignatureDoesNotMatch"));
        assert!(may_be_shown("AccessDeniedException"));
    }

    #[test]
    fn a_message_is_one_short_line() {
        let long = format!("a\n\tb\u{1b}[31m{}", "c".repeat(2_000));

        let line = in_one_line(&long);

        assert!(line.starts_with("a b[31mccc"), "{line}");
        assert_eq!(line.chars().count(), MAX_LENGTH);
    }
}
