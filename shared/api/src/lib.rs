//! How it is said over HTTP: bodies, cookies, errors, every status code.

mod answer;
mod cookie;
mod cursor;
mod delivery;
mod device_token;
mod edge;
mod event;
mod failure;
mod fields;
mod function;
mod logout_request;
mod origin;
mod query;
mod refresh_token;
mod request;
mod request_body;
mod sessions_request;
mod status;

pub use answer::Answer;
pub use delivery::delivery;
pub use device_token::device_token;
pub use edge::through_edge;
pub use failure::Failure;
pub use fields::Fields;
pub use function::{Function, Handler, run};
pub use lambda_http::Request;
pub use logout_request::{LogoutRequest, logout_request};
pub use origin::admit;
pub use refresh_token::{PresentedToken, presented_token};
pub use request::{authorizer_context, body, client_details, path, require_get};
pub use sessions_request::{Caller, SessionsRequest, caller, sessions_request};
pub use status::ErrorCode;
