//! `template.yaml` agrees with the other files.

mod api;
mod functions;
mod limits;
mod permissions;
mod secrets;
mod tables;
