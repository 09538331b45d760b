//! The CloudFormation stack of a Gatehouse: which tables, secrets and log it has, and which version runs.

use std::collections::BTreeMap;

use auth::error::StoreError;
use aws_sdk_cloudformation::{Client, types::Stack};
use config::Environment;
use serde::Serialize;

use crate::{
    arguments::{Output, Target},
    aws::Session,
    failure::NotThere,
    output::{self, Row},
};

/// The environment variable with the URL of CloudFormation, if it is not at its region's endpoint.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_CLOUDFORMATION";
/// The tag with the version, which `deploy.sh` of a release sets.
const VERSION: &str = "gatehouse:version";

/// What CloudFormation knows about a stack.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Deployment {
    name: String,
    pub(crate) status: String,
    /// The version that was deployed, or `null` if the stack was not deployed from a release.
    pub(crate) version: Option<String>,
    region: Option<String>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) parameters: BTreeMap<String, String>,
    /// The name or the ARN of each resource, by its name in the template.
    pub(crate) resources: BTreeMap<String, String>,
}

impl Deployment {
    /// Reads the stack with this name.
    ///
    /// # Errors
    /// If CloudFormation refuses or cannot be reached, or there is no such stack.
    async fn read(name: &str, session: &Session) -> anyhow::Result<Self> {
        let config = session.aws.service_config(&Environment::from_process(), ENDPOINT)?;
        let client = Client::new(&config);
        let described = client.describe_stacks().stack_name(name).send().await;
        let described = described.map_err(|error| unavailable("describe stack", store::cause(&error)))?;
        let stack = described.stacks.unwrap_or_default().into_iter().next();
        let stack = stack.ok_or_else(|| NotThere(format!("there is no stack {name}")))?;
        let mut pages = client.list_stack_resources().stack_name(name).into_paginator().send();
        let mut resources = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| unavailable("list stack resources", store::cause(&error)))?;
            let found = page.stack_resource_summaries.unwrap_or_default().into_iter();
            resources.extend(found.filter_map(|found| Some((found.logical_resource_id?, found.physical_resource_id?))));
        }
        let region = config.region().map(ToString::to_string);
        Ok(Self::new(stack, resources, region))
    }

    fn new(stack: Stack, resources: BTreeMap<String, String>, region: Option<String>) -> Self {
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        let parameters = stack.parameters.unwrap_or_default().into_iter();
        let mut tags = stack.tags.unwrap_or_default().into_iter();
        Self {
            name: stack.stack_name.unwrap_or_default(),
            status: stack.stack_status.map(|status| status.to_string()).unwrap_or_default(),
            version: tags
                .find(|tag| tag.key.as_deref() == Some(VERSION))
                .and_then(|tag| tag.value),
            region,
            outputs: outputs
                .filter_map(|output| Some((output.output_key?, output.output_value?)))
                .collect(),
            parameters: parameters
                .filter_map(|parameter| Some((parameter.parameter_key?, parameter.parameter_value?)))
                .collect(),
            resources,
        }
    }

    /// Returns the value of a parameter, or `None` if it is empty.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Returns the value of an output, or else the name of the resource that the template returns as this output. A stack
    /// without mail has some of its resources and not their outputs.
    fn named(&self, output: &str, resource: &str) -> Option<&str> {
        let found = self.outputs.get(output).or_else(|| self.resources.get(resource));
        found.map(String::as_str)
    }
}

/// The name of a table, a secret or a log group, which a command gets from the stack or from an option.
struct Name {
    /// The output of the stack.
    output: &'static str,
    /// The resource that the template returns as this output.
    resource: &'static str,
    /// Returns the option.
    option: fn(&mut Target) -> &mut Option<String>,
}

