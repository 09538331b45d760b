//! The user of a drill, who exists only during the drill.

use anyhow::Context as _;
use auth::{
    password::Password,
    user::{Email, NewUser, User},
};
use claims::{Clock as _, Role, Scope, TokenId};
use runtime::{AuditEvent, Event};
use zeroize::Zeroizing;

use crate::{
    arguments::Target,
    operator::{Act, Recording},
    password, target,
};

/// The reason on record, if none is given.
const REASON: &str = "revoke-drill";
/// The address with which SES proves that it sends. Nobody reads a letter there, such as one about a login on a new
/// device, and it does not count against the sender. What is between the two parts is ignored.
const ADDRESS: (&str, &str) = ("success+", "@simulator.amazonses.com");
/// What nobody else has, so that no rule about users fits by accident.
const ROLE: &str = "revoke-drill";

/// A user whom a drill adds and deletes.
pub(super) struct OwnUser {
    email: Email,
    user: User,
    password: Zeroizing<String>,
}

impl OwnUser {
    /// Adds the user, on record.
    ///
    /// # Errors
    /// If the log or the store fails.
    pub(super) async fn add(recording: &Recording, target: &Target) -> anyhow::Result<Self> {
        let stores = target::user_stores(target).await?;
        let (now, rng, hasher) = (stores.clock().await?.now(), &mut config::random(), password::hasher()?);
        let (id, password) = (TokenId::draw(now, rng), Password::generate(rng));
        let email = Email::parse(&format!("{}{id}{}", ADDRESS.0, ADDRESS.1))?;
        let new = NewUser {
            email: email.clone(),
            role: Role::parse(ROLE)?,
            scope: Scope::default(),
        };
        let event = because(AuditEvent::new(Event::OperatorUserAdded).field("role", ROLE), recording);
        let chosen = Password::parse(&password)?;
        let act = Act::begin(event, recording, target).await?;
        let added = auth::accounts::add_user(new, &chosen, now, rng, &hasher, &stores.users).await;
        let user = act.end_with(added, |event, user| event.user(&user.id)).await;
        // The answer may have been lost on its way.
        let user =
            user.with_context(|| format!("look for the user of the drill: `authctl user show {}`", email.typed()))?;
        Ok(Self { email, user, password })
    }

    pub(super) const fn email(&self) -> &Email {
        &self.email
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// Deletes the user with their sessions, on record.
    ///
    /// # Errors
    /// If the log or the store fails.
    pub(super) async fn delete(self, recording: &Recording, target: &Target) -> anyhow::Result<()> {
        let Self { email, user, .. } = &self;
        let left = || format!("the user of the drill is left: run `authctl user delete {}`", user.id);
        self.try_delete(email, recording, target).await.with_context(left)
    }

    async fn try_delete(&self, email: &Email, recording: &Recording, target: &Target) -> anyhow::Result<()> {
        let stores = target::session_stores(target).await?;
        let target::SessionStores {
            users, sessions, feed, ..
        } = &stores;
        let factors = target::factor_table(target).await?;
        let now = stores.clock().await?.now();
        let event = because(
            AuditEvent::new(Event::OperatorUserDeleted).user(&self.user.id),
            recording,
        );
        let act = Act::begin(event, recording, target).await?;
        act.end(auth::accounts::delete_user(email, now, users, sessions, &factors, feed).await)
            .await?;
        Ok(())
    }
}

/// Returns the event with the drill as its reason, unless the operator gives another.
pub(super) fn because(event: AuditEvent, recording: &Recording) -> AuditEvent {
    match recording.reason() {
        Some(_) => event,
        None => event.field("why", REASON),
    }
}
