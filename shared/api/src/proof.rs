//! What a person presents from a mail: the token of a link, or a code with its request.

use auth::mail::Proof;

use crate::{Failure, Fields};

impl Fields {
    /// Returns the proof in a body: `token`, or `request` and `code`.
    ///
    /// # Errors
    /// If there is neither, or both.
    pub fn proof(&self) -> Result<Proof<'_>, Failure> {
        let members = ["token", "request", "code"].map(|name| self.optional_text(name));
        let [token, request, code] = members;
        match (token?, request?, code?) {
            (Some(token), None, None) => Ok(Proof::Link(token)),
            (None, Some(request), Some(code)) => Ok(Proof::Code { request, code }),
            _ => Err(Failure::invalid_request("send either `token`, or `request` and `code`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    #[rstest]
    #[case::link(r#"{"token":"a"}"#, Some("Link(..)"))]
    #[case::code(r#"{"request":"a","code":"1"}"#, Some("Code(..)"))]
    #[case::link_and_null(r#"{"token":"a","code":null}"#, Some("Link(..)"))]
    #[case::both(r#"{"token":"a","request":"a","code":"1"}"#, None)]
    #[case::code_alone(r#"{"code":"1"}"#, None)]
    #[case::request_alone(r#"{"request":"a"}"#, None)]
    #[case::neither("{}", None)]
    #[case::number(r#"{"request":"a","code":1}"#, None)]
    fn a_proof_is_a_link_or_a_code(#[case] body: &str, #[case] expected: Option<&str>) {
        let fields = Fields::parse(body.as_bytes()).unwrap();

        let proof = fields.proof();

        match expected {
            Some(expected) => assert_eq!(format!("{:?}", proof.unwrap()), expected),
            None => assert_eq!(proof.unwrap_err().code, ErrorCode::InvalidRequest),
        }
    }
}
