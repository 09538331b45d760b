//! AWS Signature Version 4 of a `POST` to a service.
//!
//! It follows "Create a signed AWS API request" in the IAM user guide. A test compares the signatures of 10,000 random
//! requests with those of the AWS SDK's own signer.

use std::fmt::Write as _;

use ring::{digest, hmac};

use crate::credentials::Credentials;

/// A request before it is signed.
pub(crate) struct Unsigned<'a> {
    /// The path, which has no characters that need encoding.
    pub(crate) path: &'a str,
    /// The `Host` header.
    pub(crate) host: &'a str,
    /// The `Content-Type` header.
    pub(crate) content_type: &'a str,
    /// The `X-Amz-Target` header: the operation.
    pub(crate) target: &'a str,
    /// The body.
    pub(crate) body: &'a [u8],
}

impl Unsigned<'_> {
    /// Returns the `Authorization` header. `date` is the `X-Amz-Date` header, such as `20260102T030405Z`.
    pub(crate) fn authorize(&self, credentials: &Credentials, region: &str, service: &str, date: &str) -> String {
        let day = date.get(..8).unwrap_or(date);
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let (headers, names) = self.headers(credentials, date);
        let request = format!("POST\n{}\n\n{headers}\n{names}\n{}", self.path, hash(self.body));
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash(request.as_bytes()));

        let secret = format!("AWS4{}", credentials.secret_access_key.as_str());
        let key = [day, region, service, "aws4_request"]
            .into_iter()
            .fold(hmac_key(secret.as_bytes()), |key, part| {
                hmac_key(hmac::sign(&key, part.as_bytes()).as_ref())
            });
        let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let id = &credentials.access_key_id;
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    /// Returns the canonical headers, and their names. Both are sorted by name.
    fn headers(&self, credentials: &Credentials, date: &str) -> (String, String) {
        let all = [
            ("content-type", Some(self.content_type)),
            ("host", Some(self.host)),
            ("x-amz-date", Some(date)),
            ("x-amz-security-token", credentials.session_token()),
            ("x-amz-target", Some(self.target)),
        ];
        let sent = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let (mut headers, mut names) = (String::new(), String::new());
        for (name, value) in sent {
            let separator = if names.is_empty() { "" } else { ";" };
            names.extend([separator, name]);
            headers.extend([name, ":", value, "\n"]);
        }
        (headers, names)
    }
}

fn hmac_key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_sigv4::{
        http_request::{SignableBody, SignableRequest, SigningSettings, sign},
        sign::v4,
    };
    use claims::Timestamp;
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

    use super::*;
    use crate::date::format_basic;

    const HOST: &str = "dynamodb.eu-west-1.amazonaws.com";

    #[test]
    fn ten_thousand_requests_are_signed_as_the_sdk_signs_them() {
        let mut rng = StdRng::seed_from_u64(16);
        for number in 0..10_000 {
            let [id, secret, token] = [20, 40, 800].map(|length| word(length, &mut rng));
            let token = (number % 2 == 0).then_some(token.as_str());
            let (region, service) = (word(12, &mut rng), ["dynamodb", "secretsmanager"][number % 2]);
            let (target, length) = (word(30, &mut rng), rng.random_range(0..2_000));
            let body: Vec<u8> = (0..length).map(|_| rng.random()).collect();
            let at = rng.random_range(0..4_000_000_000);
            let request = Unsigned {
                path: ["/", "/authorizer/"][number % 2],
                host: HOST,
                content_type: "application/x-amz-json-1.0",
                target: &target,
                body: &body,
            };

            let credentials = Credentials::new(&id, &secret, token);
            let ours = request.authorize(&credentials, &region, service, &format_basic(Timestamp::new(at)));

            assert_eq!(ours, theirs(&request, (&id, &secret, token), &region, service, at));
        }
    }

    /// Returns the `Authorization` header that the SDK's signer makes.
    fn theirs(
        request: &Unsigned<'_>,
        (id, secret, token): (&str, &str, Option<&str>),
        region: &str,
        service: &str,
        at: u64,
    ) -> String {
        let token = token.map(str::to_owned);
        let identity = aws_credential_types::Credentials::new(id, secret, token, None, "test").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at)).unwrap())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = [("content-type", request.content_type), ("x-amz-target", request.target)];
        let url = format!("https://{}{}", request.host, request.path);
        let body = SignableBody::Bytes(request.body);
        let signable = SignableRequest::new("POST", &url, headers.into_iter(), body).unwrap();
        let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
        let mut headers = instructions.headers();
        headers.find(|(name, _)| *name == "authorization").unwrap().1.to_owned()
    }

    fn word(length: usize, rng: &mut StdRng) -> String {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_.";
        (0..length)
            .map(|_| char::from(letters[rng.random_range(0..letters.len())]))
            .collect()
    }
}
