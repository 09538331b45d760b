//! `GET /.well-known/*`: the public keys, and the documents that lead others to them (RFC 7517, RFC 8414).

use api::{Answer, Failure, Handler, Request};
use claims::{Issuer, Millis};
use config::{ConfigError, Environment};
use serde_json::{Value, json};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct WellKnown {
    jwks: Value,
    metadata: Value,
}

impl WellKnown {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            jwks: serde_json::to_value(environment.jwks()?).map_err(|fault| ConfigError::new("JWKS", &fault))?,
            metadata: metadata(&environment.issuer()?),
        })
    }

    /// The document at a path; stages may put something before it.
    fn document(&self, path: &str) -> Option<&Value> {
        match path.rsplit_once("/.well-known/")?.1 {
            "jwks.json" => Some(&self.jwks),
            "openid-configuration" | "oauth-authorization-server" => Some(&self.metadata),
            _ => None,
        }
    }
}

impl Handler for WellKnown {
    async fn handle(&self, request: Request, _: Millis) -> Result<Answer, Failure> {
        api::require_get(&request)?;

        let document = self.document(api::path(&request)).ok_or_else(Failure::not_found)?;

        Ok(Answer::public_json(document.clone()))
    }
}

/// The authorization server metadata (RFC 8414 s2), with what OpenID Connect Discovery 1.0 s3 asks of its readers: where
/// the keys are, and how tokens are signed. No endpoint is announced, since none here speaks OAuth: they take JSON.
fn metadata(issuer: &Issuer) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "sid", "scope", "role", "email",
                             "auth_time", "epoch"],
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_keys_are_served_as_they_were_given() {
        let given: Value = serde_json::from_str(JWKS).unwrap();

        assert_eq!(function().document("/.well-known/jwks.json"), Some(&given));
    }

    #[rstest]
    #[case("/.well-known/openid-configuration")]
    #[case("/.well-known/oauth-authorization-server")]
    #[case("/prod/.well-known/openid-configuration")]
    fn both_documents_lead_to_the_keys_and_announce_no_endpoint(#[case] path: &str) {
        let function = function();

        let document = function.document(path).unwrap();

        assert_eq!(document["issuer"], "https://issuer.example");
        assert_eq!(document["jwks_uri"], "https://issuer.example/.well-known/jwks.json");
        assert_eq!(document["response_types_supported"], json!(["token"]));
        assert_eq!(document["subject_types_supported"], json!(["public"]));
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
        let names = document.as_object().unwrap().keys();
        assert!(!names.into_iter().any(|name| name.ends_with("_endpoint")), "{document}");
        assert_eq!(document.get("grant_types_supported"), None);
    }

    #[rstest]
    #[case("/")]
    #[case("/jwks.json")]
    #[case("/.well-known/")]
    #[case("/.well-known/jwks.json/")]
    #[case("/.well-known/security.txt")]
    #[case("")]
    fn nothing_else_is_there(#[case] path: &str) {
        assert_eq!(function().document(path), None);
    }

    #[test]
    fn a_secret_key_keeps_the_process_from_starting() {
        let keys = r#"{"keys":[{"kty":"oct","kid":"one","alg":"HS256","k":"AAAA"}]}"#;
        let environment = Environment::from_iter([("ISSUER", "https://issuer.example"), ("JWKS", keys)]);

        let error = WellKnown::new(&environment).unwrap_err();

        assert!(error.to_string().starts_with("JWKS: "), "{error}");
    }

    fn function() -> WellKnown {
        let environment = Environment::from_iter([("ISSUER", "https://issuer.example"), ("JWKS", JWKS)]);
        WellKnown::new(&environment).unwrap()
    }

    /// The key of RFC 7515 A.2.
    const JWKS: &str = concat!(
        r#"{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"one","e":"AQAB","n":""#,
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql",
        "L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs",
        "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud",
        "F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        r#""}]}"#
    );
}
