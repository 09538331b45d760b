//! `authctl session`: the sessions of a user, and ending them.

use claims::Clock as _;

use crate::{
    arguments::{Output, SessionCommand, Target},
    output::{self, SessionRow},
    target,
};

/// Runs a command about sessions and shows those that the user still has.
pub(crate) async fn run(command: SessionCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = &target::session_stores(target).await?;
    let now = stores.clock().await?.now();
    let email = match command {
        SessionCommand::List { email } => email,
        SessionCommand::Revoke {
            email, sid: Some(sid), ..
        } => {
            let user = auth::find_user(&email, &stores.users).await?;
            auth::revoke_session(&user.id, &sid, now, &stores.sessions, &stores.feed).await?;
            email
        }
        SessionCommand::Revoke { email, sid: None, .. } => {
            auth::end_sessions(&email, now, &stores.users, &stores.epochs, &stores.feed).await?;
            email
        }
    };
    let user = auth::find_user(&email, &stores.users).await?;
    let live = auth::list_sessions(&user.id, now.timestamp(), &stores.users, &stores.sessions).await?;
    let rows = live.iter().map(SessionRow::new).collect::<anyhow::Result<Vec<_>>>()?;
    output::list(&rows, output)
}
