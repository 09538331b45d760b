//! The local stack: an embedded DynamoDB, an API Gateway driven by `template.yaml`, and `cargo lambda watch`. The tests
//! use parts of this stack, but run the functions within the test process.

mod bus;
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
mod log;
mod mail;
pub mod notice;
mod options;
mod port;
mod private_file;
mod rotation;
mod seed;
mod stack;
mod streams;
mod template;
mod welcome;

pub use cargo::command as cargo_command;
pub use database::{Database, create_tables};
pub use folder::find_checkout;
pub use functions::{Functions, InvokeError};
pub use gateway::{Gateway, allows};
pub use keys::KeyFolder;
pub use log::Log;
pub use mail::{Mailbox, Message, serve_ses};
pub use options::Options;
pub use stack::run;
pub use streams::{Filter, Limits, Pump};
pub use template::{
    Api, Authorizer, AuthorizerAnswer, Cors, EventSource, Function, IdentitySource, Route, StartingPosition, Template,
};
