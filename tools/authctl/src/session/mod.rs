//! `authctl session` lists and ends the sessions of a user.

mod arguments;

use auth::session::{ListedSession, MAX_LIST};
use claims::{Clock as _, Timestamp, UserId};
use runtime::{AuditEvent, Event};

pub(crate) use self::arguments::SessionCommand;
use crate::{
    arguments::{Output, Target},
    named_user::FoundUser,
    operator::Act,
    output::{self, SessionRow},
    target::{self, SessionStores},
};

/// Runs a session command and prints the user's remaining sessions.
pub(crate) async fn run(command: SessionCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = &target::session_stores(target).await?;
    let (SessionCommand::List { user } | SessionCommand::Revoke { user, .. }) = &command;
    let FoundUser { email, user } = user.find(&stores.users).await?;
    match command {
        SessionCommand::List { .. } => {}
        SessionCommand::Revoke {
            sid: Some(sid),
            recording,
            ..
        } => {
            let event = AuditEvent::new(Event::OperatorSessionRevoked)
                .user(&user.id)
                .session(&sid);
            let recording = recording.with_reason(target)?;
            let now = stores.clock().await?.now();
            let act = Act::begin(event, &recording, target).await?;
            let SessionStores {
                users, sessions, feed, ..
            } = stores;
            act.end(auth::session::revoke_session(&user.id, &sid, now, users, sessions, feed).await)
                .await?;
        }
        SessionCommand::Revoke {
            sid: None, recording, ..
        } => {
            let event = AuditEvent::new(Event::OperatorSessionsRevoked).user(&user.id);
            let recording = recording.with_reason(target)?;
            let now = stores.clock().await?.now();
            let act = Act::begin(event, &recording, target).await?;
            let SessionStores {
                users, epochs, feed, ..
            } = stores;
            act.end(auth::accounts::end_sessions(&email, now, users, epochs, feed).await)
                .await?;
        }
    }
    let now = stores.clock().await?.now();
    let live = list_live(&user.id, now.timestamp(), stores).await?;
    let rows = live.iter().map(SessionRow::new).collect::<anyhow::Result<Vec<_>>>()?;
    output::print_rows(&rows, output)
}

/// Returns all live sessions of a user, newest first.
pub(crate) async fn list_live(
    user_id: &UserId,
    now: Timestamp,
    stores: &SessionStores,
) -> anyhow::Result<Vec<ListedSession>> {
    let SessionStores { users, sessions, .. } = stores;
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = auth::session::list_sessions(user_id, before, MAX_LIST, now, users, sessions).await?;
        all.extend(page.sessions);
        before = page.next;
        if before.is_none() {
            return Ok(all);
        }
    }
}
