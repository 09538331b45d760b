//! Clients of AWS: one HTTPS stack, bounded waiting, embedded roots.

use std::sync::OnceLock;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region, SharedHttpClient},
};
use aws_sdk_secretsmanager::Client as SecretsManager;
use aws_smithy_http_client::{
    Builder, HttpClientError,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

use crate::Patience;

/// The certificate authorities of every AWS endpoint (Amazon Trust Services), so that none are read at start.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The embedded certificates cannot be read.
    #[error("cannot make an HTTPS client: {0}")]
    Https(#[from] HttpClientError),
    /// The environment names no region, without which no call can be signed.
    #[error("AWS_REGION: not set")]
    NoRegion,
}

/// What clients of AWS are made of: region, credentials, endpoints.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    patience: Patience,
    /// Where DynamoDB and Secrets Manager are, where that is not what the environment says.
    endpoints: Option<[String; 2]>,
    /// One client for all secrets, so that they share a connection.
    secrets_manager: OnceLock<SecretsManager>,
}

impl Aws {
    /// What the usual AWS environment names.
    ///
    /// # Errors
    /// When the environment names no region, or the embedded certificates cannot be read.
    pub async fn of_environment() -> Result<Self, ClientError> {
        let environment = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http_client()?)
            .timeout_config(Patience::of_function().timeouts())
            .retry_config(Patience::of_function().retries())
            .load()
            .await;
        Self::in_region(environment)
    }

    fn in_region(config: SdkConfig) -> Result<Self, ClientError> {
        config.region().ok_or(ClientError::NoRegion)?;
        Ok(Self {
            config,
            patience: Patience::of_function(),
            endpoints: None,
            secrets_manager: OnceLock::new(),
        })
    }

    /// Engines on this machine, which believe any credentials.
    ///
    /// # Errors
    /// When the embedded certificates cannot be read.
    pub fn local(dynamodb: &str, secrets_manager: &str) -> Result<Self, ClientError> {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("local"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client()?)
            .timeout_config(Patience::of_function().timeouts())
            .retry_config(Patience::of_function().retries())
            .build();
        Ok(Self {
            config,
            patience: Patience::of_function(),
            endpoints: Some([dynamodb.to_owned(), secrets_manager.to_owned()]),
            secrets_manager: OnceLock::new(),
        })
    }

    /// The same, waited for like this; as a function waits unless told.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        let config = self.config.into_builder();
        Self {
            config: config
                .timeout_config(patience.timeouts())
                .retry_config(patience.retries())
                .build(),
            patience,
            endpoints: self.endpoints,
            secrets_manager: OnceLock::new(),
        }
    }

    /// A client of DynamoDB. Connects on first use.
    #[must_use]
    pub fn dynamodb(&self) -> Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        if let Some([endpoint, _]) = &self.endpoints {
            config.set_endpoint_url(Some(endpoint.clone()));
        }
        Client::from_conf(config.build())
    }

    /// A client of Secrets Manager, which waits less. Connects on first use.
    #[must_use]
    pub fn secrets_manager(&self) -> SecretsManager {
        let make = || {
            let mut config = aws_sdk_secretsmanager::config::Builder::from(&self.config);
            config.set_timeout_config(Some(self.patience.secret_timeouts()));
            if let Some([_, endpoint]) = &self.endpoints {
                config.set_endpoint_url(Some(endpoint.clone()));
            }
            SecretsManager::from_conf(config.build())
        };
        self.secrets_manager.get_or_init(make).clone()
    }
}

fn http_client() -> Result<SharedHttpClient, ClientError> {
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(roots).build()?;
    Ok(Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_region_is_found_at_start() {
        let nowhere = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .build();

        let error = Aws::in_region(nowhere).unwrap_err();

        assert_eq!(error.to_string(), "AWS_REGION: not set");
    }
}
