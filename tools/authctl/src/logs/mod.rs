//! The logs of a stack, which are in CloudWatch, or in files if `cargo dev` runs it.

mod files;
mod insights;
mod line;
mod since;

use anyhow::Context as _;

pub(crate) use self::{
    files::Files,
    insights::{Insights, Row, rfc3339},
    line::Line,
    since::Since,
};
use crate::{arguments::Target, failure::NotThere};

/// The logs of a stack.
#[derive(Debug)]
pub(crate) enum Logs {
    Cloud(Insights),
    Local(Files),
}

impl Logs {
    /// Returns the logs of the target.
    ///
    /// # Errors
    /// If the target is neither a CloudFormation stack nor a local one, or the local one has no folder.
    pub(crate) async fn of(target: &Target) -> anyhow::Result<Self> {
        if target.local {
            return Ok(Self::Local(Files::new(&target.local_folder()?)));
        }
        let which = || NotThere("whose logs? Pass --stack <name>, or --local".to_owned());
        let deployment = target.deployment.as_ref().with_context(which)?;
        Ok(Self::Cloud(Insights::open(target, deployment).await?))
    }
}
