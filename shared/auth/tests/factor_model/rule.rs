//! The rule under test: the functions that the stores of production apply, or replacements for some of them.

use auth::{
    attempts::{Admission, AttemptRecord, Lane},
    factor::{Factors, Spend},
};
use claims::{Moment, Timestamp, TokenId, UserId};

/// What the stores do for the use cases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// The lane that is counted in for the lane that a use case names.
    pub(crate) lane: fn(&Lane) -> Lane,
    /// [`AttemptRecord::admit`], or a replacement.
    pub(crate) admit: fn(&AttemptRecord, &Lane, &TokenId, Moment) -> Admission,
    /// [`Spend::is_possible`], or a replacement.
    pub(crate) is_possible: fn(&Spend, &Factors) -> bool,
    /// [`Spend::apply`], or a replacement.
    pub(crate) apply: fn(&Spend, &mut Factors),
    /// Whether a session that exists is left as it is.
    pub(crate) opens_once: bool,
}

/// The rule of production. The use cases and these functions are those of production, not copies of them.
pub(crate) const PRODUCTION: Rule = Rule {
    lane: Lane::clone,
    admit: AttemptRecord::admit,
    is_possible: Spend::is_possible,
    apply: Spend::apply,
    opens_once: true,
};

/// Codes after a link are counted with those after the password.
pub(crate) const ONE_LANE: Rule = Rule {
    lane: |lane| match lane {
        Lane::Second { user_id, .. } | Lane::Reset { user_id, .. } => one(user_id),
        Lane::Device(..) | Lane::Stranger { .. } | Lane::Change { .. } | Lane::Code { .. } => lane.clone(),
    },
    ..PRODUCTION
};

/// A new password has the lane of the one before.
pub(crate) const OUTLIVES_THE_PASSWORD: Rule = Rule {
    lane: |lane| match lane {
        Lane::Second { user_id, .. } => one(user_id),
        Lane::Device(..) | Lane::Stranger { .. } | Lane::Change { .. } | Lane::Code { .. } | Lane::Reset { .. } => {
            lane.clone()
        }
    },
    ..PRODUCTION
};

/// Any number of codes may be tried.
pub(crate) const COUNTS_NOTHING: Rule = Rule {
    admit: |_, _, _, _| Admission::Admitted,
    ..PRODUCTION
};

/// The write does not check again what the use case has read.
pub(crate) const CHECKS_NOTHING_AGAIN: Rule = Rule {
    is_possible: |_, _| true,
    ..PRODUCTION
};

/// The step of an accepted code is not recorded.
pub(crate) const KEEPS_STEPS: Rule = Rule {
    apply: |spend, factors| {
        if let Spend::Recovery { .. } = spend {
            spend.apply(factors);
        }
    },
    ..PRODUCTION
};

/// An accepted recovery code is not replaced.
pub(crate) const KEEPS_RECOVERY_CODES: Rule = Rule {
    apply: |spend, factors| {
        if let Spend::Step(_) = spend {
            spend.apply(factors);
        }
    },
    ..PRODUCTION
};

/// A token of the first step opens any number of sessions.
pub(crate) const OPENS_AGAIN: Rule = Rule {
    opens_once: false,
    ..PRODUCTION
};

fn one(user_id: &UserId) -> Lane {
    Lane::second(user_id.clone(), Timestamp::new(0))
}
