//! The keys, the token and the event that every measured authorizer gets.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, bail};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use claims::{Access, Algorithm, Clock as _, KeySet, Timestamp};
use config::SystemClock;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use crate::subject::Requests;

/// The activation time of the keys, which is long ago.
const ACTIVE: Timestamp = Timestamp::new(1_600_000_000);
/// The headers that a browser sends in addition to the token. With them, an event has about 3 KB.
const HEADERS: [(&str, &str); 12] = [
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de-DE;q=0.8,de;q=0.7"),
    (
        "cookie",
        "theme=dark; consent=analytics%3A0%2Cmarketing%3A0; _pk_id.7.1fff=2f1c6b7d8a9e0f13.1700000000.; locale=en",
    ),
    ("origin", "https://app.example.com"),
    ("priority", "u=1, i"),
    (
        "referer",
        "https://app.example.com/reports/2023/november?view=table&sort=created&page=3",
    ),
    (
        "sec-ch-ua",
        "\"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\"",
    ),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "cors"),
    ("x-amzn-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
    ("x-client-version", "web-4.31.2+5e8eb06"),
];

/// A key set with one key. The measured authorizers verify tokens with it, and it signs the token that they get.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) algorithm: Algorithm,
    /// The key set with its secret or private key, as JSON.
    pub(crate) json: String,
    set: KeySet<Access>,
}

impl Keys {
    /// Makes a key set with one key.
    ///
    /// # Errors
    /// If the key cannot be made.
    pub(crate) fn new(algorithm: Algorithm) -> anyhow::Result<Self> {
        let json = keygen::access_key_set(algorithm, ACTIVE, &mut StdRng::seed_from_u64(1))?.to_string();
        let set = KeySet::from_json(&json)?;
        Ok(Self { algorithm, json, set })
    }

    /// Returns the public keys.
    pub(crate) fn jwks(&self) -> String {
        self.set.jwks().to_json()
    }

    /// Returns the environment of a contender that verifies tokens of these keys.
    ///
    /// # Errors
    /// If the secret of HS256 has an unknown form.
    pub(crate) fn environment(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let key = if self.algorithm == Algorithm::HS256 {
            let set: Value = serde_json::from_str(&self.json)?;
            let secret = set.pointer("/keys/0/k").and_then(Value::as_str).context("no secret")?;
            ("SECRET", STANDARD.encode(URL_SAFE_NO_PAD.decode(secret)?))
        } else {
            ("JWKS", self.jwks())
        };
        let own = [
            key,
            ("ALGORITHM", format!("{:?}", self.algorithm)),
            ("AUDIENCE", "dashboard".to_owned()),
            ("ISSUER", "https://issuer.example".to_owned()),
        ];
        Ok(own.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Returns an access token that is valid for some minutes.
    ///
    /// # Errors
    /// If it cannot be signed.
    fn token(&self) -> anyhow::Result<String> {
        let draft = doubles::access_draft(SystemClock.now().timestamp());
        Ok(self.set.sign(&draft)?.expose().to_owned())
    }

    /// Returns requests to an authorizer of an HTTP API, in payload format 2.0. The authorizer must allow them.
    ///
    /// # Errors
    /// If the sample event cannot be read, or the token cannot be signed.
    pub(crate) fn requests(&self, checkout: &Path) -> anyhow::Result<Box<dyn Requests>> {
        let mut event = sample(checkout, "authorizer")?;
        let bearer = format!("Bearer {}", self.token()?);
        for (name, value) in HEADERS {
            event["headers"][name] = json!(value);
        }
        event["headers"]["authorization"] = json!(bearer);
        event["identitySource"][0] = json!(bearer);
        Ok(Box::new(Allowed(event.to_string())))
    }
}

/// Reads a sample event of the repository.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn sample(checkout: &Path, name: &str) -> anyhow::Result<Value> {
    let path = checkout.join(format!("events/{name}.json"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// One event that is sent again and again. The authorizer must allow it.
#[derive(Debug)]
struct Allowed(String);

impl Requests for Allowed {
    fn next_event(&mut self) -> anyhow::Result<String> {
        Ok(self.0.clone())
    }

    fn check(&mut self, answer: &str) -> anyhow::Result<()> {
        let parsed: Value = serde_json::from_str(answer)?;
        let simple = parsed["isAuthorized"].as_bool();
        let effect = parsed
            .pointer("/policyDocument/Statement/0/Effect")
            .and_then(Value::as_str);
        if simple != Some(true) && effect != Some("Allow") {
            bail!("a good token was refused: {answer}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorizer_that_refuses_is_an_error() {
        let mut allowed = Allowed(String::new());
        let policy = |effect: &str| json!({"policyDocument": {"Statement": [{"Effect": effect}]}}).to_string();

        assert!(allowed.check("{\"isAuthorized\":true}").is_ok());
        assert!(allowed.check(&policy("Allow")).is_ok());
        for refusal in ["{\"isAuthorized\":false}", "{}", &policy("Deny")] {
            assert!(allowed.check(refusal).is_err(), "{refusal}");
        }
    }

    #[test]
    fn an_event_has_2_to_4_kb_with_every_algorithm() {
        let checkout = local::find_checkout(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
            let event = Keys::new(algorithm)
                .unwrap()
                .requests(&checkout)
                .unwrap()
                .next_event()
                .unwrap();

            assert!((2_000..4_000).contains(&event.len()), "{algorithm:?}: {}", event.len());
        }
    }
}
