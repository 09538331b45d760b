//! Origins: the sites and apps from which responses may come.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::SHA256_OUTPUT_LEN;

use crate::rp_id::{LOCALHOST, is_domain};

/// The start of the origin of an Android app.
const ANDROID: &str = "android:apk-key-hash:";

/// A site or an app from which responses may come, exactly as clients write it into the client data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Box<str>);

/// The error for a string that no client would write as an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin must be https://domain[:port], http://localhost[:port] or \
     android:apk-key-hash:<SHA-256 of the certificate in base64url>"
)]
pub struct InvalidOrigin;

impl Origin {
    /// Parses the origin of a site, `https://domain[:port]` or `http://localhost[:port]`, or that of an Android app,
    /// `android:apk-key-hash:` and the SHA-256 of its signing certificate in base64url. An iOS app has the origin of
    /// its site.
    ///
    /// # Errors
    /// If `text` is not spelled as clients spell it: in lower case, without a path and without the default port.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let is_valid = if let Some(hash) = text.strip_prefix(ANDROID) {
            is_hash(hash)
        } else if let Some(authority) = text.strip_prefix("https://") {
            is_authority(authority, 443, is_domain)
        } else if let Some(authority) = text.strip_prefix("http://") {
            is_authority(authority, 80, |host| host == LOCALHOST)
        } else {
            false
        };
        is_valid.then(|| Self(text.into())).ok_or(InvalidOrigin)
    }

    /// Returns the origin as clients write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_hash(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|hash| hash.len() == SHA256_OUTPUT_LEN)
}

/// Returns whether a string is a host, alone or with a port that is not the default port.
fn is_authority(text: &str, default_port: u16, is_host: impl Fn(&str) -> bool) -> bool {
    let is_port = |text: &str| {
        text.parse::<u16>()
            .is_ok_and(|port| port != 0 && port != default_port && port.to_string() == text)
    };
    match text.split_once(':') {
        None => is_host(text),
        Some((host, port)) => is_host(host) && is_port(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_and_android_apps_are_origins() {
        for good in [
            "https://example.com",
            "https://login.example.com:8443",
            "https://localhost",
            "http://localhost",
            "http://localhost:5173",
            "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        ] {
            assert_eq!(Origin::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn other_spellings_are_not() {
        for bad in [
            "",
            "null",
            "example.com",
            "https://",
            "https://example.com/",
            "https://Example.com",
            "HTTPS://example.com",
            "https://example.com:443",
            "https://example.com:0",
            "https://example.com:08443",
            "https://example.com:+8443",
            "https://example.com:65536",
            "https://example.com:",
            "https://user@example.com",
            "https://example.com?",
            "https://*.example.com",
            "https://127.0.0.1",
            "http://example.com",
            "http://127.0.0.1:5173",
            "http://localhost:80",
            "http://localhost.example.com",
            " https://example.com",
            "android:apk-key-hash:",
            "android:apk-key-hash:47DEQpj8HBSa",
            "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
            "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV",
            "android:apk-key-hash:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        ] {
            assert_eq!(Origin::parse(bad), Err(InvalidOrigin), "{bad}");
        }
    }
}
