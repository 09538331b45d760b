//! The form in which a recipient's address is given to a provider of mail.

use crate::user::Email;

/// The characters that a local part may have besides ASCII letters and digits (RFC 5322 s3.2.3, `dot-atom`).
const MARKS: &str = ".!#$%&'*+-/=?^_`{|}~";

/// Returns the address to which a mail is sent: in ASCII, with the local part as typed and the domain as in DNS.
/// Returns `None` if the address has no such form.
///
/// Providers parse a recipient as they parse a header. `x<ada@example.com>` has one `@` too, but a mail to it goes to
/// Ada. There are endless addresses like this, each with its own limit, so anyone could flood her mailbox. A local part
/// in Unicode needs an extension of SMTP that SES does not have (RFC 6531).
#[must_use]
pub fn recipient(address: &str) -> Option<String> {
    let email = Email::parse(address).ok()?;
    let (normalised, domain) = email.normalised().rsplit_once('@')?;
    let typed = email.typed().rsplit_once('@').map(|(local, _)| local);
    // A local part with wide letters is ASCII in its normal form.
    let local = typed.filter(|local| local.is_ascii()).unwrap_or(normalised);
    let is_local = local
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || MARKS.contains(character));
    let is_domain = domain
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || ".-".contains(character));
    (is_local && is_domain).then(|| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Ada.Lovelace+x@Example.com", "Ada.Lovelace+x@example.com")]
    #[case(" ada@example.com. ", "ada@example.com")]
    #[case("o'brien/{a}=b@example.com", "o'brien/{a}=b@example.com")]
    #[case("Ada@b\u{fc}cher.example", "Ada@xn--bcher-kva.example")]
    #[case("\u{ff41}\u{ff44}\u{ff41}@example.com", "ada@example.com")]
    fn an_address_gets_the_form_of_a_header(#[case] address: &str, #[case] expected: &str) {
        assert_eq!(recipient(address).as_deref(), Some(expected));
    }

    #[rstest]
    #[case::no_address("ada")]
    #[case::a_name("x<ada@example.com>")]
    #[case::a_comment("x(y)@example.com")]
    #[case::a_comment_of_the_domain("ada@example.com(x)")]
    #[case::a_list("ada,bob@example.com")]
    #[case::a_group("x:ada@example.com")]
    #[case::the_end_of_a_group("x;ada@example.com")]
    #[case::quotes("\"ada\"@example.com")]
    #[case::a_backslash("ada\\@example.com")]
    #[case::a_number("ada@[127.0.0.1]")]
    #[case::a_local_part_in_unicode("\u{fc}mit@example.com")]
    fn an_address_that_a_header_would_change_is_refused(#[case] address: &str) {
        assert_eq!(recipient(address), None);
    }
}
