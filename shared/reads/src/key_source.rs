//! Reading a key set or another secret from the place that the environment names.

use auth::{error::StoreError, keys::ReadSecret};
use claims::Span;
use config::{KeyLocation, KeyPlace};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::Aws;

/// The age of a process's copy of an AWS secret at which the process reads the secret again.
pub const SECRET_POLL: Span = Span::seconds(300);

/// A key set or another secret, in a variable, a file or an AWS secret.
#[derive(Debug)]
pub struct KeySource {
    place: KeyPlace,
    aws: Aws,
}

/// The answer of `GetSecretValue`.
#[derive(Deserialize)]
struct Found {
    #[serde(rename = "SecretString")]
    text: Zeroizing<String>,
}

impl KeySource {
    /// Returns the source of the key set or secret at this location.
    #[must_use]
    pub fn new(location: &KeyLocation, aws: Aws) -> Self {
        Self {
            place: location.place.clone(),
            aws,
        }
    }
}

impl ReadSecret for KeySource {
    /// Returns zero for a variable or a file, so that it is read again for each request. This costs next to nothing.
    fn poll(&self) -> Span {
        match self.place {
            KeyPlace::Text(_) | KeyPlace::File(_) => Span::seconds(0),
            KeyPlace::Secret(_) => SECRET_POLL,
        }
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        match &self.place {
            KeyPlace::Text(text) => Ok(text.clone()),
            KeyPlace::File(path) => {
                let text = std::fs::read_to_string(path).map(Zeroizing::new);
                text.map_err(|error| StoreError::Unavailable {
                    operation: "read key file",
                    cause: error.kind().to_string(),
                })
            }
            KeyPlace::Secret(name) => {
                let request = json!({"SecretId": name, "VersionStage": "AWSCURRENT"});
                let target = "secretsmanager.GetSecretValue";
                let found = self.aws.secrets_manager("read secret", target, &request).await?;
                let Found { text } = found.body;
                Ok(text)
            }
        }
    }
}
