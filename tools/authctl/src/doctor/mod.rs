//! `authctl doctor` examines a service from outside and, of a stack, what only its operators can see.

mod account;
mod apis;
mod arguments;
mod finding;
mod keys;
mod logged;
mod mail;
mod site;
mod stack;

use serde::Serialize;

pub(crate) use self::arguments::Doctor;
use self::finding::{Finding, State};
use crate::{
    arguments::{Output, Target},
    failure::Unhealthy,
    hint, output,
};

/// What was found, and how often in each state.
#[derive(Serialize)]
struct Examination {
    findings: Vec<Finding>,
    problems: usize,
    warnings: usize,
    /// The number of checks that could not be made.
    unknown: usize,
}

/// Examines the target and prints what was found.
///
/// # Errors
/// If something does not work, or could not be examined.
pub(crate) async fn run(command: Doctor, target: &Target, output: Output) -> anyhow::Result<()> {
    let findings = examine(&command, target).await?;
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (problems, warnings, unknown) = (count(State::Problem), count(State::Warning), count(State::Unknown));
    let examination = Examination {
        findings,
        problems,
        warnings,
        unknown,
    };
    output::print_result(&examination, &examination.text(), output)?;
    if problems > 0 || unknown > 0 {
        return Err(Unhealthy { problems, unknown }.into());
    }
    Ok(())
}

async fn examine(command: &Doctor, target: &Target) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if let Some(deployment) = &target.deployment {
        findings.extend(stack::examine(deployment));
        findings.extend(
            or_unknown(
                "authorizer",
                stack::examine_authorizer(deployment, target).await,
                target,
            )
            .await,
        );
    }
    if target.local || target.deployment.is_some() {
        findings.extend(or_unknown("keys", keys::examine(target).await, target).await);
    }
    findings.extend(or_unknown("issuer", site::examine(command, target).await, target).await);
    if target.local || target.deployment.is_some() {
        findings.extend(or_unknown("log", logged::examine(target).await, target).await);
    }
    if let Some(deployment) = &target.deployment {
        findings.extend(or_unknown("caches", apis::examine(deployment, target).await, target).await);
        findings.extend(or_unknown("quota", account::examine(deployment, target).await, target).await);
        findings.extend(or_unknown("mail", mail::examine(deployment, target).await, target).await);
    }
    Ok(findings)
}

/// Returns the findings, or that the check could not be made and why.
async fn or_unknown(check: &'static str, found: anyhow::Result<Vec<Finding>>, target: &Target) -> Vec<Finding> {
    match found {
        Ok(found) => found,
        Err(error) => {
            let why = format!("{:#}", hint::quote(error, target).await);
            vec![Finding::unknown(check, why)]
        }
    }
}

impl Examination {
    fn text(&self) -> String {
        let lines = self.findings.iter().map(Finding::text);
        lines.collect::<Vec<_>>().join("\n")
    }
}
