//! A caller, as far as rules ask about them, and what a caller lacks.

use crate::Rule;

/// A caller, as far as rules ask about them. All of it is in the claims of their token.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The caller's role.
    pub role: &'a str,
    /// The caller's permissions, separated by spaces.
    pub scope: &'a str,
    /// How far the caller's identity is assured: the claim `acr`.
    pub acr: &'a str,
    /// How long ago the caller last authenticated, in seconds.
    pub age: u64,
}

/// An assurance that a rule may require: a value of the claim `acr`. A higher one satisfies a lower one. There is no
/// value for a single factor, because every token has at least that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Two factors.
    Aal2,
    /// A passkey.
    Phr,
}

impl Assurance {
    /// All values, the lowest first.
    pub const ALL: [Self; 2] = [Self::Aal2, Self::Phr];

    /// Returns the assurance that a rule requires with this value, or `None` if there is no such value.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assurance| assurance.as_str() == name)
    }

    /// Returns the value of the claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal2 => "aal2",
            Self::Phr => "phr",
        }
    }

    /// Returns whether a token with this `acr` satisfies a rule that requires this assurance.
    #[must_use]
    pub fn is_reached_by(self, acr: &str) -> bool {
        Self::from_name(acr).is_some_and(|reached| reached >= self)
    }
}

/// What a caller lacks for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The role or a permission (RFC 6750 s3.1). Another login does not help.
    Permission,
    /// Only a stronger or a more recent authentication (RFC 9470 s3).
    Authentication {
        /// The assurance that is required, or `None` if any is enough.
        acr: Option<Assurance>,
        /// The largest number of seconds since the user last authenticated, or `None` if it does not matter.
        max_age: Option<u64>,
    },
}

impl Lack {
    /// Returns what a caller lacks to satisfy these rules, or `None` if they satisfy all of them.
    #[must_use]
    pub fn find(rules: &[&Rule], caller: &Caller<'_>) -> Option<Self> {
        let unsatisfied = || rules.iter().filter(|rule| !rule.is_satisfied_by(caller));
        unsatisfied().next()?;
        if unsatisfied().any(|rule| !rule.permits(caller)) {
            return Some(Self::Permission);
        }
        Some(Self::Authentication {
            acr: unsatisfied().filter_map(|rule| rule.acr).max(),
            max_age: unsatisfied().filter_map(|rule| rule.max_age).min(),
        })
    }

    /// Returns the error code of a refusal for this reason (RFC 6750 s3.1, RFC 9470 s3).
    #[must_use]
    pub const fn error(self) -> &'static str {
        match self {
            Self::Permission => "insufficient_scope",
            Self::Authentication { .. } => "insufficient_user_authentication",
        }
    }
}

#[cfg(test)]
mod tests {
    use claims::{Acr, Amr};

    use super::*;

    const ALL: [Acr; 3] = [Acr::Aal1, Acr::Aal2, Acr::PhishingResistant];

    /// The values and their order are those of the claim.
    #[test]
    fn an_assurance_is_reached_by_the_same_value_and_by_every_higher_one() {
        for acr in ALL {
            for wanted in Assurance::ALL {
                let least = ALL.into_iter().find(|acr| acr.as_str() == wanted.as_str()).unwrap();

                assert_eq!(
                    wanted.is_reached_by(acr.as_str()),
                    acr >= least,
                    "{acr:?} for {wanted:?}"
                );
            }
        }
        assert_eq!(Assurance::from_name(Amr::PASSWORD.acr().as_str()), None);
        let passkey = Amr::from_names(["swk"]).unwrap().acr();
        assert_eq!(Assurance::from_name(passkey.as_str()), Some(Assurance::Phr));
        for other in ["", "AAL2", "aal3", "aal2 phr"] {
            assert!(!Assurance::Aal2.is_reached_by(other), "{other}");
        }
    }

    /// For each value of `acr`, each age around the limit, and each combination of requirements.
    #[test]
    fn a_rule_requires_its_assurance_and_its_age() {
        for acr in ALL {
            for age in [0, 599, 600, 601, u64::MAX] {
                for wanted in [None, Some(Assurance::Aal2), Some(Assurance::Phr)] {
                    for max_age in [None, Some(600)] {
                        let rule = rule(None, wanted, max_age);
                        let caller = caller(acr, age);
                        let is_assured = match wanted {
                            None => true,
                            Some(Assurance::Aal2) => acr != Acr::Aal1,
                            Some(Assurance::Phr) => acr == Acr::PhishingResistant,
                        };
                        let is_recent = max_age.is_none() || age <= 600;

                        let lack = Lack::find(&[&rule], &caller);

                        assert_eq!(
                            rule.is_satisfied_by(&caller),
                            is_assured && is_recent,
                            "{rule:?} {caller:?}"
                        );
                        let expected = Lack::Authentication { acr: wanted, max_age };
                        assert_eq!(lack, (!(is_assured && is_recent)).then_some(expected));
                    }
                }
            }
        }
    }

    /// Authenticating again does not help a caller who may not make the request anyway.
    #[test]
    fn a_missing_permission_comes_before_a_missing_authentication() {
        let admins = rule(Some("admin"), Some(Assurance::Aal2), None);
        let recent = rule(None, None, Some(60));
        let strong = rule(None, Some(Assurance::Phr), Some(600));
        let user = caller(Acr::Aal1, 601);

        assert_eq!(Lack::find(&[&recent, &admins], &user), Some(Lack::Permission));
        assert_eq!(
            Lack::find(&[&recent, &strong], &user),
            Some(Lack::Authentication {
                acr: Some(Assurance::Phr),
                max_age: Some(60)
            })
        );
        assert_eq!(
            Lack::find(&[&recent, &strong], &caller(Acr::PhishingResistant, 61)),
            Some(Lack::Authentication {
                acr: None,
                max_age: Some(60)
            })
        );
        assert_eq!(
            Lack::find(&[&recent, &strong], &caller(Acr::PhishingResistant, 60)),
            None
        );
        assert_eq!(Lack::find(&[], &user), None);
    }

    const fn caller(acr: Acr, age: u64) -> Caller<'static> {
        Caller {
            role: "user",
            scope: "read",
            acr: acr.as_str(),
            age,
        }
    }

    fn rule(role: Option<&str>, acr: Option<Assurance>, max_age: Option<u64>) -> Rule {
        Rule {
            api: None,
            method: "GET".to_owned(),
            path: "/a".to_owned(),
            role: role.map(str::to_owned),
            scope: None,
            acr,
            max_age,
        }
    }
}
