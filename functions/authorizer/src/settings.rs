//! The settings for reading events and writing answers.

use claims::Span;
use config::{AuthorizerResponse, ConfigError, Environment};
use rules::Kept;

use crate::event::{Question, Wording};

/// How events are read and answered.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The form of the answer for HTTP APIs with format 2.0.
    wording: Wording,
    /// Whether a gateway may cache a simple answer.
    keeps: bool,
    /// The query parameter in which clients of a WebSocket API may send the token, or `None` if no parameter is
    /// configured.
    parameter: Option<String>,
}

impl Settings {
    /// Reads `AUTHORIZER_RESPONSE`, `AUTHORIZER_CACHE_SECONDS` and `AUTHORIZER_QUERY_PARAMETER`.
    ///
    /// # Errors
    /// If one of them is invalid.
    pub(crate) fn read(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            wording: match environment.authorizer_response()? {
                AuthorizerResponse::Simple => Wording::Simple,
                AuthorizerResponse::Policy => Wording::Policy,
            },
            keeps: environment.authorizer_cache()? > Span::seconds(0),
            parameter: environment.authorizer_query_parameter()?,
        })
    }

    /// Reads the question in an event according to these settings.
    pub(crate) fn read_question(&self, payload: &str) -> Question {
        let mut question = Question::read(payload, self.wording, self.parameter.as_deref());
        if question.wording == Wording::Simple && !self.keeps {
            question.called.kept = Kept::Never;
        }
        question
    }
}
