//! The rule under test: the functions of production, or replacements for some of them.

use std::sync::OnceLock;

use auth::{
    attempts::{Pseudonym, PseudonymKey},
    mail::{MailRecord, Queueing, is_bound},
    password::{PasswordHash, PasswordRecord},
    user::Email,
};
use claims::{LinkBinding, Moment, Timestamp, TokenId};

use crate::world::{Account, Address};

/// The functions that the service applies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// [`MailRecord::admit`], or a replacement.
    pub(crate) admit: fn(&MailRecord, &TokenId, Moment) -> Queueing,
    /// [`is_bound`], or a replacement.
    pub(crate) is_bound: fn(&LinkBinding, &PasswordRecord, &Pseudonym) -> bool,
    /// [`PasswordRecord::next_change`], or a replacement.
    pub(crate) next_change: fn(&PasswordRecord, Timestamp) -> Timestamp,
    /// Whether a code is valid with another request than the one that it was made for.
    pub(crate) code_of_any_request: bool,
    /// What happens to a registration whose address somebody has.
    pub(crate) taken: Taken,
    /// Whether a registration is finished when its link is opened, with a password that was in the request.
    pub(crate) opening_confirms: bool,
}

/// What happens to a registration whose address somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is refused.
    Refused,
    /// It sets another password if the user registered with the same request.
    SetsOwn,
    /// It replaces the user.
    Replaces,
}

/// The rule of production. The three functions are those that production calls, not copies of them.
pub(crate) const PRODUCTION: Rule = Rule {
    admit: MailRecord::admit,
    is_bound,
    next_change: PasswordRecord::next_change,
    code_of_any_request: false,
    taken: Taken::Refused,
    opening_confirms: false,
};

/// Returns the moment that lies this many seconds after the beginning.
pub(crate) fn at(seconds: u8) -> Moment {
    let millis = u64::from(seconds).saturating_mul(1_000);
    Moment::new(millis.saturating_add(1_700_000_000_000))
}

/// Returns the seconds since the beginning.
pub(crate) fn seconds(at: Timestamp) -> u8 {
    let past = at.get().saturating_sub(self::at(0).timestamp().get());
    u8::try_from(past).unwrap()
}

/// Returns the credentials of an account.
pub(crate) fn credentials(account: Account) -> PasswordRecord {
    PasswordRecord {
        user_id: account.user.to_string().parse().unwrap(),
        password_hash: PasswordHash::from_stored(account.changes.to_string()),
        password_changed_at: at(account.password_changed_at).timestamp(),
    }
}

/// Returns the pseudonym of an address.
pub(crate) fn pseudonym(address: Address) -> Pseudonym {
    static BOTH: OnceLock<[Pseudonym; 2]> = OnceLock::new();
    let [first, second] = BOTH.get_or_init(|| {
        let key = PseudonymKey::parse("0123456789abcdefghijklmnopqrstuv").unwrap();
        ["first@example.com", "second@example.com"].map(|text| key.hash_address(&Email::parse(text).unwrap()))
    });
    match address {
        Address::First => first.clone(),
        Address::Second => second.clone(),
    }
}

/// Returns what a link is bound to that was sent to this address.
pub(crate) fn binding(password_changed_at: u8, address: Address) -> LinkBinding {
    LinkBinding {
        password_changed_at: at(password_changed_at).timestamp(),
        address: pseudonym(address).as_str().to_owned(),
    }
}
