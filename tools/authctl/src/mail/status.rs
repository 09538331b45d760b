//! What is known about mails to an address, and what an operator can do about it.

use auth::{attempts::Pseudonym, mail::LatestMail, user::Email};
use claims::{Moment, Span, TokenId};
use serde::Serialize;

use super::ses::{Account, Answer, Ses, Suppressed};
use crate::output;

/// What is known about mails to an address.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    email: String,
    /// The name of the address in logs.
    identifier: String,
    /// The last request of the last day, or `null`.
    last: Option<Last>,
    /// How many requests count now.
    counted: u64,
    /// How long the next request has to wait.
    wait_seconds: u64,
    /// What SES reports, or `null` if it was not asked.
    ses: Option<Ses>,
    findings: Vec<Finding>,
}

/// The last request for a mail.
#[derive(Debug, Serialize)]
struct Last {
    purpose: &'static str,
    asked_at: String,
    /// When the mailer was done with it, or `null` if it waits.
    done_at: Option<String>,
    /// Why a test letter was not sent, or `null`.
    refused: Option<String>,
}

/// A fact, and what to do about it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    fact: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Status {
    /// Returns the status at `now`. `next` is a new id, as the next request would have.
    pub(super) fn new(
        email: &Email,
        address: &Pseudonym,
        latest: Option<&LatestMail>,
        next: &TokenId,
        now: Moment,
        ses: Option<Ses>,
    ) -> anyhow::Result<Self> {
        let (last, wait) = (
            latest.map(last).transpose()?,
            latest.map(|latest| latest.wait(next, now)),
        );
        let (counted, wait) = (
            latest.map_or(0, |latest| latest.counted(now)),
            wait.unwrap_or(Span::seconds(0)),
        );
        let mut findings = vec![of_last(last.as_ref(), address)];
        findings.push(of_limit(counted, wait));
        if let Some(ses) = &ses {
            findings.push(of_suppression(&ses.suppressed));
            findings.extend(of_account(&ses.account));
        }
        Ok(Self {
            email: email.typed().to_owned(),
            identifier: address.as_str().to_owned(),
            last,
            counted,
            wait_seconds: wait.get(),
            ses,
            findings,
        })
    }

    /// Returns the findings as lines for people.
    pub(super) fn text(&self) -> String {
        let lines = self.findings.iter().flat_map(|Finding { fact, advice }| {
            let advice = advice.iter().map(|advice| format!("  {advice}"));
            std::iter::once(fact.clone()).chain(advice)
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn last(latest: &LatestMail) -> anyhow::Result<Last> {
    let date = |at: Moment| output::date(at.timestamp());
    Ok(Last {
        purpose: latest.purpose.as_str(),
        asked_at: date(latest.record.asked_at)?,
        done_at: latest.done_at.map(date).transpose()?,
        refused: latest.refused.clone(),
    })
}

fn of_last(last: Option<&Last>, address: &Pseudonym) -> Finding {
    let Some(Last {
        purpose,
        asked_at,
        done_at,
        refused,
    }) = last
    else {
        return advised(
            "no mail to this address was requested in the last day",
            "request one, or run `authctl mail test`",
        );
    };
    let log = format!("look in the log of the mailer for the identifier {}", address.as_str());
    match (done_at, refused) {
        (Some(_), Some(why)) => advised(
            &format!("the mail of {asked_at} (reason: {purpose}) was not sent: {why}"),
            "look the cause up in docs/mail.md, \"When letters are not sent\"",
        ),
        // The mailer marks every request, so that its table does not show who has an account.
        (Some(done_at), None) => advised(
            &format!("the mailer was done at {done_at} with the mail of {asked_at} (reason: {purpose})"),
            &format!("{log}: mail.sent, mail.not_due, mail.refused or mail.over_budget"),
        ),
        (None, _) => advised(
            &format!("the mail of {asked_at} (reason: {purpose}) has not been sent yet"),
            &format!("{log}: mail.unsent; after 15 minutes, the request is in the queue MailFailures"),
        ),
    }
}

fn of_limit(counted: u64, wait: Span) -> Finding {
    match (counted, wait.get()) {
        (counted, 0) => plain(format!("requests that count: {counted}; the next one is accepted now")),
        (counted, wait) => advised(
            &format!("requests that count: {counted}; the next one is accepted in {wait} seconds"),
            "until then, requests for this address are answered with 429; nothing shortens the wait",
        ),
    }
}

fn of_suppression(answer: &Answer<Option<Suppressed>>) -> Finding {
    match answer {
        Answer::Unknown { failed } => advised(
            &format!("the suppression list of SES could not be read: {failed}"),
            "this needs the permission ses:GetSuppressedDestination",
        ),
        Answer::Known(None) => plain("the address is not on the suppression list of SES".to_owned()),
        Answer::Known(Some(Suppressed { address, reason, since })) => advised(
            &format!("SES drops letters to this address: it is on the suppression list since {since} ({reason})"),
            &format!(
                "when the mailbox works: aws sesv2 delete-suppressed-destination --email-address '{}'",
                address.replace('\'', "'\\''")
            ),
        ),
    }
}

fn of_account(answer: &Answer<Account>) -> Vec<Finding> {
    let account = match answer {
        Answer::Known(account) => account,
        Answer::Unknown { failed } => {
            return vec![advised(
                &format!("the account of SES could not be read: {failed}"),
                "this needs the permission ses:GetAccount",
            )];
        }
    };
    let mut findings = Vec::new();
    if !account.sending {
        findings.push(advised(
            "SES has stopped sending for this account",
            "look in the console of SES for the reason, and answer AWS",
        ));
    }
    if !account.production {
        findings.push(advised(
            "the account is in the sandbox of SES: it sends to verified addresses only",
            "request production access: docs/mail-providers.md",
        ));
    }
    let quota = format!(
        "SES has sent {} of {} mails in 24 hours",
        account.sent_in_24_hours, account.max_in_24_hours
    );
    // A quota of -1 is none.
    if account.max_in_24_hours >= 0.0 && account.sent_in_24_hours >= account.max_in_24_hours {
        findings.push(advised(&quota, "request a higher quota, and lower MailsPerHour"));
    } else {
        findings.push(plain(quota));
    }
    findings
}

const fn plain(fact: String) -> Finding {
    Finding { fact, advice: None }
}

fn advised(fact: &str, advice: &str) -> Finding {
    Finding {
        fact: fact.to_owned(),
        advice: Some(advice.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_sends_needs_no_advice() {
        let account = |production, sending, sent| {
            Answer::Known(Account {
                production,
                sending,
                max_in_24_hours: 200.0,
                sent_in_24_hours: sent,
            })
        };
        let advices = |account: &Answer<Account>| {
            let findings = of_account(account);
            findings.iter().filter(|finding| finding.advice.is_some()).count()
        };

        assert_eq!(advices(&account(true, true, 7.0)), 0);
        assert_eq!(advices(&account(false, true, 7.0)), 1);
        assert_eq!(advices(&account(false, false, 200.0)), 3);
    }

    #[test]
    fn a_shell_reads_the_address_as_it_is() {
        let suppressed = Suppressed {
            address: "o'brien$@example.com".to_owned(),
            reason: "BOUNCE".to_owned(),
            since: "2026-11-20T10:00:00Z".to_owned(),
        };

        let finding = of_suppression(&Answer::Known(Some(suppressed)));

        assert!(
            finding
                .advice
                .unwrap()
                .ends_with(r"--email-address 'o'\''brien$@example.com'")
        );
    }
}
