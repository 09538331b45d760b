//! What a person presents as their second factor.

use auth::factor::SecondProof;

use crate::{Failure, Fields};

impl Fields {
    /// Returns the second factor in a body, if there is one: a code in the member `code`, or a `recovery_code`.
    ///
    /// # Errors
    /// If there are both.
    pub fn second_proof(&self, code: &str) -> Result<Option<SecondProof<'_>>, Failure> {
        match (self.optional_text(code)?, self.optional_text("recovery_code")?) {
            (None, None) => Ok(None),
            (Some(code), None) => Ok(Some(SecondProof::Code(code))),
            (None, Some(recovery)) => Ok(Some(SecondProof::Recovery(recovery))),
            (Some(_), Some(_)) => Err(Failure::invalid_request(format!(
                "send either `{code}` or `recovery_code`"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    #[rstest]
    #[case::code(r#"{"code":"1"}"#, Ok(Some("Code(..)")))]
    #[case::recovery(r#"{"recovery_code":"1","code":null}"#, Ok(Some("Recovery(..)")))]
    #[case::neither("{}", Ok(None))]
    #[case::both(r#"{"recovery_code":"1","code":"1"}"#, Err(ErrorCode::InvalidRequest))]
    #[case::number(r#"{"code":1}"#, Err(ErrorCode::InvalidRequest))]
    fn a_second_factor_is_a_code_or_a_recovery_code(
        #[case] body: &str,
        #[case] expected: Result<Option<&str>, ErrorCode>,
    ) {
        let fields = Fields::parse(body.as_bytes()).unwrap();

        let found = fields.second_proof("code").map_err(|failure| failure.code);

        let shown = found.map(|proof| proof.map(|proof| format!("{proof:?}")));
        assert_eq!(
            shown.as_ref().map(Option::as_deref),
            expected.as_ref().map(|text| *text)
        );
        assert_eq!(
            fields.second_proof_or_passkey(None).is_ok(),
            matches!(expected, Ok(Some(_)))
        );
    }
}
