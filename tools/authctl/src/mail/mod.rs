//! `authctl mail` finds out why mails do not arrive.

mod arguments;
mod ses;
mod status;
mod test;

use claims::{Clock as _, TokenId};

pub(crate) use self::{
    arguments::MailCommand,
    ses::{Account as SesAccount, ask_account as ses_account},
};
use self::{arguments::Via, ses::Ses, status::Status};
use crate::{
    arguments::{Output, Target},
    outbox, output, target,
};

/// Runs a mail command and prints its result.
pub(crate) async fn run(command: MailCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    match command {
        MailCommand::Status { user, via } => {
            let table = target::mail_table(target).await?;
            let stores = target::user_stores(target).await?;
            let email = user.address(&stores.users).await?;
            let address = outbox::pseudonym_key(target).await?.hash_address(&email);
            let now = stores.clock().await?.now();
            let latest = table.latest(&address).await?;
            let ses = match via {
                Via::Ses if !target.local => Some(Ses::ask(&email, target).await?),
                Via::Ses | Via::Event => None,
            };
            let next = TokenId::draw(now, &mut config::random());
            let status = Status::new(&email, &address, latest.as_ref(), &next, now, ses)?;
            output::print_result(&status, &status.text(), output)
        }
        MailCommand::Test {
            email,
            language,
            wait,
            recording,
        } => test::run(email, language.language, wait, &recording, target, output).await,
    }
}