/// All names that a command gets from a stack.
const NAMES: [Name; 13] = [
    Name::new("UsersTable", "UsersTable", |target| &mut target.users_table),
    Name::new("CredentialsTable", "CredentialsTable", |target| {
        &mut target.credentials_table
    }),
    Name::new("RefreshTokensTable", "RefreshTokensTable", |target| {
        &mut target.refresh_tokens_table
    }),
    Name::new("AuthorizerFeed", "AuthorizerFeed", |target| {
        &mut target.authorizer_feed_table
    }),
    Name::new("PublicKeysTable", "PublicKeysTable", |target| {
        &mut target.public_keys_table
    }),
    Name::new("FactorsTable", "FactorsTable", |target| &mut target.factors_table),
    Name::new("AttemptsTable", "AttemptsTable", |target| &mut target.attempts_table),
    Name::new("MailTable", "MailTable", |target| &mut target.mail_table),
    Name::new("AccessKeysSecret", "AccessKeys", |target| {
        &mut target.access_keys_secret
    }),
    Name::new("RefreshKeysSecret", "RefreshKeys", |target| {
        &mut target.refresh_keys_secret
    }),
    Name::new("MailKeySecret", "MailKey", |target| &mut target.mail_key_secret),
    Name::new("PseudonymKeySecret", "PseudonymKey", |target| {
        &mut target.pseudonym_key_secret
    }),
    Name::new("OperatorsLog", "OperatorsLogGroup", |target| &mut target.operators_log),
];

impl Name {
    const fn new(output: &'static str, resource: &'static str, option: fn(&mut Target) -> &mut Option<String>) -> Self {
        Self {
            output,
            resource,
            option,
        }
    }
}

impl Target {
    /// Takes the names of tables, secrets and the log that no option gives from the stack, if `--stack` names one.
    ///
    /// # Errors
    /// If the stack cannot be read, or `--local` is given too.
    pub(crate) async fn fill_from_stack(&mut self) -> anyhow::Result<()> {
        let Some(name) = self.stack.clone() else { return Ok(()) };
        anyhow::ensure!(!self.local, "--stack and --local exclude each other: pass one of them");
        let deployment = Deployment::read(&name, self.session().await?).await?;
        for Name {
            output,
            resource,
            option,
        } in NAMES
        {
            let option = option(self);
            if option.is_none() {
                *option = deployment.named(output, resource).map(str::to_owned);
            }
        }
        self.deployment = Some(deployment);
        Ok(())
    }
}

/// Prints what is known about the stack.
pub(crate) fn show(target: &Target, output: Output) -> anyhow::Result<()> {
    let deployment = target.deployment.as_ref();
    let deployment = deployment.ok_or_else(|| NotThere("which stack? Pass --stack <name>".to_owned()))?;
    match output {
        Output::Json => output::print_json(deployment),
        Output::Jsonl => output::print_json_line(deployment),
        Output::Name => Ok(output::print(&deployment.name)?),
        Output::Table => output::print_rows(&facts(deployment), output),
    }
}

/// A line about a stack.
#[derive(Serialize)]
struct Fact(&'static str, String);

fn facts(deployment: &Deployment) -> Vec<Fact> {
    let own = [
        ("stack", Some(deployment.name.clone())),
        ("region", deployment.region.clone()),
        ("status", Some(deployment.status.clone())),
        (
            "version",
            Some(
                deployment
                    .version
                    .clone()
                    .unwrap_or_else(|| "not from a release".to_owned()),
            ),
        ),
    ];
    let urls = ["Issuer", "ApiUrl", "AuthorizerArn"].map(|name| (name, deployment.outputs.get(name).cloned()));
    let named = NAMES.map(|Name { output, resource, .. }| {
        let name = deployment.named(output, resource);
        (output, name.map(str::to_owned))
    });
    let all = own.into_iter().chain(urls).chain(named);
    all.filter_map(|(name, value)| Some(Fact(name, value?))).collect()
}

impl Row for Fact {
    const COLUMNS: &'static [&'static str] = &["NAME", "VALUE"];

    fn cells(&self) -> Vec<String> {
        let Self(name, value) = self;
        vec![(*name).to_owned(), value.clone()]
    }
}

fn unavailable(operation: &'static str, cause: &str) -> StoreError {
    StoreError::Unavailable {
        operation,
        cause: cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_and_the_page_have_every_name() {
        let (template, page) = (
            include_str!("../../../template.yaml"),
            include_str!("../../../docs/authctl.md"),
        );

        for Name { output, resource, .. } in NAMES {
            for key in [output, resource] {
                assert!(template.contains(&format!("\n  {key}:\n")), "template.yaml: {key}");
            }
            assert!(page.contains(&format!("| `{output}`")), "docs/authctl.md: {output}");
        }
    }
}
