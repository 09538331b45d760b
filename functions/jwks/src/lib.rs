//! `GET /.well-known/*`: the public keys, and the documents that lead others to them (RFC 7517, RFC 8414).

use api::{Answer, Failure, Handler, Request};
use claims::{Issuer, Jwks, Millis};
use config::{ConfigError, Environment};
use serde_json::{Value, json};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct WellKnown {
    issuer: Issuer,
    jwks: Jwks,
}

impl WellKnown {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            issuer: environment.issuer()?,
            jwks: environment.jwks()?,
        })
    }

    /// The document at a path; stages may put something before it.
    fn document(&self, path: &str) -> Option<Value> {
        match path.rsplit_once("/.well-known/")?.1 {
            "jwks.json" => serde_json::to_value(&self.jwks).ok(),
            "openid-configuration" | "oauth-authorization-server" => Some(self.metadata()),
            _ => None,
        }
    }

    /// The authorization server metadata (RFC 8414 s2), with what OpenID Connect Discovery 1.0 s3 asks of its readers.
    fn metadata(&self) -> Value {
        let url = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "jwks_uri": url("/.well-known/jwks.json"),
            "token_endpoint": url("/auth/refresh"),
            "revocation_endpoint": url("/auth/logout"),
            "grant_types_supported": ["password", "refresh_token"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "claims_supported": ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "sid", "scope", "role", "email",
                                 "auth_time", "epoch"],
        })
    }
}

impl Handler for WellKnown {
    async fn handle(&self, request: Request, _: Millis) -> Result<Answer, Failure> {
        api::require_get(&request)?;

        let document = self.document(api::path(&request)).ok_or_else(Failure::not_found)?;

        Ok(Answer::public_json(document))
    }
}
