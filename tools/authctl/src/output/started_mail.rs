//! A mail that was started, as a line of output.

use auth::{accounts::StartedMail, mail::Purpose};
use claims::Span;
use serde::Serialize;

use super::print_result;
use crate::arguments::Output;

/// A started mail as JSON.
#[derive(Serialize)]
struct QueuedLine<'a> {
    queued: &'a str,
    email: &'a str,
    /// The name of the address in logs.
    identifier: &'a str,
    link_valid_seconds: u64,
}

/// Prints what was queued and how long its link is valid.
pub(crate) fn print_started_mail(mail: &StartedMail, output: Output) -> anyhow::Result<()> {
    let line = QueuedLine {
        queued: mail.purpose.as_str(),
        email: &mail.to,
        identifier: mail.address.as_str(),
        link_valid_seconds: mail.life.get(),
    };
    print_result(&line, &sentence(mail), output)
}

fn sentence(mail: &StartedMail) -> String {
    let what = match mail.purpose {
        Purpose::Invite => "an invitation",
        Purpose::Reset => "a mail to set a new password",
        Purpose::Register | Purpose::AddressOld | Purpose::AddressNew | Purpose::Test | Purpose::Notice => "a mail",
    };
    format!(
        "queued {what} to {}: its link is valid for {}",
        mail.to,
        duration(mail.life)
    )
}

/// Returns a span in the largest unit of which it is a multiple.
fn duration(span: Span) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let seconds = span.get();
    let whole = units.into_iter().find(|(length, _)| seconds.is_multiple_of(*length));
    let count = whole.and_then(|(length, unit)| Some((seconds.checked_div(length)?, unit)));
    let (count, unit) = count.unwrap_or((seconds, "seconds"));
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(604_800, "7 days")]
    #[case(7_200, "2 hours")]
    #[case(1_800, "30 minutes")]
    #[case(61, "61 seconds")]
    fn a_span_has_the_largest_unit_that_fits(#[case] seconds: u64, #[case] expected: &str) {
        assert_eq!(duration(Span::seconds(seconds)), expected);
    }
}
