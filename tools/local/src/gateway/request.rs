//! The request that the gateway received.

use axum::http::{HeaderMap, header, request::Parts};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use claims::Moment;
use serde_json::{Map, Value};

/// A received request, with the values from which events are made.
#[derive(Clone, Debug)]
pub(crate) struct GatewayRequest {
    /// The gateway's id of the request.
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<String>,
    pub(crate) is_base64_encoded: bool,
    pub(crate) source_ip: String,
    pub(crate) arrived_at: Moment,
}

/// Returns the approximate length of the request line and all headers in bytes: the sum of the lengths of the URI, the
/// headers' names and their values.
pub(crate) fn length(head: &Parts) -> usize {
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len().saturating_add(value.len()));
    headers.fold(head.uri.to_string().len(), usize::saturating_add)
}

impl GatewayRequest {
    pub(crate) fn new(id: &str, head: &Parts, body: &[u8], source_ip: String, arrived_at: Moment) -> Self {
        let text = is_text(&head.headers).then(|| std::str::from_utf8(body).ok()).flatten();
        Self {
            id: id.to_owned(),
            method: head.method.to_string(),
            path: decode_percent(head.uri.path()),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers.clone(),
            body: (!body.is_empty()).then(|| text.map_or_else(|| STANDARD.encode(body), str::to_owned)),
            is_base64_encoded: !body.is_empty() && text.is_none(),
            source_ip,
            arrived_at,
        }
    }

    /// Returns the value of a header, or `None` if the request does not have it. Several values of one header are
    /// joined by commas (documented).
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// Returns all headers except cookies, under their lower-case names. In an event, header names are in lower case,
    /// and cookies have their own field (documented).
    pub(crate) fn join_headers(&self) -> Map<String, Value> {
        self.headers
            .keys()
            .filter(|name| *name != header::COOKIE)
            .filter_map(|name| Some((name.to_string(), self.header(name.as_str())?.into())))
            .collect()
    }

    /// Returns each cookie separately, or `None` if there are none. Payload format 2.0 has a separate field for cookies
    /// (documented).
    pub(crate) fn cookies(&self) -> Option<Vec<String>> {
        let headers = self.headers.get_all(header::COOKIE).iter();
        let strings = headers.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let cookies: Vec<String> = strings
            .flat_map(|text| text.split(';').map(str::to_owned).collect::<Vec<_>>())
            .map(|cookie| cookie.trim().to_owned())
            .filter(|cookie| !cookie.is_empty())
            .collect();
        (!cookies.is_empty()).then_some(cookies)
    }

    /// Returns the query parameters, or `None` if there are none. Values of the same name are joined by commas
    /// (documented).
    pub(crate) fn query_parameters(&self) -> Option<Map<String, Value>> {
        let mut parameters: Map<String, Value> = Map::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode_form(name), decode_form(value));
            let joined = match parameters.get(&name).and_then(Value::as_str) {
                Some(before) => format!("{before},{value}"),
                None => value,
            };
            parameters.insert(name, joined.into());
        }
        (!parameters.is_empty()).then_some(parameters)
    }
}

/// Returns whether a body with these headers may be plain text in the event, instead of base64. This holds for text,
/// JSON, JavaScript and XML, and for a body without a content type (assumed).
fn is_text(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared.is_none_or(|declared| {
        let essence = declared
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let known = ["application/json", "application/javascript", "application/xml"];
        essence.starts_with("text/") || known.contains(&essence.as_str())
    })
}

/// Returns a new request id.
pub(crate) fn request_id() -> String {
    let mut bytes = [0; 12];
    rand::Rng::fill_bytes(&mut config::random(), &mut bytes);
    STANDARD.encode(bytes)
}

fn decode_form(text: &str) -> String {
    decode_percent(&text.replace('+', " "))
}

/// Decodes percent-encoding (RFC 3986 s2.1). Invalid sequences stay unchanged.
fn decode_percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let decoded = escaped
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
