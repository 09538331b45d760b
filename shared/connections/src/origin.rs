//! The origin of a URL: scheme, host and port (RFC 6454).

use hyper::Uri;

/// The scheme, host and port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Whether requests use TLS. Only requests to a local engine do not.
    pub is_https: bool,
    /// The name or the IP address of the host. An IPv6 address is in brackets, as in a URL (RFC 3986 s3.2.2).
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl Origin {
    /// Returns the origin of a URL, or `None` if the scheme is neither `http` nor `https` or if there is no host.
    #[must_use]
    pub fn of(url: &Uri) -> Option<Self> {
        let is_https = match url.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Some(Self {
            is_https,
            host: url.host()?.to_owned(),
            port: url.port_u16().unwrap_or(default_port(is_https)),
        })
    }

    /// Returns the name or the IP address of the host as a resolver and TLS expect it, without brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        let inner = self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inner.unwrap_or(&self.host)
    }

    /// Returns the `Host` header, in which the default port is left out (RFC 9110 s7.2).
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == default_port(self.is_https) {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

const fn default_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_an_origin_if_http_can_reach_it() {
        for (url, authority) in [
            ("https://a.example/b?c", Some("a.example")),
            ("https://a.example:443/", Some("a.example")),
            ("http://127.0.0.1:8000", Some("127.0.0.1:8000")),
            ("http://a.example:443", Some("a.example:443")),
            ("http://[::1]:8000", Some("[::1]:8000")),
            ("ftp://a.example", None),
            ("/path", None),
        ] {
            let origin = Origin::of(&url.parse().unwrap());

            assert_eq!(origin.map(|origin| origin.authority()).as_deref(), authority, "{url}");
        }
    }

    #[test]
    fn only_a_url_puts_an_address_in_brackets() {
        for (url, name) in [
            ("https://a.example", "a.example"),
            ("http://127.0.0.1:8000", "127.0.0.1"),
            ("http://[::1]:8000", "::1"),
        ] {
            assert_eq!(Origin::of(&url.parse().unwrap()).unwrap().name(), name);
        }
    }
}
