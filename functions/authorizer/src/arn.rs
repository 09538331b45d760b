//! The ARN of the called route, and the parts of it that may be used in a policy.

use std::fmt;

use rules::MAX_ARN;

/// A stage of an API: the part of an ARN that comes from the gateway and not from the caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// The ARN of the stage: `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>`.
    arn: String,
    /// The id of the API.
    pub(crate) api: String,
}

impl Stage {
    /// Returns the ARN of everything that a pattern covers.
    pub(crate) fn resource(&self, pattern: &str) -> String {
        format!("{}/{pattern}", self.arn)
    }

    /// Returns the length of what [`Self::resource`] puts in front of a pattern.
    pub(crate) fn length(&self) -> usize {
        self.arn.len().saturating_add(1)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.arn)
    }
}

/// Splits an ARN into its stage and the part after it: `<method>/<path>`, or `$connect` for a WebSocket API.
///
/// Returns `None` if this is not the ARN of a route, or if its part up to the stage is too long for a policy or has a
/// character that a policy would not take literally. There is one exception: the stage may be `*`, which means every
/// stage, because the console tests an authorizer with this stage.
pub(crate) fn parse(arn: &str) -> Option<(Stage, &str)> {
    let mut fields = arn.splitn(6, ':');
    let mut field = || fields.next();
    let head @ [prefix, partition, service, region, account] = [field()?, field()?, field()?, field()?, field()?];
    let mut parts = field()?.splitn(3, '/');
    let (api, stage, request) = (parts.next()?, parts.next()?, parts.next()?);

    let sound = prefix == "arn" && service == "execute-api" && (stage == "*" || is_plain(stage));
    let arn = format!("{}:{api}/{stage}", head.join(":"));
    let short = arn.len().saturating_add("/*".len()) <= MAX_ARN;
    (sound && short && [partition, region, account, api].into_iter().all(is_plain)).then(|| {
        let api = api.to_owned();
        (Stage { arn, api }, request)
    })
}

/// Returns whether a part of an ARN is not empty and has only characters that a policy takes literally: no wildcard,
/// quote, backslash or policy variable.
fn is_plain(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"*?\"\\".contains(&byte);
    !part.is_empty() && part.bytes().all(plain) && !part.contains("${")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod";

    #[rstest]
    #[case("GET/", "GET/")]
    #[case("GET/reports/7", "GET/reports/7")]
    #[case("GET/users/*", "GET/users/*")]
    #[case("GET/a:b/c:d", "GET/a:b/c:d")]
    #[case("$connect", "$connect")]
    fn an_arn_is_a_stage_and_a_request(#[case] route: &str, #[case] request: &str) {
        let arn = format!("{STAGE}/{route}");
        let (stage, found) = parse(&arn).unwrap();

        assert_eq!(
            (stage.to_string().as_str(), stage.api.as_str(), found),
            (STAGE, "abc123", request)
        );
        assert_eq!(stage.resource("*"), format!("{STAGE}/*"));
    }

    #[rstest]
    #[case("arn:aws-cn:execute-api:cn-north-1:1:abc/$default/GET/")]
    #[case("arn:aws-us-gov:execute-api:us-gov-west-1:1:abc/prod/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc/*/GET/")]
    fn every_partition_and_stage_is_taken_as_it_comes(#[case] arn: &str) {
        assert_eq!(parse(arn).unwrap().0.resource("GET/"), arn);
    }

    #[rstest]
    #[case("")]
    #[case("arn")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc/prod")]
    #[case("arn:aws:s3:eu-west-1:1:abc/prod/GET/")]
    #[case("ARN:aws:execute-api:eu-west-1:1:abc/prod/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:*/prod/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:a?c/prod/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc/pro*/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc/${*}/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc/a b/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:1:abc//GET/")]
    #[case("arn:aws:execute-api:*:1:abc/prod/GET/")]
    #[case("arn:*:execute-api:eu-west-1:1:abc/prod/GET/")]
    #[case("arn:aws:execute-api:eu-west-1:*:abc/prod/GET/")]
    #[case("arn::execute-api:eu-west-1:1:abc/prod/GET/")]
    #[case("arn:aws:execute-api:eu-west-1::abc/prod/GET/")]
    #[case(&format!("arn:aws:execute-api:eu-west-1:1:abc/{}/GET/", "a".repeat(480)))]
    fn an_arn_that_could_mean_more_than_one_stage_is_invalid(#[case] arn: &str) {
        assert_eq!(parse(arn), None);
    }
}
