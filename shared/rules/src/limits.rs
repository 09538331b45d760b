//! The maximum length of an ARN in a policy.

/// The maximum length of an ARN in a policy, in characters, from the quotas of API Gateway.
pub const MAX_ARN: usize = 512;
/// The maximum length of the part of an ARN before the stage's name, in characters.
const MAX_BEFORE_STAGE: usize = "arn:aws-us-gov:execute-api:us-isob-east-1:123456789012:abcdefghij/".len();

/// Returns the maximum length of an ARN up to and including the slash after the stage's name, for stage names of at
/// most `longest_stage` characters.
pub(crate) const fn longest_stage_arn(longest_stage: usize) -> usize {
    MAX_BEFORE_STAGE.saturating_add(longest_stage).saturating_add(1)
}
