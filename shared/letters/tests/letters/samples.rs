//! One letter of every kind, and those without a code.

use letters::{Letter, Notice};

/// A link as long as that of a registration.
pub(crate) const LINK: &str = "https://app.example.com/register/confirm?token=eyJhbGciOiJIUzI1NiIsImtpZCI6Ik5nRHFvM2ZTWFEyY1A3UkwifQ.eyJpc3MiOiJodHRwczovL2FwcC5leGFtcGxlLmNvbSIsImF1ZCI6Imh0dHBzOi8vYXBwLmV4YW1wbGUuY29tI2xpbmsiLCJ1c2UiOiJyZWdpc3RlciIsIm1haWwiOiJBY1hxM0dYemtKOVBtTDdRZkRqQTJ2S3NXNHRZNmJSOHVOMWhFMG9JM2NaNXhHOXBKN21MMnFGNGRBNnZLOHNXMXRZM2JSNXVON2hFOW9JMGNaMnhHNHBKNm1MOHFGMWRBM3ZLNXNXN3RZOWJSMHVOMmhFNG9JNmNaOHhHMXBKM21MNXFGN2RBOXZLMHNXMnRZNGJSNnVOOGhFMW9JM2NaNXhHN3BKOW1MMHFGMmRBNHZLNnNXOHRZMWJSM3VONWhFN29JOWNaMHhHMnBKNG1MNnFGOGRBMXZLM3NXNXRZN2JSOXVOMGhFMm9JNGNaNnhHOHBKMW1MM3FGNWRBN3ZLOXNXMHRZMmJSNHVONmhFOG9JMWNaM3hHNXBKN21MOXFGMGRBMnZLNHNXNnRZOGJSMXVOM2hFNW9JN2NaOXhHMHBKMm1MNHFGNmRBOHZLMXNXM3RZNWJSN3VOOWhFMG9JMmNaNHhHNnBKOG1MMSIsImlhdCI6MTc5NTcyODUwMCwiZXhwIjoxNzk1ODE0OTAwfQ.3f8Qm2xT7vKpLw9sZrYb1dHnCg5jEuXa0tRkVoWi4Mc";
/// The code that belongs to a link.
pub(crate) const CODE: &str = "40718263";
/// The page for logging in.
pub(crate) const LOGIN: &str = "https://app.example.com/";
/// The page for a forgotten password.
pub(crate) const FORGOT: &str = "https://app.example.com/forgot";
/// The name of the service.
pub(crate) const SERVICE: &str = "Example";
/// The time of a notice.
pub(crate) const AT: &str = "2026-11-26 20:15 UTC";

/// Returns the letters with their names.
pub(crate) fn letters() -> Vec<(&'static str, Letter<'static>)> {
    with(LINK, CODE, LOGIN, FORGOT, AT, SERVICE)
}

/// Returns the letters with these values.
pub(crate) fn with<'a>(
    link: &'a str,
    code: &'a str,
    login: &'a str,
    forgot: &'a str,
    at: &'a str,
    service: &'a str,
) -> Vec<(&'static str, Letter<'a>)> {
    let code = Some(code);
    let notice = |what| Letter::Notice {
        what,
        at,
        undo: (what == Notice::AccountDeleted).then_some(link),
        forgot,
        service,
    };
    vec![
        ("register", Letter::Register { link, code, service }),
        (
            "register without a code",
            Letter::Register {
                link,
                code: None,
                service,
            },
        ),
        (
            "registered",
            Letter::Registered {
                login,
                reset: link,
                service,
            },
        ),
        ("reset", Letter::Reset { link, code, service }),
        (
            "reset without a code",
            Letter::Reset {
                link,
                code: None,
                service,
            },
        ),
        ("invite", Letter::Invite { link, service }),
        ("address-old", Letter::AddressOld { link, service }),
        ("address-new", Letter::AddressNew { link, service }),
        ("address-taken", Letter::AddressTaken { service }),
        ("test", Letter::Test { service }),
        ("notice-password-changed", notice(Notice::PasswordChanged)),
        ("notice-password-reset", notice(Notice::PasswordReset)),
        ("notice-address-changed", notice(Notice::AddressChanged)),
        ("notice-theft", notice(Notice::Theft)),
        ("notice-account-deleted", notice(Notice::AccountDeleted)),
        ("notice-new-device", notice(Notice::NewDevice)),
        ("notice-factor-added", notice(Notice::FactorAdded)),
        ("notice-factor-removed", notice(Notice::FactorRemoved)),
        ("notice-recovery-code-used", notice(Notice::RecoveryCodeUsed)),
        ("notice-recovery-codes-replaced", notice(Notice::RecoveryCodesReplaced)),
        ("notice-second-factor-refused", notice(Notice::SecondFactorRefused)),
        ("notice-factors-reset", notice(Notice::FactorsReset)),
    ]
}
