//! Transports: how a client can reach an authenticator.

use serde::Serialize;

/// How a client can reach an authenticator (L3 s5.8.4). It is a hint that clients get back with the id of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Over USB.
    Usb,
    /// Over near-field communication.
    Nfc,
    /// Over Bluetooth Low Energy.
    Ble,
    /// Over ISO 7816 smart cards.
    SmartCard,
    /// Over a mix of data and proximity, such as a phone for a computer.
    Hybrid,
    /// Within the client's device.
    Internal,
}

impl Transport {
    /// Every transport.
    pub const ALL: &[Self] = &[
        Self::Usb,
        Self::Nfc,
        Self::Ble,
        Self::SmartCard,
        Self::Hybrid,
        Self::Internal,
    ];

    /// Returns the name that clients use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usb => "usb",
            Self::Nfc => "nfc",
            Self::Ble => "ble",
            Self::SmartCard => "smart-card",
            Self::Hybrid => "hybrid",
            Self::Internal => "internal",
        }
    }

    /// Returns the transport with this name, or `None` if the name is unknown.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|transport| transport.as_str() == name)
    }
}
