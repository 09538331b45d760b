//! The DynamoDB client: one HTTPS stack, bounded waiting, embedded roots.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region, SharedHttpClient},
};
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

/// A client for the region, credentials and endpoint that the usual AWS environment names. Connects on first use.
///
/// # Errors
/// When the environment names no region, or the embedded certificates cannot be read.
pub async fn client() -> Result<Client, ClientError> {
    let environment = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client()?)
        .timeout_config(timeouts())
        .retry_config(retries())
        .load()
        .await;
    from_environment(&environment)
}

fn from_environment(environment: &SdkConfig) -> Result<Client, ClientError> {
    environment.region().ok_or(ClientError::NoRegion)?;
    Ok(Client::new(environment))
}

/// A client for an engine on this machine, which believes any credentials.
///
/// # Errors
/// When the embedded certificates cannot be read.
pub fn local_client(endpoint: &str) -> Result<Client, ClientError> {
    let environment = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(http_client()?)
        .timeout_config(timeouts())
        .retry_config(retries())
        .build();
    Ok(Client::from_conf(environment))
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

        let error = from_environment(&nowhere).unwrap_err();

        assert_eq!(error.to_string(), "AWS_REGION: not set");
    }
}
