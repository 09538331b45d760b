//! A user's passkeys, as they are stored.

use claims::{Amr, Timestamp};
use webauthn::{CredentialId, Descriptor, StoredCredential, Transport};

use crate::factor::Factors;

/// The maximum number of passkeys of a user.
pub const MAX_PASSKEYS: usize = 10;

/// A passkey of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// What its responses are verified with.
    pub credential: StoredCredential,
    /// Whether it was copied to other devices when it was last used.
    pub backed_up: bool,
    /// The model of the authenticator, which nothing proves.
    pub aaguid: [u8; 16],
    /// How clients can reach the authenticator.
    pub transports: Vec<Transport>,
    /// The name that the user gave it.
    pub label: String,
    /// When the user added it.
    pub added_at: Timestamp,
    /// When it was last used, if it ever was.
    pub last_used_at: Option<Timestamp>,
}

impl Passkey {
    /// Returns the methods that a response of this passkey proves.
    #[must_use]
    pub const fn amr(&self) -> Amr {
        if self.credential.backup_eligible {
            Amr::SYNCED_PASSKEY
        } else {
            Amr::HARDWARE_PASSKEY
        }
    }

    pub(crate) fn descriptor(&self) -> Descriptor<'_> {
        Descriptor {
            id: &self.credential.id,
            transports: &self.transports,
        }
    }
}

impl Factors {
    /// Returns the passkey with this id, if the user has it.
    #[must_use]
    pub fn passkey(&self, id: &CredentialId) -> Option<&Passkey> {
        self.passkeys.iter().find(|passkey| passkey.credential.id == *id)
    }
}
