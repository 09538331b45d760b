//! The second factors of a user as a row of output.

use auth::{
    factor::Factors,
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
    reset_at: Option<String>,
    reset_reason: Option<&'a str>,
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
        "RESET",
        "REASON OF RESET",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.user_id.to_owned(),
            self.factors.as_str().to_owned(),
            self.totp_added_at.clone().unwrap_or_default(),
            self.recovery_codes.to_string(),
            self.reset_at.clone().unwrap_or_default(),
            self.reset_reason.unwrap_or_default().to_owned(),
        ]
    }
}
