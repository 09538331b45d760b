//! The letters and their content.

use crate::template::{self, Translations, Variable};

/// A letter. A `link` contains a token, a `code` has digits alone, and `service` is the name of the service, as its
/// users know it. `login` and `forgot` are the URLs of the pages for logging in and for a forgotten password.
#[derive(Clone, Copy, Debug)]
pub enum Letter<'a> {
    /// An address without an account wants to register. The link is valid for 24 hours, the code for 10 minutes.
    Register {
        /// The URL of the page where the person chooses a password.
        link: &'a str,
        /// The code that does the same as the link.
        code: Option<&'a str>,
        /// The name of the service.
        service: &'a str,
    },
    /// An address that has an account wants to register.
    Registered {
        /// The URL of the page for logging in.
        login: &'a str,
        /// The URL of the page where the person chooses another password. It is valid for 30 minutes.
        reset: &'a str,
        /// The name of the service.
        service: &'a str,
    },
    /// A password was forgotten. The link is valid for 30 minutes, the code for 10.
    Reset {
        /// The URL of the page where the person chooses a password.
        link: &'a str,
        /// The code that does the same as the link.
        code: Option<&'a str>,
        /// The name of the service.
        service: &'a str,
    },
    /// An operator invites a person. The link is valid for 7 days.
    Invite {
        /// The URL of the page where the person chooses a password.
        link: &'a str,
        /// The name of the service.
        service: &'a str,
    },
    /// To the present address of an account that changes its address. The link is valid for 1 hour.
    AddressOld {
        /// The URL of the page where the person confirms the change.
        link: &'a str,
        /// The name of the service.
        service: &'a str,
    },
    /// To the new address of an account that changes its address. The link is valid for 1 hour.
    AddressNew {
        /// The URL of the page where the person confirms the new address.
        link: &'a str,
        /// The name of the service.
        service: &'a str,
    },
    /// To an address with an account, if the owner of another account wants to use the address.
    AddressTaken {
        /// The name of the service.
        service: &'a str,
    },
    /// To any address, if an operator tries whether letters arrive.
    Test {
        /// The name of the service.
        service: &'a str,
    },
    /// Something happened to an account.
    Notice {
        /// What happened.
        what: Notice,
        /// The time in UTC, such as `2026-11-26 20:15 UTC`. For a deleted account, it is the time at which the account
        /// will be removed.
        at: &'a str,
        /// The URL of the page that undoes it, if there is one.
        undo: Option<&'a str>,
        /// The URL of the page for a forgotten password.
        forgot: &'a str,
        /// The name of the service.
        service: &'a str,
    },
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The password was changed by a person who gave the previous one.
    PasswordChanged,
    /// The password was reset with a link or a code.
    PasswordReset,
    /// The account has another address. The letter goes to the previous one, so it does not use `forgot`.
    AddressChanged,
    /// A refresh token was used twice, and its session has ended.
    Theft,
    /// The user deleted the account.
    AccountDeleted,
    /// The user logged in on a device that was not known.
    NewDevice,
    /// The user added a second factor.
    FactorAdded,
    /// The user removed a second factor.
    FactorRemoved,
    /// Somebody used a recovery code.
    RecoveryCodeUsed,
    /// The user replaced all recovery codes.
    RecoveryCodesReplaced,
    /// Several wrong codes followed a right password or a right link.
    SecondFactorRefused,
    /// An operator removed all second factors.
    FactorsReset,
}

impl<'a> Letter<'a> {
    /// Returns the templates with the values for their variables.
    pub(crate) fn parts(&self) -> (&'static Translations, Vec<(Variable, &'a str)>) {
        let with_link = |link, code: Option<&'a str>, service| {
            let code = code.map(|code| (Variable::Code, code));
            let values = [(Variable::Link, link), (Variable::Service, service)];
            values.into_iter().chain(code).collect()
        };
        match *self {
            Self::Register { link, code, service } => (&template::REGISTER, with_link(link, code, service)),
            Self::Reset { link, code, service } => (&template::RESET, with_link(link, code, service)),
            Self::Invite { link, service } => (&template::INVITE, with_link(link, None, service)),
            Self::AddressOld { link, service } => (&template::ADDRESS_OLD, with_link(link, None, service)),
            Self::AddressNew { link, service } => (&template::ADDRESS_NEW, with_link(link, None, service)),
            Self::AddressTaken { service } => (&template::ADDRESS_TAKEN, vec![(Variable::Service, service)]),
            Self::Test { service } => (&template::TEST, vec![(Variable::Service, service)]),
            Self::Registered { login, reset, service } => {
                let values = [
                    (Variable::Login, login),
                    (Variable::Link, reset),
                    (Variable::Service, service),
                ];
                (&template::REGISTERED, values.into())
            }
            Self::Notice {
                what,
                at,
                undo,
                forgot,
                service,
            } => {
                let values = [
                    (Variable::At, at),
                    (Variable::Forgot, forgot),
                    (Variable::Service, service),
                ];
                let undo = undo.map(|undo| (Variable::Link, undo));
                (what.translations(), values.into_iter().chain(undo).collect())
            }
        }
    }
}

impl Notice {
    const fn translations(self) -> &'static Translations {
        match self {
            Self::PasswordChanged => &template::NOTICE_PASSWORD_CHANGED,
            Self::PasswordReset => &template::NOTICE_PASSWORD_RESET,
            Self::AddressChanged => &template::NOTICE_ADDRESS_CHANGED,
            Self::Theft => &template::NOTICE_THEFT,
            Self::AccountDeleted => &template::NOTICE_ACCOUNT_DELETED,
            Self::NewDevice => &template::NOTICE_NEW_DEVICE,
            Self::FactorAdded => &template::NOTICE_FACTOR_ADDED,
            Self::FactorRemoved => &template::NOTICE_FACTOR_REMOVED,
            Self::RecoveryCodeUsed => &template::NOTICE_RECOVERY_CODE_USED,
            Self::RecoveryCodesReplaced => &template::NOTICE_RECOVERY_CODES_REPLACED,
            Self::SecondFactorRefused => &template::NOTICE_SECOND_FACTOR_REFUSED,
            Self::FactorsReset => &template::NOTICE_FACTORS_RESET,
        }
    }
}
