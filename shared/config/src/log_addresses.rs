//! How log lines show network addresses.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// How log lines show the network address that a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogAddresses {
    /// The address.
    Full,
    /// Only the network of the address, which many people share: the first 24 bits of an IPv4 address, and the first 48
    /// bits of an IPv6 address.
    Network,
    /// Nothing.
    Hidden,
}

/// The value is not one of the three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be full, network or none")]
pub struct InvalidLogAddresses;

impl FromStr for LogAddresses {
    type Err = InvalidLogAddresses;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "full" => Ok(Self::Full),
            "network" => Ok(Self::Network),
            "none" => Ok(Self::Hidden),
            _ => Err(InvalidLogAddresses),
        }
    }
}

impl LogAddresses {
    /// Returns an address as a log line shows it, or `None` if it does not. The network of something that is not an
    /// address is unknown and not shown.
    pub(crate) fn show(self, address: &str) -> Option<String> {
        match self {
            Self::Full => Some(address.to_owned()),
            Self::Network => address.parse().ok().map(network),
            Self::Hidden => None,
        }
    }
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::as_it_is("full", "192.0.2.7", Some("192.0.2.7"))]
    #[case::ipv4("network", "192.0.2.7", Some("192.0.2.0/24"))]
    #[case::ipv6("network", "2001:db8:1:2::7", Some("2001:db8:1::/48"))]
    #[case::not_an_address("network", "gateway", None)]
    #[case::nothing("none", "192.0.2.7", None)]
    fn an_address_is_shown_as_configured(#[case] text: &str, #[case] address: &str, #[case] expected: Option<&str>) {
        let addresses: LogAddresses = text.parse().unwrap();

        assert_eq!(addresses.show(address).as_deref(), expected);
    }

    #[test]
    fn another_word_is_an_error() {
        assert_eq!("Full".parse::<LogAddresses>(), Err(InvalidLogAddresses));
        assert_eq!("".parse::<LogAddresses>(), Err(InvalidLogAddresses));
    }
}
