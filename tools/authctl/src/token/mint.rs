//! `authctl token mint` signs an access token, for sample events and for tests of other APIs.

use std::path::Path;

use anyhow::{Context as _, ensure};
use auth::{
    session::{ClientDetails, Session, access_draft},
    user::{Email, NewUser, User},
};
use claims::{Access, KeySet, Lifetimes, Moment, SessionId, Span, TokenId, TokenTerms};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::arguments::Mint;

/// The placeholder for a token in the sample events.
const PLACE: &str = "no.real.token";

/// Signs a token with the key set of a folder.
pub(crate) fn sign(
    command: &Mint,
    keys: &Path,
    now: Moment,
    rng: &mut impl CryptoRng,
) -> anyhow::Result<Zeroizing<String>> {
    let path = keys.join("access-keys.json");
    let json = std::fs::read_to_string(&path).map(Zeroizing::new);
    let json = json.with_context(|| format!("cannot read {}: pass --keys, or run `cargo dev` once", path.display()))?;
    let keys = KeySet::<Access>::from_json(&json)?;
    let new = NewUser {
        email: Email::parse("minted@example.com")?,
        role: command.role.clone(),
        scope: command.scope.clone(),
    };
    let user = User::new(command.sub.clone(), new, now.timestamp());
    let life = Span::seconds(command.seconds);
    let terms = TokenTerms {
        issuer: command.parties.issuer.clone(),
        audience: command.parties.audience.clone(),
        client_id: "authctl".parse()?,
        lifetimes: Lifetimes {
            access: life,
            idle: life,
            absolute: life,
        },
    };
    let (jti, sid) = (TokenId::draw(now, rng), SessionId::draw(now, rng));
    let session = Session::open(&user, sid, ClientDetails::default(), now, &terms);
    let draft = access_draft(&user, &session, now, jti, &terms);
    Ok(Zeroizing::new(keys.sign(&draft)?.expose().to_owned()))
}

/// Returns the token, or the sample event with the token in place of the placeholder.
pub(crate) fn place_in_event(token: &str, event: Option<&Path>) -> anyhow::Result<String> {
    let Some(path) = event else {
        return Ok(token.to_owned());
    };
    let event = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(event.contains(PLACE), "{} has no placeholder {PLACE}", path.display());
    Ok(event.replace(PLACE, token))
}
