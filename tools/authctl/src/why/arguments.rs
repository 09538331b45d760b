//! The arguments of `authctl why`.

use std::str::FromStr;

use clap::Args;

use crate::logs::Since;

/// The arguments of the story of a request.
#[derive(Args, Debug)]
pub(crate) struct Why {
    /// The gateway's id of the request: the header `apigw-requestid` of the answer, or `request_id` in its body.
    pub(super) request: RequestId,
    /// How far back to look: 30m, 24h or 7d.
    #[arg(long, default_value = "24h")]
    pub(super) since: Since,
    /// The log group with the access log of another API that uses the authorizer.
    #[arg(long)]
    pub(super) access_log: Vec<String>,
}

/// The id of a request.
#[derive(Clone, Debug)]
pub(super) struct RequestId(String);

/// The error for a string that is no such id.
#[derive(Debug, thiserror::Error)]
#[error("must be the value of the header apigw-requestid, such as LzQ2cjPyDoEEPcg=")]
pub(super) struct InvalidRequestId;

impl RequestId {
    pub(super) fn as_str(&self) -> &str {
        let Self(text) = self;
        text
    }
}

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(text: &str) -> Result<Self, InvalidRequestId> {
        let is_known = |character: char| character.is_ascii_alphanumeric() || "=+/_-".contains(character);
        let is_valid = (1..=128).contains(&text.len()) && text.chars().all(is_known);
        is_valid.then(|| Self(text.to_owned())).ok_or(InvalidRequestId)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("LzQ2cjPyDoEEPcg=", true)]
    #[case("01a2108a-621e-79da-a158-729f76b918c0", true)]
    #[case("", false)]
    #[case("a\" or 1=1 #", false)]
    #[case("a b", false)]
    fn only_an_id_gets_into_a_query(#[case] text: &str, #[case] is_valid: bool) {
        assert_eq!(text.parse::<RequestId>().is_ok(), is_valid);
    }
}
