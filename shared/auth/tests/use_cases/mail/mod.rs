//! Registering and resetting by mail: what is queued, which letter it leads to, and what the letter proves.

mod codes;
mod deletion;
mod deliver;
mod letters;
mod limits;
mod operator_mail;
mod operators;
mod places;
mod post;
mod register;
mod repeats;
mod request;
mod reset;

use auth::{
    mail::Proof,
    register::{RegisterError, Registered},
    reset_password::ResetError,
};
use claims::UserId;

pub(crate) use self::post::{Post, Sent};

/// An address that no user has.
const STRANGER: &str = "grace@example.com";
/// A password that meets the rule.
const CHOSEN: &str = "seven purple otters";
/// Another one.
const ANOTHER: &str = "nine yellow badgers";

/// Returns why a registration was refused.
#[track_caller]
fn refused(outcome: Result<Registered, RegisterError>) -> &'static str {
    match outcome {
        Err(RegisterError::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

/// Returns why a reset was refused.
#[track_caller]
fn refused_reset(outcome: Result<UserId, ResetError>) -> &'static str {
    match outcome {
        Err(ResetError::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

impl Sent {
    /// Returns what a person presents who follows the link.
    fn by_link(&self) -> Proof<'_> {
        Proof::Link(self.link.as_deref().unwrap())
    }

    /// Returns what a person presents who types the code where the mail was requested.
    fn by_code<'a>(&'a self, request: &'a str) -> Proof<'a> {
        let code = self.code.as_deref().unwrap();
        Proof::Code { request, code }
    }
}
