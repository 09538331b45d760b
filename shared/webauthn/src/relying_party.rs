//! The relying party: who issues challenges and verifies responses.

use crate::{Origin, RpId};

/// The relying party: the service that issues challenges and verifies responses.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    rp_id: RpId,
    origins: Vec<Origin>,
}

impl RelyingParty {
    /// Makes a relying party whose passkeys belong to `rp_id`. It accepts responses from exactly these origins, so a
    /// subdomain or a related origin (L3 s5.11) must be among them.
    #[must_use]
    pub fn new(rp_id: RpId, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self {
            rp_id,
            origins: origins.into_iter().collect(),
        }
    }

    /// Returns the domain that the passkeys belong to.
    #[must_use]
    pub const fn rp_id(&self) -> &RpId {
        &self.rp_id
    }

    /// Returns whether responses may come from an origin.
    pub(crate) fn accepts(&self, origin: &str) -> bool {
        self.origins.iter().any(|accepted| accepted.as_str() == origin)
    }
}
