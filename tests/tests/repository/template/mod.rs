//! Tests of `template.yaml`, and of its agreement with other files.

mod api;
mod functions;
mod limits;
mod permissions;
mod secrets;
mod streams;
mod tables;
