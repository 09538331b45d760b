//! Authenticator data: what an authenticator signs beside the client data (L3 s6.1).

use crate::{Refusal, RpId, cbor::Reader};

/// The bits of the flags.
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// Parsed authenticator data. Reserved flags and the outputs of extensions are ignored.
pub(crate) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(crate) counter: u32,
    pub(crate) attested: Option<AttestedCredential<'a>>,
}

/// The credential in the authenticator data of a registration (L3 s6.5.1).
pub(crate) struct AttestedCredential<'a> {
    pub(crate) aaguid: [u8; 16],
    pub(crate) id: &'a [u8],
    /// The public key: one CBOR map, which has not been interpreted yet.
    pub(crate) key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Parses authenticator data. Returns `None` if it has another length than its flags and its content demand.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk()?;
        let (&[flags], rest) = rest.split_first_chunk()?;
        let (counter, mut rest) = rest.split_first_chunk()?;
        let mut attested = None;
        if flags & ATTESTED != 0 {
            let (credential, after) = AttestedCredential::read(rest)?;
            (attested, rest) = (Some(credential), after);
        }
        if flags & EXTENSIONS != 0 {
            let mut reader = Reader::new(rest);
            reader.raw_map()?;
            rest = reader.rest();
        }
        rest.is_empty().then_some(Self {
            rp_id_hash,
            flags,
            counter: u32::from_be_bytes(*counter),
            attested,
        })
    }

    /// Makes the checks that registrations and assertions share (L3 s7.1, steps 14 to 17; s7.2, steps 15 to 18).
    pub(crate) fn check(&self, rp_id: &RpId) -> Result<(), Refusal> {
        if !rp_id.has_hash(self.rp_id_hash) {
            return Err(Refusal::WrongRpId);
        }
        if !self.has(USER_PRESENT) {
            return Err(Refusal::UserNotPresent);
        }
        if !self.has(USER_VERIFIED) {
            return Err(Refusal::UserNotVerified);
        }
        if self.is_backed_up() && !self.is_backup_eligible() {
            return Err(Refusal::BackedUpWithoutEligibility);
        }
        Ok(())
    }

    /// Returns whether the passkey may be copied to other devices.
    pub(crate) const fn is_backup_eligible(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    /// Returns whether the passkey is copied to other devices at present.
    pub(crate) const fn is_backed_up(&self) -> bool {
        self.has(BACKED_UP)
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl<'a> AttestedCredential<'a> {
    /// Reads a credential from the start of the bytes. Returns it with what follows it.
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (aaguid, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let mut reader = Reader::new(rest);
        let key = reader.raw_map()?;
        let aaguid = *aaguid;
        Some((Self { aaguid, id, key }, reader.rest()))
    }
}
