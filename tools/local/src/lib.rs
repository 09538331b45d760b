//! The local stack: an embedded DynamoDB, an API Gateway driven by `template.yaml`, and `cargo lambda watch`. The tests
//! use parts of this stack, but run the functions within the test process.

mod cargo;
mod cargo_lambda;
mod certificate;
mod database;
mod environment;
mod folder;
mod functions;
mod gateway;
mod home;
mod https;
mod keys;
pub mod notice;
mod options;
mod port;
mod rotation;
mod seed;
mod stack;
mod template;
mod welcome;

pub use cargo::command as cargo_command;
pub use database::{Database, create_tables};
pub use folder::find_checkout;
pub use functions::{Functions, InvokeError};
pub use gateway::{Gateway, allows};
pub use keys::KeyFolder;
pub use options::Options;
pub use stack::run;
pub use template::{Api, Authorizer, AuthorizerAnswer, Cors, Function, IdentitySource, Route, Template};
