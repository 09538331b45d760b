//! Requests through CloudFront or another proxy, which adds a secret key and the caller's address.

use std::net::IpAddr;

use auth::keys::EdgeKeys;
use lambda_http::http::HeaderName;

use crate::{Failure, Request};

/// The header with the proxy's key.
const EDGE_KEY: HeaderName = HeaderName::from_static("x-edge-key");
/// The header in which CloudFront sends the caller's address, a colon and the port.
const VIEWER_ADDRESS: HeaderName = HeaderName::from_static("cloudfront-viewer-address");

impl Request {
    /// Requires one of the proxy's keys, and returns the request with the source address that the proxy sends.
    ///
    /// # Errors
    /// If the key is missing or wrong, or if the proxy does not send the caller's address.
    pub fn require_edge(self, keys: &EdgeKeys) -> Result<Self, Failure> {
        match self.values(&EDGE_KEY).as_slice() {
            [] => return Err(Failure::not_through_edge("no_edge_key")),
            [shown] if keys.admit(shown) => {}
            _ => return Err(Failure::not_through_edge("wrong_edge_key")),
        }
        let viewer = match self.values(&VIEWER_ADDRESS).as_slice() {
            [named] => parse_viewer(named),
            _ => None,
        };
        let viewer = viewer.ok_or_else(|| Failure::internal("CloudFront-Viewer-Address is missing or malformed"))?;
        self.viewer.get_or_init(|| viewer.to_string());
        Ok(self)
    }
}

/// Parses the address before the last colon. Returns `None` if the address, or the port after the colon, is invalid.
/// CloudFront sends an IPv6 address without brackets, although it contains colons itself. Brackets are accepted too.
fn parse_viewer(named: &str) -> Option<IpAddr> {
    let (address, port) = named.rsplit_once(':')?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    is_port.then(|| bare.unwrap_or(address).parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http};
    use rstest::rstest;
    use serde_json::Value;

    use super::*;
    use runtime::GatewayRequest;

    use crate::ErrorCode;

    const FIRST: &str = "0123456789abcdefghijklmnopqrstuv";
    const SECOND: &str = "vutsrqponmlkjihgfedcba9876543210";
    const VIEWER: (&str, &str) = ("cloudfront-viewer-address", "203.0.113.7:4711");

    #[rstest]
    #[case::first(FIRST)]
    #[case::second(SECOND)]
    fn a_proxy_with_a_key_sets_the_address_of_the_caller(#[case] key: &str) {
        let request = request(&[("x-edge-key", key), VIEWER]).require_edge(&keys()).unwrap();

        assert_eq!(request.client_details(None).ip.as_deref(), Some("203.0.113.7"));
    }

    #[rstest]
    #[case::none(&[], "no_edge_key")]
    #[case::wrong(&[("x-edge-key", "0123456789abcdefghijklmnopqrstuV")], "wrong_edge_key")]
    #[case::empty(&[("x-edge-key", "")], "wrong_edge_key")]
    #[case::prefix(&[("x-edge-key", "0123456789abcdefghijklmnopqrstu")], "wrong_edge_key")]
    #[case::twice(&[("x-edge-key", FIRST), ("x-edge-key", FIRST)], "wrong_edge_key")]
    #[case::one_right(&[("x-edge-key", "wrong"), ("x-edge-key", FIRST)], "wrong_edge_key")]
    #[case::elsewhere(&[("x-edge-keys", FIRST)], "no_edge_key")]
    fn a_request_without_a_valid_key_is_refused_and_counted(#[case] headers: &[(&str, &str)], #[case] reason: &str) {
        let headers: Vec<_> = headers.iter().copied().chain([VIEWER]).collect();

        let failure = request(&headers).require_edge(&keys()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::Forbidden);
        assert_eq!(
            (failure.event.name.as_str(), failure.event.counted),
            ("request.forbidden", Some(reason))
        );
    }

    #[rstest]
    #[case::version_4("203.0.113.7:4711", Some("203.0.113.7"))]
    #[case::version_6("2001:db8::7:4711", Some("2001:db8::7"))]
    #[case::written_out("2001:0db8:0000:0000:0000:0000:0000:0007:443", Some("2001:db8::7"))]
    #[case::loopback("::1:65535", Some("::1"))]
    #[case::in_brackets("[2001:db8::7]:4711", Some("2001:db8::7"))]
    #[case::no_port("203.0.113.7", None)]
    #[case::empty_port("203.0.113.7:", None)]
    #[case::no_such_port("203.0.113.7:65536", None)]
    #[case::signed_port("203.0.113.7:+80", None)]
    #[case::no_port_in_brackets("[2001:db8::7]", None)]
    #[case::half_a_bracket("[2001:db8::7:80", None)]
    #[case::name("localhost:80", None)]
    #[case::two("203.0.113.7:1,198.51.100.1:2", None)]
    #[case::space(" 203.0.113.7:80", None)]
    #[case::empty("", None)]
    fn an_address_ends_at_the_last_colon(#[case] named: &str, #[case] expected: Option<&str>) {
        assert_eq!(parse_viewer(named).map(|ip| ip.to_string()).as_deref(), expected);
    }

    #[rstest]
    #[case::none(&[])]
    #[case::malformed(&[("cloudfront-viewer-address", "somebody")])]
    #[case::two(&[VIEWER, VIEWER])]
    fn a_proxy_that_sends_no_address_is_a_fault_without_details(#[case] headers: &[(&str, &str)]) {
        let headers: Vec<_> = headers.iter().copied().chain([("x-edge-key", FIRST)]).collect();

        let failure = request(&headers).require_edge(&keys()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::ServerError);
        let logged: String = failure.event.fields.values().map(Value::to_string).collect();
        assert!(!logged.contains("somebody") && !logged.contains(FIRST), "{logged}");
    }

    fn request(headers: &[(&str, &str)]) -> Request {
        let builder = headers.iter().fold(http::Request::builder(), |builder, (name, value)| {
            builder.header(*name, *value)
        });
        Request {
            gateway: GatewayRequest {
                source: Some("192.0.2.1".to_owned()),
                ..GatewayRequest::default()
            },
            ..builder.body(Body::Empty).unwrap().into()
        }
    }

    fn keys() -> EdgeKeys {
        EdgeKeys::from_json(&format!(r#"{{"first":"{FIRST}","second":"{SECOND}"}}"#)).unwrap()
    }
}
