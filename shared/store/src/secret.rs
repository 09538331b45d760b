//! A key set in AWS Secrets Manager.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, KeySetVersions, ReadSecret},
};
pub use aws_sdk_secretsmanager::Client as SecretsManager;
use claims::Seconds;
use zeroize::Zeroizing;

use crate::{
    ServerTime,
    fault::{is, malformed, unavailable},
};

/// How old a process's copy of a key set may be before it asks for the secret again.
const POLL: Seconds = Seconds::new(300);
/// The stage of the one version that is current.
const CURRENT: &str = "AWSCURRENT";
/// The stage of the version that a rotation has made.
const PENDING: &str = "AWSPENDING";

/// A secret whose text is a key set.
#[derive(Clone, Debug)]
pub struct Secret {
    client: SecretsManager,
    name: String,
}

impl Secret {
    /// The secret of this name or ARN.
    #[must_use]
    pub const fn new(client: SecretsManager, name: String) -> Self {
        Self { client, name }
    }

    /// Has Secrets Manager rotate it now, by the function that the template gave it. Returns before that is done.
    ///
    /// # Errors
    /// When Secrets Manager refuses or cannot be reached.
    pub async fn rotate(&self) -> Result<(), StoreError> {
        let request = self.client.rotate_secret().secret_id(&self.name).send();
        request
            .await
            .map_err(|error| unavailable("rotate key set", &error))
            .map(drop)
    }
}

impl Secret {
    /// Reads the secret to learn the time by the clock of Secrets Manager.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn server_time(&self) -> Result<ServerTime, StoreError> {
        let time = ServerTime::default();
        let request = self.client.get_secret_value().secret_id(&self.name).customize();
        let answer = request.interceptor(time.clone()).send().await;
        answer.map_err(|error| unavailable("read the server's time", &error))?;
        Ok(time)
    }
}

impl ReadSecret for Secret {
    fn poll(&self) -> Seconds {
        POLL
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        self.current().await.map(|version| version.text)
    }
}

impl KeySetVersions for Secret {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        const OPERATION: &str = "read secret";
        let request = self.client.get_secret_value().secret_id(&self.name);
        let request = request.version_stage(CURRENT).send();
        let answer = request.await.map_err(|error| unavailable(OPERATION, &error))?;
        let (Some(id), Some(text)) = (answer.version_id, answer.secret_string) else {
            return Err(malformed(OPERATION));
        };
        Ok(KeySetVersion {
            id,
            text: Zeroizing::new(text),
        })
    }

    async fn pending(&self, id: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        const OPERATION: &str = "read pending key set";
        let request = self.client.get_secret_value().secret_id(&self.name);
        match request.version_id(id).version_stage(PENDING).send().await {
            Ok(answer) => {
                let text = answer.secret_string.ok_or_else(|| malformed(OPERATION))?;
                Ok(Some(Zeroizing::new(text)))
            }
            // There is none of this id, or it waits no longer.
            Err(error) if is(&error, "ResourceNotFoundException") || is(&error, "InvalidRequestException") => Ok(None),
            Err(error) => Err(unavailable(OPERATION, &error)),
        }
    }

    async fn put_pending(&self, id: &str, text: &str) -> Result<(), StoreError> {
        let request = self.client.put_secret_value().secret_id(&self.name);
        let request = request
            .client_request_token(id)
            .secret_string(text)
            .version_stages(PENDING);
        match request.send().await {
            // Two that make the next key at once make two; the first one that is written is the one.
            Err(error) if !is(&error, "ResourceExistsException") => Err(unavailable("write pending key set", &error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn promote(&self, id: &str, from: &str) -> Result<(), StoreError> {
        let request = self.client.update_secret_version_stage().secret_id(&self.name);
        let request = request
            .version_stage(CURRENT)
            .move_to_version_id(id)
            .remove_from_version_id(from);
        request
            .send()
            .await
            .map_err(|error| unavailable("promote key set", &error))
            .map(drop)
    }

    async fn discard(&self, id: &str) -> Result<(), StoreError> {
        let request = self.client.update_secret_version_stage().secret_id(&self.name);
        let request = request.version_stage(PENDING).remove_from_version_id(id);
        request
            .send()
            .await
            .map_err(|error| unavailable("discard key set", &error))
            .map(drop)
    }
}
