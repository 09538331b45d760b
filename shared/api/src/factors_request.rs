//! Requests about the caller's own second factors.

use lambda_http::http::Method;
use webauthn::CredentialId;

use crate::{Failure, Request};

/// A request about second factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorsRequest {
    /// Lists the factors: `GET /auth/factors`.
    List,
    /// Makes a seed for an app: `POST /auth/factors/totp`.
    BeginTotp,
    /// Adds the app: `POST /auth/factors/totp/confirm`.
    ConfirmTotp,
    /// Removes the app: `DELETE /auth/factors/totp`.
    RemoveTotp,
    /// Replaces the recovery codes: `POST /auth/factors/recovery`.
    RenewRecovery,
    /// Makes a challenge for a new passkey: `POST /auth/factors/passkeys/options`.
    BeginPasskey,
    /// Adds a passkey: `POST /auth/factors/passkeys`.
    AddPasskey,
    /// Names a passkey: `PATCH /auth/factors/passkeys/{id}`.
    RenamePasskey(CredentialId),
    /// Removes a passkey: `DELETE /auth/factors/passkeys/{id}`.
    RemovePasskey(CredentialId),
}

impl Request {
    /// Parses a request about second factors. The path may start with the stage name.
    ///
    /// # Errors
    /// If the path is unknown or does not support the method.
    pub fn factors_request(&self) -> Result<FactorsRequest, Failure> {
        let (_, rest) = self.path().rsplit_once("/factors").unwrap_or_default();
        let method = self.http.method();
        match rest {
            "" if method == Method::GET => Ok(FactorsRequest::List),
            "" => Err(Failure::method_not_allowed("GET")),
            "/totp" if method == Method::POST => Ok(FactorsRequest::BeginTotp),
            "/totp" if method == Method::DELETE => Ok(FactorsRequest::RemoveTotp),
            "/totp" => Err(Failure::method_not_allowed("POST, DELETE")),
            "/totp/confirm" if method == Method::POST => Ok(FactorsRequest::ConfirmTotp),
            "/recovery" if method == Method::POST => Ok(FactorsRequest::RenewRecovery),
            "/passkeys/options" if method == Method::POST => Ok(FactorsRequest::BeginPasskey),
            "/passkeys" if method == Method::POST => Ok(FactorsRequest::AddPasskey),
            "/totp/confirm" | "/recovery" | "/passkeys" | "/passkeys/options" => {
                Err(Failure::method_not_allowed("POST"))
            }
            _ => self.passkey_request(rest.strip_prefix("/passkeys/").unwrap_or_default()),
        }
    }

    fn passkey_request(&self, id: &str) -> Result<FactorsRequest, Failure> {
        let id = CredentialId::from_base64url(id).ok_or_else(Failure::not_found)?;
        match *self.http.method() {
            Method::PATCH => Ok(FactorsRequest::RenamePasskey(id)),
            Method::DELETE => Ok(FactorsRequest::RemovePasskey(id)),
            _ => Err(Failure::method_not_allowed("PATCH, DELETE")),
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::Request as HttpRequest};
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    #[rstest]
    #[case("GET", "/auth/factors", Ok(FactorsRequest::List))]
    #[case("GET", "/prod/auth/factors", Ok(FactorsRequest::List))]
    #[case("POST", "/auth/factors/totp", Ok(FactorsRequest::BeginTotp))]
    #[case("DELETE", "/auth/factors/totp", Ok(FactorsRequest::RemoveTotp))]
    #[case("POST", "/auth/factors/totp/confirm", Ok(FactorsRequest::ConfirmTotp))]
    #[case("POST", "/auth/factors/recovery", Ok(FactorsRequest::RenewRecovery))]
    #[case("POST", "/auth/factors/passkeys/options", Ok(FactorsRequest::BeginPasskey))]
    #[case("POST", "/auth/factors/passkeys", Ok(FactorsRequest::AddPasskey))]
    #[case("PATCH", "/auth/factors/passkeys/AQ", Ok(FactorsRequest::RenamePasskey(id())))]
    #[case("DELETE", "/prod/auth/factors/passkeys/AQ", Ok(FactorsRequest::RemovePasskey(id())))]
    #[case("GET", "/auth/factors/passkeys/AQ", Err(ErrorCode::MethodNotAllowed))]
    #[case("DELETE", "/auth/factors/passkeys", Err(ErrorCode::MethodNotAllowed))]
    #[case("DELETE", "/auth/factors/passkeys/", Err(ErrorCode::NotFound))]
    #[case("DELETE", "/auth/factors/passkeys/A=", Err(ErrorCode::NotFound))]
    #[case("DELETE", "/auth/factors", Err(ErrorCode::MethodNotAllowed))]
    #[case("GET", "/auth/factors/totp", Err(ErrorCode::MethodNotAllowed))]
    #[case("GET", "/auth/factors/recovery", Err(ErrorCode::MethodNotAllowed))]
    #[case("GET", "/auth/factors/other", Err(ErrorCode::NotFound))]
    fn a_path_and_a_method_name_one_request(
        #[case] method: &str,
        #[case] path: &str,
        #[case] expected: Result<FactorsRequest, ErrorCode>,
    ) {
        let request = HttpRequest::builder()
            .method(method)
            .uri(path)
            .body(Body::Empty)
            .unwrap();

        let found = Request::from(request).factors_request();

        assert_eq!(found.map_err(|failure| failure.code), expected);
    }

    fn id() -> CredentialId {
        CredentialId::new(vec![1]).unwrap()
    }
}
