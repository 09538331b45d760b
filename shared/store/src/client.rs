//! The DynamoDB client: one HTTPS stack, bounded waiting, embedded roots.

use std::time::Duration;

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

/// The certificate authorities of every AWS endpoint (Amazon Trust Services), so that none are read at start.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// The SDK waits for ever by default; a caller is to have a 503 within three seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// One try, answer included.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(700);
/// All tries of one call.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(2000);
/// Tries of one call.
const MAX_ATTEMPTS: u32 = 3;
/// The longest wait before the second try; it doubles for the third.
const BACKOFF: Duration = Duration::from_millis(50);

/// A client for the region, credentials and endpoint that the usual AWS environment names. Connects on first use.
///
/// # Errors
/// When the embedded certificates cannot be read.
pub async fn client() -> Result<Client, Box<dyn std::error::Error + Send + Sync>> {
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(roots).build()?;
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https();
    let environment = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(OPERATION_TIMEOUT)
                .build(),
        )
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(MAX_ATTEMPTS)
                .with_initial_backoff(BACKOFF),
        )
        .load()
        .await;
    Ok(Client::new(&environment))
}
