//! How it is said over HTTP: bodies, cookies, errors, every status code, logs and metrics.

mod answer;
mod audit;
mod audit_event;
mod call;
mod cookie;
mod cursor;
mod delivery;
mod device_token;
mod event;
mod failure;
mod fields;
mod function;
mod lambda;
mod origin;
mod query;
mod refresh_token;
mod request;
mod request_body;
mod sessions_request;
mod sink;

pub use answer::Answer;
pub use audit::Audit;
pub use audit_event::{AuditEvent, Level};
pub use call::Call;
pub use delivery::delivery;
pub use device_token::device_token;
pub use failure::{ErrorCode, Failure};
pub use fields::Fields;
pub use function::{Function, Handler};
pub use lambda::{FunctionError, StartError, run, run_function};
pub use lambda_http::Request;
pub use origin::admit;
pub use refresh_token::{PresentedToken, presented_token};
pub use request::{authorizer_context, body, client_details, path, require_get};
pub use sessions_request::{Caller, SessionsRequest, caller, sessions_request};
pub use sink::{Sink, StandardOutput};
