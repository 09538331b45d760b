//! The address of a service: scheme, host, port and path.

use config::{ConfigError, Environment};
use connections::Origin;

/// The address of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) origin: Origin,
    /// The path of requests, which begins and ends with a slash.
    pub(crate) path: String,
}

impl Endpoint {
    /// Returns the endpoint of a service: the URL in the environment variable `variable`, or else the URL in
    /// `AWS_ENDPOINT_URL`, or else the endpoint of AWS in this region.
    ///
    /// # Errors
    /// If the variable that is used is not a URL of scheme, host, port and path.
    pub(crate) fn for_service(
        environment: &Environment,
        variable: &str,
        service: &str,
        region: &str,
    ) -> Result<Self, ConfigError> {
        for variable in [variable, "AWS_ENDPOINT_URL"] {
            if let Some(url) = environment.get(variable)? {
                let invalid = || ConfigError::new(variable, "must be a URL of scheme, host, port and path");
                return Self::parse(url).ok_or_else(invalid);
            }
        }
        Ok(Self {
            origin: Origin {
                is_https: true,
                host: format!("{service}.{region}.{}", domain(region)),
                port: 443,
            },
            path: "/".to_owned(),
        })
    }

    /// Parses a URL of scheme, host, port and path. Returns `None` for any other URL, and for a path with characters
    /// that a signature would encode.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (is_https, default) = match scheme {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return None,
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, default),
        };
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        let is_path = |byte: u8| is_host(byte) || b"_~/".contains(&byte);
        let is_plain = !host.is_empty() && host.bytes().all(is_host) && path.bytes().all(is_path);
        is_plain.then(|| Self {
            origin: Origin {
                is_https,
                host: host.to_owned(),
                port,
            },
            path: format!(
                "/{path}{}",
                if path.is_empty() || path.ends_with('/') {
                    ""
                } else {
                    "/"
                }
            ),
        })
    }
}

/// Returns the DNS domain of the AWS partition that a region belongs to.
///
/// Sources: "AWS service endpoints" and the partitions in the SDK's endpoint rules.
fn domain(region: &str) -> &'static str {
    const DOMAINS: [(&str, &str); 6] = [
        ("cn-", "amazonaws.com.cn"),
        ("us-iso-", "c2s.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
        ("eusc-", "amazonaws.eu"),
    ];
    DOMAINS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("amazonaws.com", |(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_leads_to_its_own_endpoint() {
        for (region, host) in [
            ("eu-west-1", "dynamodb.eu-west-1.amazonaws.com"),
            ("us-gov-west-1", "dynamodb.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn"),
            ("us-iso-east-1", "dynamodb.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "dynamodb.us-isob-east-1.sc2s.sgov.gov"),
            ("eusc-de-east-1", "dynamodb.eusc-de-east-1.amazonaws.eu"),
        ] {
            let found = endpoint(&[], region).unwrap();

            assert_eq!((found.origin.authority().as_str(), found.origin.is_https), (host, true));
        }
    }

    #[test]
    fn the_variable_of_a_service_comes_before_that_of_all() {
        let all = ("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        let own = ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000/");

        assert_eq!(endpoint(&[all], "local").unwrap().origin.authority(), "127.0.0.1:1");
        assert_eq!(
            endpoint(&[all, own], "local").unwrap().origin.authority(),
            "localhost:8000"
        );
    }

    #[test]
    fn a_url_with_more_than_a_host_is_invalid() {
        for url in [
            "localhost:8000",
            "ftp://localhost",
            "http://",
            "http://a/b%20",
            "http://user@a",
            "http://a:b",
            "http://a?b",
        ] {
            let error = endpoint(&[("AWS_ENDPOINT_URL_DYNAMODB", url)], "local").unwrap_err();

            assert!(error.to_string().starts_with("AWS_ENDPOINT_URL_DYNAMODB: "), "{url}");
        }
    }

    #[test]
    fn a_path_ends_with_a_slash() {
        for (url, path) in [
            ("http://a", "/"),
            ("http://a/", "/"),
            ("http://a:1/b", "/b/"),
            ("https://a/b-c/", "/b-c/"),
        ] {
            assert_eq!(Endpoint::parse(url).unwrap().path, path, "{url}");
        }
    }

    fn endpoint(variables: &[(&str, &str)], region: &str) -> Result<Endpoint, ConfigError> {
        let environment = variables.iter().copied().collect();
        Endpoint::for_service(&environment, "AWS_ENDPOINT_URL_DYNAMODB", "dynamodb", region)
    }
}
