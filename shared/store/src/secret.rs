//! A key set or another key in AWS Secrets Manager.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, KeySetVersions, ReadKeySet, ReadSecret},
};
pub use aws_sdk_secretsmanager::Client as SecretsManager;
use aws_sdk_secretsmanager::primitives::DateTime;
use claims::{Span, Timestamp};
use zeroize::Zeroizing;

use reads::SECRET_POLL;

use crate::{
    ServerTime,
    fault::{has_code, malformed, unavailable},
};

/// The stage of the current version.
const CURRENT: &str = "AWSCURRENT";
/// The stage of a version that a rotation has made and not yet promoted.
const PENDING: &str = "AWSPENDING";

/// A secret that holds a key set or another key.
#[derive(Clone, Debug)]
pub struct Secret {
    client: SecretsManager,
    name: String,
}

impl Secret {
    /// Returns the secret with this name or ARN.
    #[must_use]
    pub const fn new(client: SecretsManager, name: String) -> Self {
        Self { client, name }
    }

    /// Asks Secrets Manager to rotate the secret with the function that the template configures. Returns before the
    /// rotation is finished.
    ///
    /// # Errors
    /// If Secrets Manager refuses or cannot be reached.
    pub async fn rotate(&self) -> Result<(), StoreError> {
        let request = self.client.rotate_secret().secret_id(&self.name).send();
        request
            .await
            .map_err(|error| unavailable("rotate key set", &error))
            .map(drop)
    }
}

/// What Secrets Manager reports about the rotation of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationStatus {
    /// When the last rotation ended, or `None` if none has ended.
    pub last: Option<Timestamp>,
    /// When the secret last changed, or was created.
    pub changed: Timestamp,
    /// Whether there is a version that a rotation has made and not promoted.
    pub is_pending: bool,
    /// When the next rotation is due, or `None` if none is.
    pub next: Option<Timestamp>,
}

impl Secret {
    /// Returns the status of the secret's rotation.
    ///
    /// # Errors
    /// If Secrets Manager refuses or cannot be reached.
    pub async fn rotation_status(&self) -> Result<RotationStatus, StoreError> {
        const OPERATION: &str = "describe key set";
        let request = self.client.describe_secret().secret_id(&self.name).send();
        let answer = request.await.map_err(|error| unavailable(OPERATION, &error))?;
        let time = |time: Option<DateTime>| -> Option<Timestamp> {
            time.and_then(|time| time.secs().try_into().ok()).map(Timestamp::new)
        };
        let changed = time(answer.last_changed_date).or_else(|| time(answer.created_date));
        let stages = answer.version_ids_to_stages.unwrap_or_default();
        let has = |stages: &[String], wanted: &str| stages.iter().any(|stage| stage == wanted);
        Ok(RotationStatus {
            last: time(answer.last_rotated_date),
            next: time(answer.next_rotation_date),
            changed: changed.ok_or_else(|| malformed(OPERATION))?,
            // The stage stays on a version that is current already.
            is_pending: stages
                .values()
                .any(|stages| has(stages, PENDING) && !has(stages, CURRENT)),
        })
    }

    /// Returns the time by Secrets Manager's clock, from the answer to a read of the secret.
    ///
    /// # Errors
    /// If the secret cannot be read.
    pub async fn server_time(&self) -> Result<ServerTime, StoreError> {
        let time = ServerTime::default();
        let request = self.client.get_secret_value().secret_id(&self.name).customize();
        let answer = request.interceptor(time.clone()).send().await;
        answer.map_err(|error| unavailable("read the server's time", &error))?;
        Ok(time)
    }
}

impl ReadSecret for Secret {
    fn poll(&self) -> Span {
        SECRET_POLL
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        self.current().await.map(|version| version.text)
    }
}

impl ReadKeySet for Secret {
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
}

impl KeySetVersions for Secret {
    async fn pending(&self, id: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        const OPERATION: &str = "read pending key set";
        let request = self.client.get_secret_value().secret_id(&self.name);
        match request.version_id(id).version_stage(PENDING).send().await {
            Ok(answer) => {
                let text = answer.secret_string.ok_or_else(|| malformed(OPERATION))?;
                Ok(Some(Zeroizing::new(text)))
            }
            // There is no version with this id, or it is no longer pending.
            Err(error)
                if has_code(&error, "ResourceNotFoundException") || has_code(&error, "InvalidRequestException") =>
            {
                Ok(None)
            }
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
            // If two processes make the next key set at the same time, the one that is written first stays.
            Err(error) if !has_code(&error, "ResourceExistsException") => {
                Err(unavailable("write pending key set", &error))
            }
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
