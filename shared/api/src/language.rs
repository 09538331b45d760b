//! The member `language` of a request.

use auth::mail::Language;

use crate::{Failure, Fields};

impl Fields {
    /// Returns the language of the letter that a request leads to, or `None` if the request does not name one.
    ///
    /// # Errors
    /// If `language` is not a language tag.
    pub fn language(&self) -> Result<Option<Language>, Failure> {
        let text = self.optional_text("language")?;
        text.map(Language::parse)
            .transpose()
            .map_err(|_| Failure::invalid_request("`language` must be a language tag such as en"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{}", Ok(None))]
    #[case(r#"{"language":null}"#, Ok(None))]
    #[case(r#"{"language":"de-AT"}"#, Ok(Some("de-at")))]
    #[case(r#"{"language":"../en"}"#, Err(()))]
    #[case(r#"{"language":7}"#, Err(()))]
    fn a_language_is_a_tag_or_absent(#[case] body: &str, #[case] expected: Result<Option<&str>, ()>) {
        let fields = Fields::parse(body.as_bytes()).unwrap();

        let language = fields.language();

        let language = language
            .as_ref()
            .map(|language| language.as_ref().map(Language::as_str));
        assert_eq!(language.map_err(drop), expected);
    }
}
