//! Verified access tokens, and the keys that sign them.

use std::sync::OnceLock;

use claims::{
    Access, AccessClaims, Audience, Claims, Draft, Issuer, Jwks, KeySet, Span, Timestamp, Unverified, Verifier,
};
use rand::{SeedableRng as _, rngs::StdRng};

/// The time at which every test begins.
pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);

/// Returns the keys that sign the tokens. They are made once, because making RSA keys is slow.
pub(crate) fn keys() -> KeySet<Access> {
    static JSON: OnceLock<String> = OnceLock::new();
    let json = JSON.get_or_init(|| {
        let rng = &mut StdRng::seed_from_u64(1);
        keygen::access_key_set(claims::Algorithm::RS256, Timestamp::new(0), rng)
            .unwrap()
            .to_string()
    });
    KeySet::from_json(json).unwrap()
}

/// Returns the public halves of the keys.
pub(crate) fn jwks() -> Jwks {
    keys().jwks()
}

/// Returns the claims of a verified token in this session of a user.
pub(crate) fn token(user: &str, sid: &str, epoch: u64, issued_at: Timestamp) -> Claims<Access> {
    let (issuer, audience) = (
        Issuer::parse("https://issuer.example").unwrap(),
        Audience::parse("api").unwrap(),
    );
    let draft: Draft<Access> = Draft {
        iss: issuer.clone(),
        aud: audience.clone(),
        sub: user.parse().unwrap(),
        jti: "token".parse().unwrap(),
        iat: issued_at,
        exp: issued_at.plus(Span::seconds(900)),
        own: AccessClaims {
            sid: sid.parse().unwrap(),
            epoch,
            ..doubles::access_claims(issued_at)
        },
    };
    let signed = keys().sign(&draft).unwrap();
    let verifier = Verifier::access(issuer, audience, keys().verifying_keys());
    verifier
        .verify(&Unverified::parse(signed.expose()).unwrap(), issued_at)
        .unwrap()
}
