//! The events of Secrets Manager, and those of the template's schedule.

use serde::Deserialize;

use crate::RotateKeysError;

/// Why the function is invoked.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RotateKeysEvent {
    /// Secrets Manager rotates a secret.
    Rotation(RotationEvent),
    /// The key sets are to be checked.
    Check(CheckEvent),
}

/// The daily check whether both key sets are rotated, as the input of the schedule in `template.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckEvent {
    /// The days between two rotations of each key set.
    pub(crate) rotation_days: u64,
}

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

/// The steps of a rotation, in their order.
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

impl RotateKeysEvent {
    /// Parses an event.
    ///
    /// # Errors
    /// If it is neither an event of a rotation nor a check.
    pub(crate) fn read(payload: &str) -> Result<Self, RotateKeysError> {
        serde_json::from_str(payload).map_err(|_| RotateKeysError::ForeignEvent)
    }
}
