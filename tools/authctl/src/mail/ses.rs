//! What SES reports about an address and about the account.

use auth::{mail::recipient, user::Email};
use aws_sdk_sesv2::{Client, operation::get_suppressed_destination::GetSuppressedDestinationError};
use claims::Timestamp;
use config::Environment;
use serde::Serialize;

use crate::{arguments::Target, output};

/// The environment variable with the URL of SES, if it is not at its region's endpoint.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_SESV2";

/// What SES reports.
#[derive(Debug, Serialize)]
pub(super) struct Ses {
    /// The entry of the address in the suppression list, or `null`.
    pub(super) suppressed: Answer<Option<Suppressed>>,
    pub(super) account: Answer<Account>,
}

/// An answer of SES, or why there is none. The operator may lack a permission.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Answer<T> {
    Known(T),
    Unknown { failed: String },
}

/// An entry of the suppression list.
#[derive(Debug, Serialize)]
pub(super) struct Suppressed {
    /// The address in the form in which it is listed.
    pub(super) address: String,
    /// `BOUNCE` or `COMPLAINT`.
    pub(super) reason: String,
    pub(super) since: String,
}

/// The account in this region.
#[derive(Debug, Serialize)]
pub(crate) struct Account {
    /// Whether the account is out of the sandbox.
    pub(crate) production: bool,
    /// Whether SES sends for this account.
    pub(crate) sending: bool,
    pub(crate) max_in_24_hours: f64,
    pub(crate) sent_in_24_hours: f64,
}

impl Ses {
    /// Asks SES in the region of the target.
    pub(super) async fn ask(email: &Email, target: &Target) -> anyhow::Result<Self> {
        let client = client(target).await?;
        Ok(Self {
            suppressed: find_suppressed(&client, email).await?,
            account: read_account(&client).await,
        })
    }
}

/// Asks SES about the account in the region of the target. Returns the account, or the error code.
///
/// # Errors
/// If no region is configured.
pub(crate) async fn ask_account(target: &Target) -> anyhow::Result<Result<Account, String>> {
    Ok(match read_account(&client(target).await?).await {
        Answer::Known(account) => Ok(account),
        Answer::Unknown { failed } => Err(failed),
    })
}

async fn client(target: &Target) -> anyhow::Result<Client> {
    let aws = &target.session().await?.aws;
    Ok(Client::new(
        &aws.service_config(&Environment::from_process(), ENDPOINT)?,
    ))
}

async fn find_suppressed(client: &Client, email: &Email) -> anyhow::Result<Answer<Option<Suppressed>>> {
    // The form of the address in which the mailer sends to it.
    let Some(address) = recipient(email.typed()) else {
        return Ok(Answer::Known(None));
    };
    let asked = client.get_suppressed_destination().email_address(address).send().await;
    let entry = match asked {
        Ok(found) => found.suppressed_destination,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetSuppressedDestinationError::is_not_found_exception) =>
        {
            None
        }
        Err(error) => return Ok(unknown(store::cause(&error))),
    };
    let parse = |entry: aws_sdk_sesv2::types::SuppressedDestination| {
        let seconds = u64::try_from(entry.last_update_time.secs())?;
        anyhow::Ok(Suppressed {
            address: entry.email_address,
            reason: entry.reason.as_str().to_owned(),
            since: output::date(Timestamp::new(seconds))?,
        })
    };
    Ok(Answer::Known(entry.map(parse).transpose()?))
}

async fn read_account(client: &Client) -> Answer<Account> {
    match client.get_account().send().await {
        Err(error) => unknown(store::cause(&error)),
        Ok(account) => Answer::Known(Account {
            production: account.production_access_enabled,
            sending: account.sending_enabled,
            max_in_24_hours: account.send_quota().map_or(0.0, |quota| quota.max24_hour_send),
            sent_in_24_hours: account.send_quota().map_or(0.0, |quota| quota.sent_last24_hours),
        }),
    }
}

fn unknown<T>(cause: &str) -> Answer<T> {
    Answer::Unknown {
        failed: cause.to_owned(),
    }
}
