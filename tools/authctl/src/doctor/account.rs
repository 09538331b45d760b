//! The quota of the account that all functions share.

use serde_json::Value;

use super::finding::Finding;
use crate::{
    arguments::Target,
    aws::{Call, Service},
    stack::Deployment,
};

/// The quota from which on a stack can reserve what `docs/deploy.md` recommends: Lambda keeps 100 unreserved.
const ENOUGH: u64 = 220;
/// The quota below which one busy second of logins uses it up.
const SMALL: u64 = 100;

pub(super) async fn examine(deployment: &Deployment, target: &Target) -> anyhow::Result<Vec<Finding>> {
    let path = "/2016-08-19/account-settings/".to_owned();
    let call = Call::get("get account settings", Service::LAMBDA, path);
    let settings = target.session().await?.call(&call).await?;
    let limit = settings
        .get("AccountLimit")
        .and_then(|limit| limit.get("ConcurrentExecutions"));
    let Some(quota) = limit.and_then(Value::as_u64) else {
        return Ok(vec![Finding::unknown("quota", "it is not in the answer of Lambda")]);
    };
    let reserved = |name: &str| deployment.parameter(name).is_some_and(|number| number != "0");
    let both = ["LoginConcurrency", "AuthorizerConcurrency"].into_iter().all(reserved);
    Ok(vec![of_quota(quota, both)])
}

/// Returns the finding about a quota. `is_reserved`: login and authorizer have a part of it for themselves.
fn of_quota(quota: u64, is_reserved: bool) -> Finding {
    const CHECK: &str = "quota";
    const ASK: &str = "ask for 1,000 in the Service Quotas console";
    let fact = format!("{quota} concurrent executions for all functions of the account");
    if quota < SMALL {
        Finding::warning(CHECK, format!("{fact}: few, as in a new account"), ASK)
    } else if is_reserved {
        Finding::ok(CHECK, format!("{fact}; login and authorizer have their own"))
    } else if quota < ENOUGH {
        Finding::warning(
            CHECK,
            format!("{fact}: too few to reserve any for login and authorizer"),
            ASK,
        )
    } else {
        Finding::warning(
            CHECK,
            format!("{fact}, and other functions can use up those of login and authorizer"),
            "deploy the stack with LoginConcurrency=20 AuthorizerConcurrency=100: docs/deploy.md",
        )
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::finding::State, *};

    #[rstest]
    #[case(10, false, State::Warning, "ask for 1,000")]
    #[case(150, false, State::Warning, "ask for 1,000")]
    #[case(1_000, false, State::Warning, "LoginConcurrency=20")]
    #[case(1_000, true, State::Ok, "")]
    fn the_quota_says_what_to_reserve(
        #[case] quota: u64,
        #[case] is_reserved: bool,
        #[case] expected: State,
        #[case] advice: &str,
    ) {
        let finding = of_quota(quota, is_reserved);

        assert_eq!(finding.state, expected);
        assert!(finding.advice.unwrap_or_default().contains(advice));
    }
}
