//! The operator's access to AWS: the profile, the region, the credentials and the way through the network.

mod call;
mod refusals;

use std::error::Error;

use anyhow::Context as _;
use aws_config::{
    BehaviorVersion, Region, SdkConfig, profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig,
};
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use connections::Connections;
use store::{Aws, SharedClient};

pub(crate) use self::call::{Call, Service};
use self::refusals::{AttentiveClient, Refusals};
use crate::network;

/// The operator's access to AWS.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) aws: Aws,
    pub(crate) refusals: Refusals,
    connections: Connections,
    profile: Option<String>,
    region: Option<String>,
}

impl Session {
    /// Finds the region and the source of credentials, as the AWS CLI does: in variables and profiles, with single
    /// sign-on, roles and processes. Nothing is sent before the first call.
    ///
    /// # Errors
    /// If no region is configured, or the certificates of `AWS_CA_BUNDLE` cannot be read.
    pub(crate) async fn open(profile: Option<String>, region: Option<String>) -> anyhow::Result<Self> {
        let (refusals, connections) = (Refusals::default(), network::connections(None)?);
        let client = AttentiveClient::new(SharedClient::new(connections.clone()), refusals.clone());
        let config = configure(profile.as_deref(), region.as_deref(), client).await;
        let aws = Aws::for_operator(config).context(
            "no region: pass --region <name>, set AWS_REGION, or add a region to the profile with `aws configure`",
        )?;
        Ok(Self {
            aws,
            refusals,
            connections,
            profile,
            region,
        })
    }

    /// Returns why there are no credentials, or `None` if there are some. A provider of the SDK returns the cause once,
    /// so this asks a new one.
    pub(crate) async fn credentials_fault(&self) -> Option<String> {
        let (profile, region) = (self.profile.as_deref(), self.region.as_deref());
        let client = AttentiveClient::new(SharedClient::new(self.connections.clone()), self.refusals.clone());
        let config = configure(profile, region, client).await;
        let error = config.credentials_provider()?.provide_credentials().await.err()?;
        Some(describe_chain(&error))
    }
}

/// Returns the configuration of clients with this profile and in this region. By default, the environment has them.
async fn configure(profile: Option<&str>, region: Option<&str>, client: AttentiveClient) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(client.clone());
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let Some(profile) = profile else {
        return loader.load().await;
    };
    let config = loader.profile_name(profile).load().await;
    // The SDK's chain would prefer the variables, and the command would work on another account than asked for.
    let of_profile = ProviderConfig::without_region()
        .with_http_client(client)
        .with_region(config.region().cloned());
    let provider = ProfileFileCredentialsProvider::builder().configure(&of_profile);
    let provider = SharedCredentialsProvider::new(provider.profile_name(profile).build());
    config.into_builder().credentials_provider(provider).build()
}

/// Returns the messages of an error and its sources in one line, without repeated ones.
fn describe_chain(error: &(dyn Error + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |&error| error.source()) {
        let text = error.to_string();
        let message = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !messages.iter().any(|earlier| earlier.contains(&message)) {
            messages.push(message);
        }
    }
    messages.join(": ")
}
