//! `authctl session` lists and ends the sessions of a user.

mod arguments;

use auth::session::{ListedSession, MAX_LIST};
use claims::{Clock as _, SessionId, Timestamp, UserId};
use runtime::{AuditEvent, Event};

pub(crate) use self::arguments::SessionCommand;
use crate::{
    arguments::{Output, Target},
    confirmation::Confirmation,
    named_user::FoundUser,
    operator::{Act, Recording},
    output::{self, SessionRow},
    target::{self, SessionStores},
};

/// Runs a session command and prints the user's remaining sessions.
pub(crate) async fn run(command: SessionCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = &target::session_stores(target).await?;
    let user = match command {
        SessionCommand::List { user } => user.find(&stores.users).await?.user,
        SessionCommand::Revoke {
            user,
            sid,
            confirmation,
            recording,
            ..
        } => {
            let recording = recording.with_reason(target)?;
            let found = user.find(&stores.users).await?;
            match sid {
                Some(sid) => revoke(&found, &sid, confirmation, &recording, stores, target).await?,
                None => revoke_all(&found, confirmation, &recording, stores, target).await?,
            }
            found.user
        }
    };
    let now = stores.clock().await?.now();
    let live = list_live(&user.id, now.timestamp(), stores).await?;
    let rows = live.iter().map(SessionRow::new).collect::<anyhow::Result<Vec<_>>>()?;
    output::print_rows(&rows, output)
}

/// Ends one session of a user.
async fn revoke(
    FoundUser { user, .. }: &FoundUser,
    sid: &SessionId,
    confirmation: Confirmation,
    recording: &Recording,
    stores: &SessionStores,
    target: &Target,
) -> anyhow::Result<()> {
    confirmation.ask(&format!(
        "This ends the session {sid} of {}, user {}, in {}.",
        user.email,
        user.id,
        target.place()
    ))?;
    let now = stores.clock().await?.now();
    let event = AuditEvent::new(Event::OperatorSessionRevoked)
        .user(&user.id)
        .session(sid);
    let act = Act::begin(event, recording, target).await?;
    let SessionStores {
        users, sessions, feed, ..
    } = stores;
    act.end(auth::session::revoke_session(&user.id, sid, now, users, sessions, feed).await)
        .await
}

/// Ends all sessions of a user.
async fn revoke_all(
    FoundUser { email, user }: &FoundUser,
    confirmation: Confirmation,
    recording: &Recording,
    stores: &SessionStores,
    target: &Target,
) -> anyhow::Result<()> {
    let now = stores.clock().await?.now();
    let live = list_live(&user.id, now.timestamp(), stores).await?.len();
    confirmation.ask(&format!(
        "This ends all sessions of {}, user {}, in {}: {live} now.",
        user.email,
        user.id,
        target.place()
    ))?;
    // The operator may have thought for minutes.
    let now = stores.clock().await?.now();
    let event = AuditEvent::new(Event::OperatorSessionsRevoked).user(&user.id);
    let act = Act::begin(event, recording, target).await?;
    let SessionStores {
        users, epochs, feed, ..
    } = stores;
    act.end(auth::accounts::end_sessions(email, now, users, epochs, feed).await)
        .await?;
    Ok(())
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
