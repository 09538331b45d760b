//! Two secrets of a Secrets Manager, as the template makes them: without keys.

use std::sync::atomic::{AtomicU64, Ordering};

use config::Environment;
use store::{Aws, Secret};

/// The secrets of one stack, which no other test shares.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Where the Secrets Manager listens.
    pub endpoint: String,
    /// The ARN of the access key set.
    pub access: String,
    /// The ARN of the refresh key set.
    pub refresh: String,
}

impl Secrets {
    /// Makes two secrets in the Secrets Manager that `AWS_ENDPOINT_URL_SECRETS_MANAGER` points at. Where it points
    /// nowhere, the test says that it was skipped, and there are none.
    pub async fn make(test: &str) -> Option<Self> {
        let environment = Environment::of_process();
        let Some(endpoint) = environment.optional("AWS_ENDPOINT_URL_SECRETS_MANAGER").unwrap() else {
            skipped(test);
            return None;
        };
        Some(Self {
            access: make("access", endpoint).await,
            refresh: make("refresh", endpoint).await,
            endpoint: endpoint.to_owned(),
        })
    }

    /// The access key set, as the functions reach it.
    #[must_use]
    pub fn access(&self) -> Secret {
        self.secret(&self.access)
    }

    /// The refresh key set.
    #[must_use]
    pub fn refresh(&self) -> Secret {
        self.secret(&self.refresh)
    }

    fn secret(&self, name: &str) -> Secret {
        let aws = Aws::local("http://localhost:0", &self.endpoint).unwrap();
        Secret::new(aws.secrets_manager(), name.to_owned())
    }
}

async fn make(kind: &str, endpoint: &str) -> String {
    static SECRETS: AtomicU64 = AtomicU64::new(0);
    let number = SECRETS.fetch_add(1, Ordering::Relaxed);
    let aws = Aws::local("http://localhost:0", endpoint).unwrap();
    let made = aws
        .secrets_manager()
        .create_secret()
        .name(format!("gatehouse/{kind}-{}-{number}", std::process::id()))
        .secret_string(r#"{"keys":[]}"#)
        .send()
        .await
        .unwrap();
    made.arn.unwrap()
}

#[expect(
    clippy::print_stderr,
    reason = "a test that is skipped must not look like one that passed"
)]
fn skipped(test: &str) {
    eprintln!("SKIPPED: {test}: AWS_ENDPOINT_URL_SECRETS_MANAGER names no Secrets Manager");
}
