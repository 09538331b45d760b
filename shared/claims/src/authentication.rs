//! How a user has authenticated: the methods, and the level that follows from them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Declares [`Method`].
macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident = $name:literal, $bit:literal;)+) => {
        /// A method of authentication (RFC 8176 s2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Method {
            $($(#[$doc])* #[serde(rename = $name)] $method,)+
        }

        impl Method {
            /// Every method, in the order in which a token names them.
            pub const ALL: &[Self] = &[$(Self::$method),+];

            /// Returns the name of the method.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$method => $name,)+
                }
            }

            /// Returns the bit of the method in an [`Amr`].
            const fn bit(self) -> u8 {
                match self {
                    $(Self::$method => $bit,)+
                }
            }
        }
    };
}

methods! {
    /// A password.
    Password = "pwd", 0b00_0001;
    /// A code that works once: from an app, or a recovery code.
    Code = "otp", 0b00_0010;
    /// A passkey that stays on its device.
    HardwareKey = "hwk", 0b00_0100;
    /// A passkey that may be copied between devices.
    SyncedKey = "swk", 0b00_1000;
    /// The device made sure that its user is there and is the right one.
    UserVerified = "user", 0b01_0000;
    /// More than one factor.
    Multiple = "mfa", 0b10_0000;
}

/// What every passkey adds: two factors, as the authenticator has verified its user.
const VERIFIED: u8 = Method::UserVerified.bit() | Method::Multiple.bit();

/// The methods by which a user has authenticated in a session: the claim `amr` (RFC 8176, RFC 9068 s2.2.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Amr(u8);

impl Amr {
    /// A password alone.
    pub const PASSWORD: Self = Self(Method::Password.bit());
    /// A password and a code.
    pub const PASSWORD_AND_CODE: Self = Self(Method::Password.bit() | Method::Code.bit() | Method::Multiple.bit());

    /// A passkey that stays on its device, with a verified user: what one has, and what one knows or is.
    pub const HARDWARE_PASSKEY: Self = Self(Method::HardwareKey.bit() | VERIFIED);
    /// A passkey that may be copied between devices, with a verified user.
    pub const SYNCED_PASSKEY: Self = Self(Method::SyncedKey.bit() | VERIFIED);

    /// Returns the methods of which either this or `other` consists.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether the method is one of these.
    #[must_use]
    pub const fn has(self, method: Method) -> bool {
        self.0 & method.bit() != 0
    }

    /// Returns the methods, in the order of [`Method::ALL`].
    pub fn methods(self) -> impl Iterator<Item = Method> {
        Method::ALL.iter().copied().filter(move |method| self.has(*method))
    }

    /// Returns the methods with these names, or `None` if there is none or one is unknown.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let amr = names.into_iter().try_fold(Self(0), |amr, name| {
            let method = Method::ALL.iter().find(|method| method.as_str() == name)?;
            Some(Self(amr.0 | method.bit()))
        })?;
        (amr.0 != 0).then_some(amr)
    }

    /// Returns the level that these methods reach.
    #[must_use]
    pub const fn acr(self) -> Acr {
        if self.has(Method::HardwareKey) || self.has(Method::SyncedKey) {
            Acr::PhishingResistant
        } else if self.has(Method::Multiple) {
            Acr::Aal2
        } else {
            Acr::Aal1
        }
    }
}

/// Shows the names of the methods.
impl std::fmt::Debug for Amr {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_list()
            .entries(self.methods().map(Method::as_str))
            .finish()
    }
}

/// An array of strings.
impl Serialize for Amr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.methods())
    }
}

impl<'de> Deserialize<'de> for Amr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let methods: Vec<Method> = Vec::deserialize(deserializer)?;
        let bits = methods.iter().fold(0, |bits, method| bits | method.bit());
        if bits == 0 {
            return Err(D::Error::custom("no method"));
        }
        Ok(Self(bits))
    }
}

/// How well a user has authenticated: the claim `acr` (RFC 9068 s2.2.1). A higher level includes the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Acr {
    /// One factor, such as a password (NIST SP 800-63B-4, AAL1).
    #[serde(rename = "aal1")]
    Aal1,
    /// Two factors (NIST SP 800-63B-4, AAL2).
    #[serde(rename = "aal2")]
    Aal2,
    /// Two factors that no fake page can pass on: a passkey (OpenID Connect Extended Authentication Profile).
    #[serde(rename = "phr")]
    PhishingResistant,
}

impl Acr {
    /// Every level, the lowest first.
    pub const ALL: &[Self] = &[Self::Aal1, Self::Aal2, Self::PhishingResistant];

    /// Returns the value of the claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
            Self::PhishingResistant => "phr",
        }
    }

    /// Returns the level with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|acr| acr.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(&["pwd"], Acr::Aal1)]
    #[case(&["otp"], Acr::Aal1)]
    #[case(&["pwd", "otp"], Acr::Aal1)]
    #[case(&["pwd", "otp", "mfa"], Acr::Aal2)]
    #[case(&["hwk", "user", "mfa"], Acr::PhishingResistant)]
    #[case(&["swk", "user", "mfa"], Acr::PhishingResistant)]
    #[case(&["pwd", "hwk"], Acr::PhishingResistant)]
    fn a_level_follows_from_the_methods(#[case] names: &[&str], #[case] expected: Acr) {
        let amr = Amr::from_names(names.iter().copied()).unwrap();

        assert_eq!(amr.acr(), expected);
        assert_eq!(serde_json::to_value(amr).unwrap(), json!(names));
        assert_eq!(serde_json::from_value::<Amr>(json!(names)).unwrap(), amr);
    }

    #[rstest]
    #[case(json!([]))]
    #[case(json!(["sms"]))]
    #[case(json!(["pwd", "sms"]))]
    #[case(json!("pwd"))]
    #[case(json!(null))]
    #[case(json!(["PWD"]))]
    fn anything_else_is_refused(#[case] value: serde_json::Value) {
        assert!(serde_json::from_value::<Amr>(value.clone()).is_err());
        let names = value.as_array().into_iter().flatten().filter_map(|name| name.as_str());
        assert!(Amr::from_names(names).is_none());
    }

    #[test]
    fn levels_are_ordered_and_have_one_name_each() {
        assert!(Acr::ALL.is_sorted());
        for acr in Acr::ALL {
            assert_eq!(Acr::from_name(acr.as_str()), Some(*acr));
            assert_eq!(serde_json::to_value(acr).unwrap(), acr.as_str());
        }
        assert_eq!(Acr::from_name("AAL2"), None);
    }

    #[test]
    fn methods_add_up_in_one_order() {
        let both = Amr::from_names(["otp"]).unwrap().with(Amr::PASSWORD);

        assert_eq!(format!("{both:?}"), r#"["pwd", "otp"]"#);
        assert_eq!(both, Amr::from_names(["pwd", "otp", "pwd"]).unwrap());
    }
}
