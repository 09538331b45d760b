//! The detail of an event about a user.

use auth::user::{Attribute, User, UserEvent};
use claims::{Role, Scope, Timestamp, UserId};
use runtime::StreamRecord;
use serde::Serialize;
use serde_json::{Map, Value};

/// The detail of an event. `id` is the same if the event is delivered again. Of two events about one user, the later one
/// has the greater `sequence`, as a number.
#[derive(Serialize)]
pub(crate) struct Detail<'a> {
    id: &'a str,
    sequence: &'a str,
    sub: &'a UserId,
    /// The names of the members of `user` that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Vec<&'static str>>,
    /// The user after the change. A user who was removed has no data any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Data<'a>>,
}

/// The data of a user.
#[derive(Serialize)]
struct Data<'a> {
    email: &'a str,
    role: &'a Role,
    scope: &'a Scope,
    custom_claims: &'a Map<String, Value>,
    status: &'static str,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_at: Option<Timestamp>,
}

impl<'a> Detail<'a> {
    pub(crate) fn new(record: &'a StreamRecord, event: &UserEvent, user: &'a User) -> Self {
        let (changed, is_there) = match event {
            UserEvent::Created => (None, true),
            UserEvent::Changed(attributes) => (Some(attributes.iter().copied().map(Attribute::as_str).collect()), true),
            UserEvent::Deleted => (None, false),
        };
        Self {
            id: &record.id,
            sequence: &record.sequence_number,
            sub: &user.id,
            changed,
            user: is_there.then(|| Data {
                email: &user.email,
                role: &user.role,
                scope: &user.scope,
                custom_claims: &user.custom_claims,
                status: user.status.as_str(),
                created_at: user.created_at,
                delete_at: user.delete_at,
            }),
        }
    }
}
