//! `authctl session` lists and ends the sessions of a user.

mod arguments;

use auth::session::{ListedSession, MAX_LIST};
use claims::{Clock as _, Timestamp, UserId};

pub(crate) use self::arguments::SessionCommand;
use crate::{
    arguments::{Output, Target},
    output::{self, SessionRow},
    target::{self, SessionStores},
};

/// Runs a session command and prints the user's remaining sessions.
pub(crate) async fn run(command: SessionCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = &target::session_stores(target).await?;
    let now = stores.clock().await?.now();
    let email = match command {
        SessionCommand::List { email } => email,
        SessionCommand::Revoke {
            email,
            sid: Some(sid),
            confirmation,
            ..
        } => {
            let user = auth::accounts::find_user(&email, &stores.users).await?;
            confirmation.ask(&format!(
                "This ends the session {sid} of {}, user {}, in {}.",
                user.email,
                user.id,
                target.place()
            ))?;
            auth::session::revoke_session(&user.id, &sid, now, &stores.users, &stores.sessions, &stores.feed).await?;
            email
        }
        SessionCommand::Revoke {
            email,
            sid: None,
            confirmation,
            ..
        } => {
            let user = auth::accounts::find_user(&email, &stores.users).await?;
            let live = list_live(&user.id, now.timestamp(), stores).await?.len();
            confirmation.ask(&format!(
                "This ends all sessions of {}, user {}, in {}: {live} now.",
                user.email,
                user.id,
                target.place()
            ))?;
            // The operator may have thought for minutes.
            let now = stores.clock().await?.now();
            auth::accounts::end_sessions(&email, now, &stores.users, &stores.epochs, &stores.feed).await?;
            email
        }
    };
    let user = auth::accounts::find_user(&email, &stores.users).await?;
    let live = list_live(&user.id, now.timestamp(), stores).await?;
    let rows = live.iter().map(SessionRow::new).collect::<anyhow::Result<Vec<_>>>()?;
    output::print_rows(&rows, output)
}

/// Returns all live sessions of a user, newest first.
async fn list_live(user_id: &UserId, now: Timestamp, stores: &SessionStores) -> anyhow::Result<Vec<ListedSession>> {
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
