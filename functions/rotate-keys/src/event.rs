//! The events of Secrets Manager.

use serde::Deserialize;

use crate::RotateKeysError;

/// One step of a rotation, as in Secrets Manager's documentation ("Rotation function overview").
#[derive(Debug, Deserialize)]
pub(crate) struct RotationEvent {
    #[serde(rename = "Step")]
    pub(crate) step: Step,
    /// The ARN of the secret.
    #[serde(rename = "SecretId")]
    pub(crate) secret: String,
    /// The id of the version that will become current.
    #[serde(rename = "ClientRequestToken")]
    pub(crate) id: String,
}

/// The steps, in their order.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Step {
    #[serde(rename = "createSecret")]
    Create,
    #[serde(rename = "setSecret")]
    Set,
    #[serde(rename = "testSecret")]
    Test,
    #[serde(rename = "finishSecret")]
    Finish,
}

impl RotationEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// If it is not an event of a rotation.
    pub(crate) fn read(payload: &str) -> Result<Self, RotateKeysError> {
        serde_json::from_str(payload).map_err(|_| RotateKeysError::ForeignEvent)
    }
}
