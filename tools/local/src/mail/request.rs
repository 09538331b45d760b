//! The body of SES's operation `SendEmail`, and what SES refuses in it.

use serde::Deserialize;

use super::address;

/// A mail as a function sends it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// The recipients, separated by commas.
    pub(super) to: String,
    pub(super) from: String,
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    /// The value of the tag `purpose`.
    pub(super) purpose: Option<String>,
}

/// The reason why SES refuses a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The body is not JSON, or a member has another type.
    #[error("the body is not the JSON of SendEmail")]
    Malformed,
    /// There is no sender.
    #[error("FromEmailAddress is missing")]
    NoSender,
    /// There is no recipient.
    #[error("Destination has no address")]
    NoRecipient,
    /// An address is not one.
    #[error("an address is malformed, or is not ASCII")]
    BadAddress,
    /// The content is not a subject with a body.
    #[error("only Content.Simple is imitated here")]
    NotSimple,
    /// There is no subject.
    #[error("Content.Simple has no Subject")]
    NoSubject,
    /// There is no body.
    #[error("Content.Simple has no Body with Text or Html")]
    NoBody,
    /// A tag has a character that SES does not allow.
    #[error("an email tag is not made of ASCII letters, digits, _ and -")]
    BadTag,
}

impl Refusal {
    /// Returns the name of the error in SES's answer.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "SerializationException",
            Self::NoSender
            | Self::NoRecipient
            | Self::BadAddress
            | Self::NotSimple
            | Self::NoSubject
            | Self::NoBody
            | Self::BadTag => "BadRequestException",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Destination {
    #[serde(rename = "ToAddresses")]
    to: Vec<String>,
    #[serde(rename = "CcAddresses")]
    cc: Vec<String>,
    #[serde(rename = "BccAddresses")]
    bcc: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Option<Part>,
    #[serde(default)]
    body: Body,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    text: Option<Part>,
    html: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

/// Parses the body of `SendEmail`.
///
/// # Errors
/// If SES would refuse the mail, or the content is not simple.
pub(super) fn parse(body: &[u8]) -> Result<Letter, Refusal> {
    let request: SendEmail = serde_json::from_slice(body).map_err(|_| Refusal::Malformed)?;
    let from = request.from_email_address.ok_or(Refusal::NoSender)?;
    let Destination { to, cc, bcc } = request.destination;
    let to = [to, cc, bcc].concat();
    if to.is_empty() {
        return Err(Refusal::NoRecipient);
    }
    if !to.iter().chain([&from]).all(|text| address::is_accepted(text)) {
        return Err(Refusal::BadAddress);
    }
    let Simple { subject, body } = request.content.simple.ok_or(Refusal::NotSimple)?;
    if body.text.is_none() && body.html.is_none() {
        return Err(Refusal::NoBody);
    }
    let is_allowed = |tag: &Tag| [&tag.name, &tag.value].into_iter().all(|text| is_tag(text));
    if !request.email_tags.iter().all(is_allowed) {
        return Err(Refusal::BadTag);
    }
    let mut tags = request.email_tags.into_iter();
    Ok(Letter {
        to: to.join(", "),
        from,
        subject: subject.ok_or(Refusal::NoSubject)?.data,
        text: body.text.map(|part| part.data),
        html: body.html.map(|part| part.data),
        purpose: tags.find(|tag| tag.name == "purpose").map(|tag| tag.value),
    })
}

fn is_tag(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=256).contains(&text.len()) && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_mail_is_read_as_the_sdk_sends_it() {
        let letter = parse(complete().to_string().as_bytes()).unwrap();

        assert_eq!(
            letter,
            Letter {
                to: "ada@example.com".to_owned(),
                from: "Gatehouse <login@localhost>".to_owned(),
                subject: "Finish".to_owned(),
                text: Some("Text".to_owned()),
                html: Some("<p>Html".to_owned()),
                purpose: Some("address_old".to_owned()),
            }
        );
    }

    #[rstest]
    #[case("/Content/Simple/Body/Html")]
    #[case("/Content/Simple/Body/Text")]
    #[case("/Content/Simple/Headers")]
    #[case("/EmailTags")]
    #[case("/ConfigurationSetName")]
    fn what_ses_does_not_require_may_be_missing(#[case] pointer: &str) {
        parse(without(pointer).to_string().as_bytes()).unwrap();
    }

    #[rstest]
    #[case("/FromEmailAddress", Refusal::NoSender)]
    #[case("/Destination", Refusal::NoRecipient)]
    #[case("/Destination/ToAddresses", Refusal::NoRecipient)]
    #[case("/Content", Refusal::NotSimple)]
    #[case("/Content/Simple", Refusal::NotSimple)]
    #[case("/Content/Simple/Subject", Refusal::NoSubject)]
    #[case("/Content/Simple/Body", Refusal::NoBody)]
    fn what_ses_requires_may_not_be_missing(#[case] pointer: &str, #[case] expected: Refusal) {
        assert_eq!(parse(without(pointer).to_string().as_bytes()), Err(expected));
    }

    #[rstest]
    #[case("/Destination/ToAddresses", json!([]), Refusal::NoRecipient)]
    #[case("/Destination/ToAddresses", json!(["ada"]), Refusal::BadAddress)]
    #[case("/FromEmailAddress", json!("Gatehouse"), Refusal::BadAddress)]
    #[case("/Content/Simple/Body", json!({}), Refusal::NoBody)]
    #[case("/Content/Simple", json!(null), Refusal::NotSimple)]
    #[case("/EmailTags/0/Value", json!("two words"), Refusal::BadTag)]
    #[case("/EmailTags/0/Value", json!(""), Refusal::BadTag)]
    #[case("/EmailTags/0/Name", json!("a@b"), Refusal::BadTag)]
    #[case("/Content/Simple/Subject", json!("Finish"), Refusal::Malformed)]
    fn what_ses_refuses_is_refused(#[case] pointer: &str, #[case] value: Value, #[case] expected: Refusal) {
        let mut request = complete();
        *request.pointer_mut(pointer).unwrap() = value;

        assert_eq!(parse(request.to_string().as_bytes()), Err(expected));
    }

    #[test]
    fn a_mail_to_several_addresses_names_all_of_them() {
        let mut request = complete();
        request["Destination"] = json!({"ToAddresses": ["a@b.example"], "BccAddresses": ["c@d.example"]});

        let letter = parse(request.to_string().as_bytes()).unwrap();

        assert_eq!(letter.to, "a@b.example, c@d.example");
    }

    fn without(pointer: &str) -> Value {
        let mut request = complete();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = request.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.remove(name).unwrap();
        request
    }

    fn complete() -> Value {
        json!({
            "ConfigurationSetName": "gatehouse",
            "Content": {"Simple": {
                "Subject": {"Data": "Finish", "Charset": "UTF-8"},
                "Body": {"Text": {"Data": "Text", "Charset": "UTF-8"}, "Html": {"Data": "<p>Html", "Charset": "UTF-8"}},
                "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
            }},
            "Destination": {"ToAddresses": ["ada@example.com"]},
            "EmailTags": [{"Name": "purpose", "Value": "address_old"}],
            "FromEmailAddress": "Gatehouse <login@localhost>",
        })
    }
}
