//! The HTTP layer: bodies, cookies, errors and every status code.
//!
//! Every function that answers requests implements [`Handler`]. The operator `?` converts an error to a [`Failure`],
//! which contains the answer to the caller:
//!
//! ```
//! use api::{Answer, Failure, Handler, Request};
//! use auth::user::Email;
//! use claims::Moment;
//! use serde_json::json;
//!
//! /// Answers with the normal form of an address.
//! struct Normalise;
//!
//! impl Handler for Normalise {
//!     async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
//!         let body = request.body()?;
//!         let email = Email::parse(body.text("email")?)?;
//!         Ok(Answer::public_json(json!({"email": email.normalised()})))
//!     }
//! }
//! ```

mod answer;
mod body;
mod caller;
mod cookie;
mod csrf;
mod cursor;
mod delivery;
mod device_token;
mod edge;
mod event;
mod factors_request;
mod failure;
mod fields;
mod function;
mod language;
mod logout_request;
mod member;
mod passkey;
mod proof;
mod query;
mod refresh_token;
mod request;
mod second_proof;
mod sessions_request;
mod status;

pub use answer::Answer;
pub use caller::Caller;
pub use factors_request::FactorsRequest;
pub use failure::Failure;
pub use fields::Fields;
pub use function::{Function, Handler, run};
pub use logout_request::LogoutRequest;
pub use passkey::require_passkeys;
pub use refresh_token::PresentedToken;
pub use request::Request;
pub use sessions_request::SessionsRequest;
pub use status::ErrorCode;
