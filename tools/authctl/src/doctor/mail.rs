//! Whether letters leave.

use super::finding::Finding;
use crate::{
    arguments::Target,
    mail::{SesAccount, ses_account},
    stack::Deployment,
};

/// The part of the daily quota of SES from which on it is nearly used up.
const NEARLY: f64 = 0.8;

pub(super) async fn examine(deployment: &Deployment, target: &Target) -> anyhow::Result<Vec<Finding>> {
    const CHECK: &str = "mail";
    Ok(match deployment.parameter("MailVia") {
        Some("ses") => match ses_account(target).await? {
            Ok(account) => of_account(&account),
            Err(cause) => vec![Finding::unknown(
                CHECK,
                format!("the account of SES could not be read: {cause}"),
            )],
        },
        Some("event") => vec![Finding::ok(
            CHECK,
            "letters are events on a bus; `authctl mail test` sends one",
        )],
        Some(_) | None => vec![Finding::ok(CHECK, "the stack sends none (MailVia)")],
    })
}

fn of_account(account: &SesAccount) -> Vec<Finding> {
    const CHECK: &str = "mail";
    let mut findings = Vec::new();
    if !account.sending {
        findings.push(Finding::problem(
            CHECK,
            "SES has stopped sending for this account",
            "look in the console of SES for the reason, and answer AWS",
        ));
    }
    if !account.production {
        findings.push(Finding::warning(
            CHECK,
            "the account is in the sandbox of SES: it sends to verified addresses only",
            "request production access: docs/mail-providers.md",
        ));
    }
    let fact = format!(
        "SES has sent {} of {} mails in 24 hours",
        account.sent_in_24_hours, account.max_in_24_hours
    );
    // A quota of -1 is none.
    let limit = account.max_in_24_hours;
    findings.push(if limit >= 0.0 && account.sent_in_24_hours >= limit * NEARLY {
        Finding::warning(CHECK, fact, "request a higher quota, and lower MailsPerHour")
    } else {
        Finding::ok(CHECK, fact)
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::{super::finding::State, *};

    #[test]
    fn an_account_that_sends_is_well() {
        let states = |production, sending, sent| {
            let account = SesAccount {
                production,
                sending,
                max_in_24_hours: 200.0,
                sent_in_24_hours: sent,
            };
            of_account(&account)
                .iter()
                .map(|finding| finding.state)
                .collect::<Vec<_>>()
        };

        assert_eq!(states(true, true, 7.0), [State::Ok]);
        assert_eq!(states(false, true, 160.0), [State::Warning, State::Warning]);
        assert_eq!(states(true, false, 0.0), [State::Problem, State::Ok]);
    }
}
