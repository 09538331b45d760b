//! Rules that each have one error, to show that the model detects it.

use auth::mail::Queueing;

use crate::rule::{PRODUCTION, Rule, Taken};

/// A link for a reset is valid whatever address the user has by now.
pub(crate) const BINDS_NO_ADDRESS: Rule = Rule {
    is_bound: |bound, credentials, _| bound.password_changed_at == credentials.password_changed_at,
    ..PRODUCTION
};

/// A link for a reset is valid whenever the password was set.
pub(crate) const BINDS_NO_TIME: Rule = Rule {
    is_bound: |bound, _, address| bound.address == address.as_str(),
    ..PRODUCTION
};

/// Two changes within one second have the same time.
pub(crate) const TIME_STANDS_STILL: Rule = Rule {
    next_change: |_, now| now,
    ..PRODUCTION
};

/// A code is bound to the user and their password, but not to its request.
pub(crate) const CODE_OF_ANY_REQUEST: Rule = Rule {
    code_of_any_request: true,
    ..PRODUCTION
};

/// A registration that is repeated with another password sets that one.
pub(crate) const REPEATS_SET_PASSWORDS: Rule = Rule {
    taken: Taken::SetsOwn,
    ..PRODUCTION
};

/// A registration replaces anyone who has the address.
pub(crate) const TAKES_WHAT_IS_TAKEN: Rule = Rule {
    taken: Taken::Replaces,
    ..PRODUCTION
};

/// A registration is finished by opening its link, with the password of anyone who requested it.
pub(crate) const OPENING_CONFIRMS: Rule = Rule {
    opening_confirms: true,
    ..PRODUCTION
};

/// Any number of mails goes to one address.
pub(crate) const LIMITS_NOTHING: Rule = Rule {
    admit: |_, _, _| Queueing::Queued,
    ..PRODUCTION
};
