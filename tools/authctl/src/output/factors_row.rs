//! The second factors of a user as a row of output.

use auth::{
    factor::{Factors, passkey::Passkey},
    user::{FactorKinds, User},
};
use serde::Serialize;

use super::{Row, date};

/// The second factors of a user, as printed.
#[derive(Serialize)]
pub(crate) struct FactorsRow<'a> {
    user_id: &'a str,
    factors: FactorKinds,
    totp_added_at: Option<String>,
    recovery_codes: usize,
    passkeys: Vec<PasskeyCell<'a>>,
    reset_at: Option<String>,
    reset_reason: Option<&'a str>,
}

/// A passkey, as printed.
#[derive(Serialize)]
struct PasskeyCell<'a> {
    id: String,
    label: &'a str,
    added_at: String,
    last_used_at: Option<String>,
    synced: bool,
}

impl<'a> PasskeyCell<'a> {
    fn new(passkey: &'a Passkey) -> anyhow::Result<Self> {
        Ok(Self {
            id: passkey.credential.id.to_base64url(),
            label: &passkey.label,
            added_at: date(passkey.added_at)?,
            last_used_at: passkey.last_used_at.map(date).transpose()?,
            synced: passkey.credential.backup_eligible,
        })
    }

    fn text(&self) -> String {
        let used = self.last_used_at.as_deref().unwrap_or("never");
        format!("{} (added {}, used {used})", self.label, self.added_at)
    }
}

impl<'a> FactorsRow<'a> {
    pub(crate) fn new(user: &'a User, factors: &'a Factors) -> anyhow::Result<Self> {
        let added_at = factors.totp.as_ref().map(|totp| date(totp.added_at));
        let reset_at = factors.reset.as_ref().map(|reset| date(reset.at));
        Ok(Self {
            user_id: user.id.as_str(),
            factors: factors.kinds(),
            totp_added_at: added_at.transpose()?,
            recovery_codes: factors.recovery.len(),
            passkeys: factors
                .passkeys
                .iter()
                .map(PasskeyCell::new)
                .collect::<Result<_, _>>()?,
            reset_at: reset_at.transpose()?,
            reset_reason: factors.reset.as_ref().map(|reset| reset.reason.as_str()),
        })
    }
}

impl Row for FactorsRow<'_> {
    const COLUMNS: &'static [&'static str] = &[
        "USER ID",
        "FACTORS",
        "APP ADDED",
        "RECOVERY CODES",
        "PASSKEYS",
        "RESET",
        "REASON OF RESET",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.user_id.to_owned(),
            self.factors.as_str().to_owned(),
            self.totp_added_at.clone().unwrap_or_default(),
            self.recovery_codes.to_string(),
            self.passkeys
                .iter()
                .map(PasskeyCell::text)
                .collect::<Vec<_>>()
                .join(", "),
            self.reset_at.clone().unwrap_or_default(),
            self.reset_reason.unwrap_or_default().to_owned(),
        ]
    }
}
