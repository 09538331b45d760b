//! `authctl token mint` signs an access token, for sample events and for tests of other APIs.

use std::path::Path;

use anyhow::{Context as _, ensure};
use claims::{Access, AccessClaims, Draft, KeySet, Millis, Seconds, SessionId, TokenId};
use rand::CryptoRng;
use serde_json::Map;
use zeroize::Zeroizing;

use super::arguments::Mint;

/// The placeholder for a token in the sample events.
const PLACE: &str = "no.real.token";

/// Signs a token with the key set of a folder.
pub(crate) fn sign(
    command: &Mint,
    keys: &Path,
    now: Millis,
    rng: &mut impl CryptoRng,
) -> anyhow::Result<Zeroizing<String>> {
    let path = keys.join("access-keys.json");
    let json = std::fs::read_to_string(&path).map(Zeroizing::new);
    let json = json.with_context(|| format!("cannot read {}: pass --keys, or run `cargo dev` once", path.display()))?;
    let keys = KeySet::<Access>::from_json(&json)?;
    let iat = now.timestamp();
    let draft: Draft<Access> = Draft {
        iss: command.parties.issuer.clone(),
        aud: command.parties.audience.clone(),
        sub: command.sub.clone(),
        jti: TokenId::draw(now, rng),
        iat,
        exp: iat.plus(Seconds::new(command.seconds)),
        own: AccessClaims {
            sid: SessionId::draw(now, rng),
            client_id: "authctl".parse()?,
            scope: command.scope.clone(),
            role: command.role.clone(),
            email: "minted@example.com".to_owned(),
            auth_time: iat,
            epoch: 0,
            custom: Map::new(),
        },
    };
    Ok(Zeroizing::new(keys.sign(&draft)?.expose().to_owned()))
}

/// Returns the token, or the sample event with the token in place of the placeholder.
pub(crate) fn placed(token: &str, event: Option<&Path>) -> anyhow::Result<String> {
    let Some(path) = event else {
        return Ok(token.to_owned());
    };
    let event = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(event.contains(PLACE), "{} has no placeholder {PLACE}", path.display());
    Ok(event.replace(PLACE, token))
}
