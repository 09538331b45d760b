//! `GET /` and the paths below serve the pages of `clients/pages`, and `GET /openapi.json` the contract of the API. The
//! files are part of the program.

use api::{Answer, Failure, Handler, Request};
use claims::Moment;
use config::{ConfigError, Environment};
use site::Site;

/// The function, which is made once per process.
#[derive(Debug)]
pub struct Pages {
    site: Site,
}

impl Pages {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If the accent colour is invalid.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let site = Site::new(environment.accent_colour()?);
        Ok(Self { site })
    }
}

impl Handler for Pages {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        request.require_get()?;

        let file = self.site.file(request.path()).ok_or_else(Failure::not_found)?;

        Ok(Answer::document(&file.text, file.headers()))
    }
}
