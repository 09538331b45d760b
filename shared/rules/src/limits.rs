//! How long an ARN in a policy may be.

/// The longest ARN in a policy, in characters. Documented: quotas of API Gateway.
pub const MAX_ARN: usize = 512;
/// The longest that stands before a stage's name in an ARN.
const MAX_BEFORE_STAGE: usize = "arn:aws-us-gov:execute-api:us-isob-east-1:123456789012:abcdefghij/".len();

/// The longest ARN up to the slash after a stage whose name is as long as this.
pub(crate) const fn longest_stage_arn(longest_stage: usize) -> usize {
    MAX_BEFORE_STAGE.saturating_add(longest_stage).saturating_add(1)
}
