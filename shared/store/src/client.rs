//! AWS clients: one HTTPS stack, limited waiting, embedded root certificates.

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

/// The root certificates of every AWS endpoint (Amazon Trust Services), so that none are read at start.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Why there are no AWS clients.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The embedded certificates cannot be read.
    #[error("cannot make an HTTPS client: {0}")]
    Https(#[from] HttpClientError),
    /// The environment names no region, which is needed to sign calls.
    #[error("AWS_REGION: not set")]
    NoRegion,
}

/// The configuration of AWS clients: region, credentials and endpoints.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    patience: Patience,
    /// The endpoints of DynamoDB and Secrets Manager, if they are not the defaults.
    endpoints: Option<[String; 2]>,
    /// One client for all secrets, so that they share a connection.
    secrets_manager: OnceLock<SecretsManager>,
}

impl Aws {
    /// Reads the usual AWS environment.
    ///
    /// # Errors
    /// If the environment names no region, or the embedded certificates cannot be read.
    pub async fn from_environment() -> Result<Self, ClientError> {
        let environment = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http_client()?)
            .timeout_config(Patience::for_function().timeouts())
            .retry_config(Patience::for_function().retries())
            .load()
            .await;
        Self::from_config(environment)
    }

    fn from_config(config: SdkConfig) -> Result<Self, ClientError> {
        config.region().ok_or(ClientError::NoRegion)?;
        Ok(Self {
            config,
            patience: Patience::for_function(),
            endpoints: None,
            secrets_manager: OnceLock::new(),
        })
    }

    /// Uses local engines, which accept any credentials.
    ///
    /// # Errors
    /// If the embedded certificates cannot be read.
    pub fn local(dynamodb: &str, secrets_manager: &str) -> Result<Self, ClientError> {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("local"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client()?)
            .timeout_config(Patience::for_function().timeouts())
            .retry_config(Patience::for_function().retries())
            .build();
        Ok(Self {
            config,
            patience: Patience::for_function(),
            endpoints: Some([dynamodb.to_owned(), secrets_manager.to_owned()]),
            secrets_manager: OnceLock::new(),
        })
    }

    /// Sets the timeouts and retries. The default is [`Patience::for_function`].
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

    /// Returns a client of DynamoDB, which connects on first use.
    #[must_use]
    pub fn dynamodb(&self) -> Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        if let Some([endpoint, _]) = &self.endpoints {
            config.set_endpoint_url(Some(endpoint.clone()));
        }
        Client::from_conf(config.build())
    }

    /// Returns a client of Secrets Manager, which has shorter timeouts and connects on first use.
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

        let error = Aws::from_config(nowhere).unwrap_err();

        assert_eq!(error.to_string(), "AWS_REGION: not set");
    }
}
