//! The secrets of a new stack, in the emulator of Secrets Manager that a test uses. As in a stack that was just
//! deployed, the pseudonym key and the mail key exist, and the two key sets have no keys yet.

use std::sync::atomic::{AtomicU64, Ordering};

use config::Environment;
use store::{Aws, Secret};

use crate::keys::{FACTOR_KEY, MAIL_KEY, PSEUDONYM_KEY};

/// The key set of a new deployment, which has no keys.
const NO_KEYS: &str = r#"{"keys":[]}"#;

/// The secrets of one test's stack.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The endpoint of the emulator of Secrets Manager.
    pub endpoint: String,
    /// The ARN of the access key set.
    pub access: String,
    /// The ARN of the refresh key set.
    pub refresh: String,
    /// The ARN of the pseudonym key.
    pub pseudonym: String,
    /// The ARN of the mail key.
    pub mail: String,
    /// The ARN of the key of second factors.
    pub factors: String,
}

impl Secrets {
    /// Creates the secrets in the emulator of Secrets Manager at `AWS_ENDPOINT_URL_SECRETS_MANAGER`. If that variable
    /// is not set, prints that the test was skipped and returns `None`.
    pub async fn make(test: &str) -> Option<Self> {
        let environment = Environment::from_process();
        let Some(endpoint) = environment.get("AWS_ENDPOINT_URL_SECRETS_MANAGER").unwrap() else {
            skipped(test);
            return None;
        };
        Some(Self {
            access: make("access", NO_KEYS, endpoint).await,
            refresh: make("refresh", NO_KEYS, endpoint).await,
            pseudonym: make("pseudonym", PSEUDONYM_KEY, endpoint).await,
            mail: make("mail", MAIL_KEY, endpoint).await,
            factors: make("factors", FACTOR_KEY, endpoint).await,
            endpoint: endpoint.to_owned(),
        })
    }

    /// Returns the secret with the access key set.
    #[must_use]
    pub fn access(&self) -> Secret {
        self.secret(&self.access)
    }

    /// Returns the secret with the refresh key set.
    #[must_use]
    pub fn refresh(&self) -> Secret {
        self.secret(&self.refresh)
    }

    fn secret(&self, name: &str) -> Secret {
        let aws = Aws::local("http://localhost:0", &self.endpoint);
        Secret::new(aws.secrets_manager(), name.to_owned())
    }
}

async fn make(kind: &str, text: &str, endpoint: &str) -> String {
    static SECRETS: AtomicU64 = AtomicU64::new(0);
    let number = SECRETS.fetch_add(1, Ordering::Relaxed);
    let aws = Aws::local("http://localhost:0", endpoint);
    let made = aws
        .secrets_manager()
        .create_secret()
        .name(format!("gatehouse/{kind}-{}-{number}", std::process::id()))
        .secret_string(text)
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
