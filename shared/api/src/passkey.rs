//! Requests with passkeys.

use auth::factor::{
    SecondProof,
    passkey::{PasskeyCreation, PasskeyProof, PasskeyRequest},
};
use serde_json::json;
use webauthn::{AuthenticationResponse, RegistrationResponse, RelyingParty};

use crate::{Answer, ErrorCode, Failure, Fields, Request};

/// The name of a passkey to which its user gave none.
const LABEL: &str = "Passkey";

impl Request {
    /// Returns whether the request asks for the options of a ceremony: the path ends with `/options`.
    ///
    /// # Errors
    /// If the method is not `POST`.
    pub fn asks_for_options(&self) -> Result<bool, Failure> {
        self.require_post()?;
        Ok(self.path().ends_with("/options"))
    }

    /// Returns the response of a passkey in a member of the body, or `None` if the member is absent.
    ///
    /// # Errors
    /// If the body is invalid, or the member is not an `AuthenticationResponseJSON` (L3 s5.1).
    pub fn authentication(&self, name: &str) -> Result<Option<AuthenticationResponse>, Failure> {
        self.member(
            name,
            "the JSON of a PublicKeyCredential from navigator.credentials.get()",
        )
    }

    /// Returns the response of a passkey in a required member of the body.
    ///
    /// # Errors
    /// As for [`Self::authentication`], and if the member is absent.
    pub fn required_authentication(&self, name: &str) -> Result<AuthenticationResponse, Failure> {
        let missing = || Failure::invalid_request(format!("`{name}` is missing"));
        self.authentication(name)?.ok_or_else(missing)
    }

    /// Returns the new passkey in the member `credential` of the body.
    ///
    /// # Errors
    /// If the body is invalid, or the member is missing or not a `RegistrationResponseJSON` (L3 s5.1).
    pub fn registration(&self) -> Result<RegistrationResponse, Failure> {
        let what = "the JSON of a PublicKeyCredential from navigator.credentials.create()";
        let found = self.member("credential", what)?;
        found.ok_or_else(|| Failure::invalid_request("`credential` is missing"))
    }
}

impl Fields {
    /// Returns the second factor in a body that must have one: a code, a recovery code, or the response of a passkey, which
    /// has been read from the member `passkey`.
    ///
    /// # Errors
    /// If there is none, or there are several.
    pub fn second_proof_or_passkey<'a>(
        &'a self,
        passkey: Option<PasskeyProof<'a>>,
    ) -> Result<SecondProof<'a>, Failure> {
        match (self.second_proof("code")?, passkey) {
            (Some(proof), None) => Ok(proof),
            (None, Some(passkey)) => Ok(SecondProof::Passkey(passkey)),
            (None, None) | (Some(_), Some(_)) => Err(Failure::invalid_request(
                "send either `code`, `recovery_code` or `passkey`",
            )),
        }
    }

    /// Returns the name of a passkey in the member `label`. The default is "Passkey".
    ///
    /// # Errors
    /// If the member is not a string.
    pub fn passkey_label(&self) -> Result<String, Failure> {
        let label = self.optional_text("label")?.map(crate::request::shorten);
        let label = label.map(|label| label.trim().to_owned());
        Ok(label
            .filter(|label| !label.is_empty())
            .unwrap_or_else(|| LABEL.to_owned()))
    }
}

/// Returns the relying party of a service that has passkeys.
///
/// # Errors
/// If there is none, because the host of the issuer is not a domain.
pub fn require_passkeys(relying_party: Option<&RelyingParty>) -> Result<&RelyingParty, Failure> {
    relying_party.ok_or_else(|| {
        let description = "this service has no domain, and so no passkeys";
        Failure::refused(ErrorCode::NotFound, description)
    })
}

impl Answer {
    /// Returns the answer with the options that a browser needs to make a passkey.
    #[must_use]
    pub fn creation_options(creation: &PasskeyCreation, relying_party: &RelyingParty) -> Self {
        Self::json(json!({"publicKey": creation.options(relying_party)}))
    }

    /// Returns the answer with the options that a browser needs to use a passkey.
    #[must_use]
    pub fn request_options(request: &PasskeyRequest, relying_party: &RelyingParty) -> Self {
        Self::json(json!({"publicKey": request.options(relying_party)}))
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::Request as HttpRequest};
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    #[rstest]
    #[case::absent(r#"{"code":"1"}"#, Ok(false))]
    #[case::null(r#"{"passkey":null}"#, Ok(false))]
    #[case::text(r#"{"passkey":"x"}"#, Err(ErrorCode::InvalidRequest))]
    #[case::repeated(
        r#"{"passkey":{"id":"AQ","id":"AQ","rawId":"AQ","type":"public-key","response":
            {"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}}"#,
        Err(ErrorCode::InvalidRequest)
    )]
    #[case::right(
        r#"{"passkey":{"id":"AQ","rawId":"AQ","type":"public-key","response":
            {"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}}"#,
        Ok(true)
    )]
    fn a_response_is_read_from_its_member(#[case] body: &str, #[case] expected: Result<bool, ErrorCode>) {
        let request = post("/auth/login/second", body);

        let found = request.authentication("passkey");

        assert_eq!(
            found.map(|found| found.is_some()).map_err(|failure| failure.code),
            expected
        );
    }

    #[rstest]
    #[case("/auth/passkey/options", true)]
    #[case("/prod/auth/confirm/options", true)]
    #[case("/auth/passkey", false)]
    fn options_have_a_path_of_their_own(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(post(path, "{}").asks_for_options().unwrap(), expected);
    }

    #[rstest]
    #[case::absent("{}", "Passkey")]
    #[case::blank(r#"{"label":" \u200b "}"#, "Passkey")]
    #[case::name(r#"{"label":" my phone "}"#, "my phone")]
    fn a_passkey_has_a_name(#[case] body: &str, #[case] expected: &str) {
        let label = Fields::parse(body.as_bytes()).unwrap().passkey_label();

        assert_eq!(label.unwrap(), expected);
    }

    #[test]
    fn a_failure_does_not_show_the_response() {
        let failure = post("/", r#"{"passkey":{"id":"canary"}}"#)
            .authentication("passkey")
            .unwrap_err();

        assert!(!failure.description.contains("canary"), "{}", failure.description);
        assert_eq!(failure.members.as_deref().cloned().map(Value::Object), None);
    }

    fn post(path: &str, body: &str) -> Request {
        let request = HttpRequest::builder().method("POST").uri(path);
        let request = request.header("content-type", "application/json");
        request.body(Body::from(body)).unwrap().into()
    }
}
