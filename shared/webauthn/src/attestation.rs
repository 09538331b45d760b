//! Attestation objects: the authenticator data of a registration, and a statement about the authenticator (L3 s6.5).
//!
//! The service asks for no attestation, so it trusts no statement and verifies none. It accepts every format all the
//! same: a client must pass a self attestation on even when it was asked for none (L3 s5.1.3, step "none"), and some
//! apps ignore the wish. To refuse them would lock people out and would protect nobody, since anyone may send `none`.
//! A statement of the format `none` must be empty (L3 s8.7).

use crate::{
    Refusal,
    cbor::{Key, Reader},
};

/// The format without a statement.
const NONE: &str = "none";
/// The maximum length of the name of a format in bytes (L3 s8.1).
const MAX_FORMAT: usize = 32;
/// A CBOR map without entries.
const EMPTY: &[u8] = &[0xa0];

/// A parsed attestation object.
pub(crate) struct Attestation<'a> {
    format: &'a str,
    statement: &'a [u8],
    pub(crate) authenticator_data: &'a [u8],
}

impl<'a> Attestation<'a> {
    /// Parses an attestation object. Returns `None` if it is not a canonical map of a format, a statement and
    /// authenticator data.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (mut format, mut statement, mut authenticator_data) = (None, None, None);
        let mut reader = Reader::new(bytes);
        reader.map(|name, reader| {
            match name {
                Key::Text("fmt") => format = Some(reader.text().filter(|format| is_format(format))?),
                Key::Text("attStmt") => statement = Some(reader.raw_map()?),
                Key::Text("authData") => authenticator_data = Some(reader.bytes()?),
                Key::Text(_) | Key::Int(_) => return None,
            }
            Some(())
        })?;
        let attestation = Self {
            format: format?,
            statement: statement?,
            authenticator_data: authenticator_data?,
        };
        reader.rest().is_empty().then_some(attestation)
    }

    /// Checks that there is no statement if the format says so (L3 s8.7).
    pub(crate) fn check_statement(&self) -> Result<(), Refusal> {
        if self.format == NONE && self.statement != EMPTY {
            return Err(Refusal::StatementInNone);
        }
        Ok(())
    }
}

fn is_format(text: &str) -> bool {
    (1..=MAX_FORMAT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
