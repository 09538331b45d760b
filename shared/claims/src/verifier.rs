//! Verification: the checks that a token has to pass before its claims are returned, in a fixed order.

use crate::{
    Access, Audience, Claims, Device, Issuer, LEEWAY, Link, Refresh, Refusal, Second, Timestamp, TokenKind, Unverified,
    VerifyingKeys,
    claims::OwnClaims as _,
    header::Header,
    identifier,
    json::{Member, Members},
    verifying_keys::AcceptedKey,
};

/// The last second of the year 9999. A later time in a token is invalid.
const LATEST: Timestamp = Timestamp::new(253_402_300_799);

/// Verifies tokens of kind `K` from one issuer for one audience.
#[derive(Debug)]
pub struct Verifier<K: TokenKind> {
    issuer: Issuer,
    audience: Audience,
    keys: VerifyingKeys<K::Keys>,
}

impl Verifier<Access> {
    /// Makes a verifier of access tokens that `issuer` signed with one of `keys` for the API `audience`.
    #[must_use]
    pub const fn access(issuer: Issuer, audience: Audience, keys: VerifyingKeys<Access>) -> Self {
        Self { issuer, audience, keys }
    }
}

impl Verifier<Refresh> {
    /// Makes a verifier of refresh tokens that `issuer` signed with one of `keys`. Their audience is the issuer.
    #[must_use]
    pub fn refresh(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_audience(),
            issuer,
            keys,
        }
    }

    /// Verifies a refresh token, but does not check that it is valid at `now`. A logout can therefore still end a
    /// session whose refresh token has expired. `now` only determines which keys have retired.
    ///
    /// # Errors
    /// If any check of [`Verifier::verify`] fails, except [`Refusal::Expired`], [`Refusal::NotYetValid`] and
    /// [`Refusal::IssuedInFuture`].
    pub fn verify_of_any_age(
        &self,
        token: &Unverified<'_, Refresh>,
        now: Timestamp,
    ) -> Result<Claims<Refresh>, Refusal> {
        let key = self.key_for(token, now)?;
        let mut members = self.signed_members(token, key)?;
        let dates = Dates::take(&mut members)?;
        claims_of(members, &dates)
    }
}

impl Verifier<Device> {
    /// Makes a verifier of device tokens that `issuer` signed with one of `keys`.
    #[must_use]
    pub fn device(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_device_audience(),
            issuer,
            keys,
        }
    }
}

impl Verifier<Link> {
    /// Makes a verifier of link tokens that `issuer` signed with one of `keys`.
    #[must_use]
    pub fn link(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_link_audience(),
            issuer,
            keys,
        }
    }
}

impl Verifier<Second> {
    /// Makes a verifier of the tokens of second steps that `issuer` signed with one of `keys`.
    #[must_use]
    pub fn second(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_second_audience(),
            issuer,
            keys,
        }
    }
}

impl<K: TokenKind> Verifier<K> {
    /// Verifies a token as of `now` (RFC 7519 s7.2).
    ///
    /// # Errors
    /// If any check fails. The error is that of the first check that fails. Nothing in the token is trusted before its
    /// signature is verified.
    pub fn verify(&self, token: &Unverified<'_, K>, now: Timestamp) -> Result<Claims<K>, Refusal> {
        let key = self.key_for(token, now)?;
        let mut members = self.signed_members(token, key)?;
        let dates = Dates::take(&mut members)?;
        dates.check(now)?;
        let claims = claims_of(members, &dates)?;
        key.remember(token.header());
        Ok(claims)
    }

    /// Returns the key that the token names, if its header is valid for this kind of token and for the key. A header
    /// that is remembered was valid before, and the key is still the same.
    fn key_for(&self, token: &Unverified<'_, K>, now: Timestamp) -> Result<&AcceptedKey, Refusal> {
        if let Some(key) = self.keys.find_by_header(token.header(), now) {
            return Ok(key);
        }
        let header = Header::parse(token.header())?;
        header.check_type(K::TYP)?;
        let kid = header.key_id()?;
        let key = self.keys.find(&kid, now).ok_or(Refusal::UnknownKey(kid))?;
        header.check_for(key.key())?;
        Ok(key)
    }

    /// Returns the claims of a token after checking its signature, issuer and audience.
    fn signed_members<'a>(&self, token: &'a Unverified<'_, K>, key: &AcceptedKey) -> Result<Members<'a>, Refusal> {
        let mut members = Members::parse(token.verify(key.key())?).ok_or(Refusal::MalformedClaims)?;
        self.check_issuer(&mut members)?;
        self.check_audience(&mut members)?;
        Ok(members)
    }

    /// Removes `iss` and checks that it is exactly the expected issuer (RFC 7519 s4.1.1, RFC 9068 s4).
    fn check_issuer(&self, members: &mut Members<'_>) -> Result<(), Refusal> {
        let issuer = members
            .remove("iss")
            .and_then(Member::into_text)
            .ok_or(Refusal::NoIssuer)?;
        (issuer == self.issuer.as_str())
            .then_some(())
            .ok_or(Refusal::WrongIssuer)
    }

