//! `authctl token inspect` decodes a token without verifying it.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Returns the header, the claims and the length of a token. The token is not checked, and its signature is left out.
pub(crate) fn read(token: &str) -> anyhow::Result<Value> {
    let mut parts = token.split('.');
    let mut part = |name: &str| -> anyhow::Result<Value> {
        let text = parts.next().with_context(|| format!("the token has no {name}"))?;
        let bytes = URL_SAFE_NO_PAD.decode(text);
        let bytes = bytes.with_context(|| format!("the {name} is not base64url"))?;
        serde_json::from_slice(&bytes).with_context(|| format!("the {name} is not JSON"))
    };
    Ok(json!({
        "verified": false,
        "header": part("header")?,
        "claims": part("claims set")?,
        "bytes": token.len(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_token_is_read_too_and_its_signature_is_not_shown() {
        let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ5b3UifQ.secret";

        let shown = read(token).unwrap();

        let expected = json!({"verified": false, "header": {"alg": "none"}, "claims": {"sub": "you"}, "bytes": 45});
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_shown() {
        for (token, message) in [
            ("", "the header is not JSON"),
            ("e30", "the token has no claims set"),
            ("%%.e30.", "the header is not base64url"),
            ("e30.c2VjcmV0.", "the claims set is not JSON"),
        ] {
            assert_eq!(read(token).unwrap_err().to_string(), message, "{token}");
        }
    }
}
