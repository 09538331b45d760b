//! `GET /.well-known/*` returns the public keys (RFC 7517), and the metadata with their URL (RFC 8414).

use std::sync::Arc;

use api::{Answer, Failure, Handler, Request};
use auth::{
    following::{FollowError, Followed, Following, OnFailure},
    keys::{KEYS_STALE, Published, follow_public_keys},
};
use claims::{AccessClaims, Algorithm, Issuer, Moment, Span};
use config::{ConfigError, Environment};
use reads::{Aws, PublicKeyReads};
use serde_json::{Value, json};

/// The age of the copy of the public keys at which they are read again. It is small, so that clients find a new key
/// soon after its publication.
const POLL: Span = Span::seconds(5);
/// The registered claims of an access token (RFC 7519 s4.1).
const REGISTERED: &[&str] = &["iss", "aud", "sub", "iat", "exp", "jti"];

/// The `jwks` function, which is made once per process.
#[derive(Debug)]
pub struct Jwks {
    keys: Keys,
    metadata: Value,
}

/// The source of the public keys.
#[derive(Debug)]
enum Keys {
    /// The keys in the environment.
    Pinned(Arc<claims::Jwks>),
    /// The published keys, from the table that authorizers read too.
    Published(Box<Followed<Published<PublicKeyReads>, claims::Jwks>>),
}

impl Jwks {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let keys = if let Some(jwks) = environment.pinned_jwks()? {
            Keys::Pinned(Arc::new(jwks))
        } else {
            let published = PublicKeyReads::new(Aws::from_environment(environment)?, environment.public_keys_table()?);
            let following = Following {
                poll: POLL,
                stale: KEYS_STALE,
                on_failure: OnFailure::Closed,
            };
            let reader = follow_public_keys(published, following, |jwks| Ok(jwks.clone()));
            Keys::Published(Box::new(reader))
        };
        Ok(Self {
            keys,
            metadata: metadata(&environment.issuer()?, environment.access_token_algorithm()?),
        })
    }

    /// Returns the document at a path, which may start with the stage name.
    async fn document(&self, path: &str, now: Moment) -> Result<Value, Failure> {
        let (_, name) = path.rsplit_once("/.well-known/").unwrap_or_default();
        match name {
            "jwks.json" => Ok(document(&self.keys.current(now).await?.keys_at(now.timestamp()))),
            "openid-configuration" | "oauth-authorization-server" => Ok(self.metadata.clone()),
            _ => Err(Failure::not_found()),
        }
    }
}

impl Keys {
    async fn current(&self, now: Moment) -> Result<Arc<claims::Jwks>, FollowError> {
        match self {
            Self::Pinned(keys) => Ok(Arc::clone(keys)),
            Self::Published(reader) => reader.current(now).await,
        }
    }
}

impl Handler for Jwks {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        request.require_get()?;

        let document = self.document(request.path(), now).await?;

        Ok(Answer::public_json(document))
    }
}

fn document(jwks: &claims::Jwks) -> Value {
    serde_json::to_value(jwks).unwrap_or_default()
}

/// Returns the authorization server metadata (RFC 8414 s2), with the other members that OpenID Connect Discovery 1.0 s3
/// requires, except endpoints. No endpoint is listed, because the endpoints of this service take JSON and not the forms
/// of OAuth.
fn metadata(issuer: &Issuer, algorithm: Algorithm) -> Value {
    let claims = [REGISTERED, AccessClaims::NAMES].concat();
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "claims_supported": claims,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[tokio::test]
    async fn the_keys_are_served_as_they_were_given() {
        let given: Value = serde_json::from_str(JWKS).unwrap();

        let served = function().document("/.well-known/jwks.json", NOW).await.unwrap();

        assert_eq!(served, given);
    }

    #[rstest]
    #[case("/.well-known/openid-configuration")]
    #[case("/.well-known/oauth-authorization-server")]
    #[case("/prod/.well-known/openid-configuration")]
    #[tokio::test]
    async fn both_documents_lead_to_the_keys_and_announce_no_endpoint(#[case] path: &str) {
        let document = function().document(path, NOW).await.unwrap();

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
    #[tokio::test]
    async fn nothing_else_is_there(#[case] path: &str) {
        assert!(function().document(path, NOW).await.is_err());
    }

    #[test]
    fn a_secret_key_keeps_the_process_from_starting() {
        let keys = r#"{"keys":[{"kty":"oct","kid":"one","alg":"HS256","k":"AAAA"}]}"#;
        let environment = Environment::from_iter([("ISSUER", "https://issuer.example"), ("JWKS", keys)]);

        let error = Jwks::new(&environment).unwrap_err();

        assert!(error.to_string().starts_with("JWKS: "), "{error}");
    }

    fn function() -> Jwks {
        let environment = Environment::from_iter([("ISSUER", "https://issuer.example"), ("JWKS", JWKS)]);
        Jwks::new(&environment).unwrap()
    }

    const NOW: Moment = Moment::new(0);

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
