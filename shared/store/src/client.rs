//! Clients of AWS: one HTTPS stack, bounded waiting, embedded roots.

use std::{sync::OnceLock, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
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

/// The certificate authorities of every AWS endpoint (Amazon Trust Services), so that none are read at start.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// The SDK waits for ever by default; a caller is to have a 503 within three seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// One try, answer included.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(700);
/// All tries of one call.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(2);
/// All tries of one call for a secret, which a request waits for only where the copy is old.
const SECRET_TIMEOUT: Duration = Duration::from_secs(1);
/// Tries of one call.
const MAX_ATTEMPTS: u32 = 3;
/// The longest wait before the second try; it doubles for the third.
const BACKOFF: Duration = Duration::from_millis(50);

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
            .timeout_config(timeouts())
            .retry_config(retries())
            .load()
            .await;
        Self::in_region(environment)
    }

    fn in_region(config: SdkConfig) -> Result<Self, ClientError> {
        config.region().ok_or(ClientError::NoRegion)?;
        Ok(Self {
            config,
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
            .timeout_config(timeouts())
            .retry_config(retries())
            .build();
        Ok(Self {
            config,
            endpoints: Some([dynamodb.to_owned(), secrets_manager.to_owned()]),
            secrets_manager: OnceLock::new(),
        })
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
            config.set_timeout_config(Some(secret_timeouts()));
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

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

fn secret_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(SECRET_TIMEOUT)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(BACKOFF)
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