    /// Removes `aud` and checks that it is or contains the expected audience (RFC 7519 s4.1.3, RFC 9068 s4).
    fn check_audience(&self, members: &mut Members<'_>) -> Result<(), Refusal> {
        let is_ours = |audience: &str| audience == self.audience.as_str();
        let contains_ours = match members.remove("aud").ok_or(Refusal::NoAudience)? {
            Member::Text(one) => is_ours(&one),
            several @ Member::Other(_) => {
                let several: Vec<String> = several.read().ok_or(Refusal::NoAudience)?;
                several.iter().any(|audience| is_ours(audience))
            }
        };
        contains_ours.then_some(()).ok_or(Refusal::WrongAudience)
    }
}

/// The claims about a token's lifetime.
struct Dates {
    exp: Timestamp,
    nbf: Option<Timestamp>,
    iat: Timestamp,
}

impl Dates {
    fn take(members: &mut Members<'_>) -> Result<Self, Refusal> {
        let date = |member: Member<'_>| member.read().filter(|date| *date <= LATEST);
        let mut take = |name| members.remove(name).map(date);
        Ok(Self {
            exp: take("exp").flatten().ok_or(Refusal::NoExpiry)?,
            nbf: take("nbf")
                .map(|date| date.ok_or(Refusal::MalformedNotBefore))
                .transpose()?,
            iat: take("iat").flatten().ok_or(Refusal::NoIssueTime)?,
        })
    }

    /// Checks that a token with these times is valid at `now`, within the leeway.
    fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        if now >= self.exp.plus(LEEWAY) {
            return Err(Refusal::Expired);
        }
        if self.nbf.is_some_and(|at| at > now.plus(LEEWAY)) {
            return Err(Refusal::NotYetValid);
        }
        if self.iat > now.plus(LEEWAY) {
            return Err(Refusal::IssuedInFuture);
        }
        Ok(())
    }
}

fn claims_of<K: TokenKind>(mut members: Members<'_>, dates: &Dates) -> Result<Claims<K>, Refusal> {
    let sub = members.take("sub").ok_or(Refusal::NoSubject)?;
    if K::HAS_SESSION && !members.text("sid").is_some_and(identifier::is_valid) {
        return Err(Refusal::NoSessionId);
    }
    Ok(Claims {
        sub,
        jti: members.take("jti").ok_or(Refusal::NoTokenId)?,
        iat: dates.iat,
        exp: dates.exp,
        own: K::Claims::read(members).ok_or(Refusal::MalformedOwnClaims)?,
    })
}

#[cfg(test)]
mod tests {
    use std::iter;

    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;
    use crate::{KeyId, SigningKey, Span};

    const NOW: Timestamp = Timestamp::new(1_700_000_000);
    const SECRET: &str = "mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU";

    /// Nobody without the key can choose which header is remembered.
    #[test]
    fn only_the_header_of_a_good_token_is_remembered() {
        let good = token(r#"{"typ":"dt+jwt","kid":"one","alg":"HS256"}"#, &claims());
        let (input, _) = good.rsplit_once('.').unwrap();
        let with = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            token(r#"{"typ":"dt+jwt","kid":"one","alg":"HS256"}"#, &claims)
        };
        let verifier = verifier();
        let is_remembered = |token: &str| {
            let token = Unverified::<Device>::parse(token).unwrap();
            verifier.keys.find_by_header(token.header(), NOW).is_some()
        };

        for bad in [
            format!("{input}.AA"),
            with("iss", json!("other")),
            with("aud", json!("other")),
            with("exp", json!(1)),
            with("sub", json!(1)),
            with("device", json!(1)),
        ] {
            assert!(verify(&verifier, &bad).is_err() && !is_remembered(&bad), "{bad}");
        }
        assert!(verify(&verifier, &good).is_ok() && is_remembered(&good));
    }

    #[test]
    fn the_first_header_of_a_key_is_remembered_and_no_other() {
        let first = token(r#"{"typ":"dt+jwt","kid":"one","alg":"HS256"}"#, &claims());
        let other = token(r#"{"alg":"HS256","kid":"one","typ":"dt+jwt"}"#, &claims());
        let verifier = verifier();

        assert!(
            [&first, &other, &first]
                .map(|token| verify(&verifier, token))
                .iter()
                .all(Result::is_ok)
        );

        let [first, other] = [&first, &other].map(|token| Unverified::<Device>::parse(token).unwrap());
        assert!(verifier.keys.find_by_header(first.header(), NOW).is_some());
        assert!(verifier.keys.find_by_header(other.header(), NOW).is_none());
    }

    fn verify(verifier: &Verifier<Device>, token: &str) -> Result<Claims<Device>, Refusal> {
        verifier.verify(&Unverified::parse(token)?, NOW)
    }

    fn verifier() -> Verifier<Device> {
        let key = (KeyId::parse("one").unwrap(), None, key().verifying_key().clone());
        Verifier::device("joe".parse().unwrap(), VerifyingKeys::new(iter::once(key)))
    }

    fn key() -> SigningKey {
        SigningKey::hs256(SECRET).unwrap()
    }

    fn claims() -> Value {
        json!({
            "iss": "joe", "aud": "joe#device", "sub": "user-1", "jti": "token-1", "iat": NOW,
            "exp": NOW.plus(Span::seconds(900)), "device": "device-1", "password_changed_at": NOW,
        })
    }

    fn token(header: &str, claims: &Value) -> String {
        let [header, claims] = [header.to_owned(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        let input = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(key().sign(input.as_bytes()).unwrap());
        format!("{input}.{signature}")
    }
}
