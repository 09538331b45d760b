//! `authctl user invite` and `authctl user reset` start a mail. The person who gets it chooses the password.

use auth::{
    accounts::{Invitation, StartMailError, UserError, invite_user, start_reset},
    keys::ReadKeySet as _,
    mail::Language,
    user::NewUser,
};
use claims::{Clock as _, KeySet};
use runtime::{AuditEvent, Event};

use crate::{
    arguments::{Output, Target},
    key::KeySetName,
    named_user::{FoundUser, NamedUser},
    operator::{Act, Recording},
    outbox::Outbox,
    output,
    target::{self, UserStores},
};

/// Queues an invitation and prints what was queued.
pub(super) async fn invite(
    invitation: Invitation,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let outbox = Outbox::open(target).await?;
    let refresh_keys = target::key_store(KeySetName::Refresh, target).await?;
    let grant_keys = KeySet::from_json(&refresh_keys.current().await?.text)?;
    let (now, rng) = (stores.clock().await?.now(), &mut config::random());
    let (keys, users) = (outbox.keys(), &stores.users);
    let NewUser { email, role, scope } = &invitation.user;
    let event = AuditEvent::new(Event::OperatorUserInvited)
        .identifier(&keys.pseudonyms.hash_address(email))
        .field("role", role.as_str())
        .field("scope", scope.as_str());
    let act = Act::begin(event, recording, target).await?;
    let started = invite_user(invitation, now, rng, &grant_keys, keys, users, &outbox.table).await;
    let started = act.end(started).await?;
    output::print_started_mail(&started, output)
}

/// Queues a mail with which the user sets a new password, and prints what was queued.
pub(super) async fn reset(
    user: &NamedUser,
    language: Option<Language>,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let FoundUser { email, user } = user.find(&stores.users).await.map_err(advise)?;
    let outbox = Outbox::open(target).await?;
    let (now, rng) = (stores.clock().await?.now(), &mut config::random());
    let (keys, users) = (outbox.keys(), &stores.users);
    let event = AuditEvent::new(Event::OperatorResetMailed)
        .user(&user.id)
        .identifier(&keys.pseudonyms.hash_address(&email));
    let act = Act::begin(event, recording, target).await?;
    let started = start_reset(email, language, now, rng, keys, users, &outbox.table).await;
    let started = act.end(started).await?;
    output::print_started_mail(&started, output)
}

/// Adds what else the operator can do if no user has the address.
fn advise(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(UserError::Unknown) => StartMailError::Unknown.into(),
        _ => error,
    }
}
