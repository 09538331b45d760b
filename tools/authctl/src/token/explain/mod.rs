//! `authctl token explain` makes the authorizer's checks one by one, without a gateway.

mod check;
mod route;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::Context as _;
use claims::{Access, Jwks, KeySet, Refusal, Timestamp, Unverified, Verifier, VerifyingKeys};
use rules::{Called, Rules};
use zeroize::Zeroizing;

pub(crate) use self::route::{called, rules};
use self::{
    check::{Check, Finding},
    route::check_route,
};
use super::arguments::Parties;

/// Reads the verifying keys in a folder: from `jwks.json` if it can be read, or else from `access-keys.json`.
pub(crate) fn keys(folder: &Path) -> anyhow::Result<VerifyingKeys<Access>> {
    let (public, private) = (folder.join("jwks.json"), folder.join("access-keys.json"));
    if let Ok(json) = std::fs::read_to_string(&public) {
        let jwks = Jwks::from_json(&json).with_context(|| public.display().to_string())?;
        return Ok(jwks.verifying_keys()?);
    }
    let json = std::fs::read_to_string(&private).map(Zeroizing::new);
    let json = json.with_context(|| format!("cannot read {} or {}", public.display(), private.display()))?;
    let keys = KeySet::<Access>::from_json(&json).with_context(|| private.display().to_string())?;
    Ok(keys.verifying_keys())
}

/// Returns all checks with their results. The last one is the decision.
pub(crate) fn run_checks(
    token: &str,
    called: &Called,
    parties: Parties,
    keys: VerifyingKeys<Access>,
    rules: &Rules,
    now: Timestamp,
) -> Vec<Check> {
    let verifier = Verifier::access(parties.issuer, parties.audience, keys);
    let outcome = Unverified::parse(token).and_then(|token| verifier.verify(&token, now));
    let mut checks = check_token(outcome.as_ref().err());
    match outcome {
        Ok(claims) => {
            checks.push(Check::new("not revoked", Finding::NotMade, "this needs the feed"));
            checks.extend(check_route(&claims, called, rules, now));
        }
        Err(refusal) => {
            let detail = format!("refused, {}: 401, or 403 on an HTTP API", refusal.reason());
            checks.push(Check::new("decision", Finding::Failed, &detail));
        }
    }
    checks
}

fn check_token(refusal: Option<&Refusal>) -> Vec<Check> {
    let row = |check: &claims::Check| match refusal {
        Some(refusal) if *check == refusal.check() => Check::new(name(*check), Finding::Failed, &refusal.to_string()),
        Some(refusal) if *check > refusal.check() => Check::new(name(*check), Finding::NotReached, ""),
        Some(_) | None => Check::new(name(*check), Finding::Passed, ""),
    };
    claims::Check::ALL.iter().map(row).collect()
}

/// Returns the name of a check in the output.
const fn name(check: claims::Check) -> &'static str {
    match check {
        claims::Check::Length => "length",
        claims::Check::Encoding => "three base64url parts",
        claims::Check::Header => "header is an object",
        claims::Check::Type => "typ",
        claims::Check::KeyId => "kid",
        claims::Check::KnownKey => "key is known",
        claims::Check::Algorithm => "alg is the key's",
        claims::Check::OtherHeaders => "nothing else in the header",
        claims::Check::Signature => "signature",
        claims::Check::Claims => "claims are an object",
        claims::Check::Issuer => "iss",
        claims::Check::Audience => "aud",
        claims::Check::Dates => "dates are dates",
        claims::Check::Expiry => "exp",
        claims::Check::NotBefore => "nbf",
        claims::Check::IssueTime => "iat",
        claims::Check::OwnClaims => "claims of an access token",
    }
}
