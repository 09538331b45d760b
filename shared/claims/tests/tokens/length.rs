//! The longest refresh and access tokens that a deployment can issue are within their limits.

use claims::{
    Access, AccessClaims, Acr, Algorithm, Amr, Audience, ClientId, Delivery, Draft, Issuer, KeyId, KeySet, Method,
    Moment, Refresh, RefreshClaims, Role, Scope, SessionId, SignError, SignedToken, SigningInput, Timestamp, TokenId,
    TokenKind as _, UserClaims, UserId,
};
use serde_json::{Map, Value, json};

/// The last timestamp of eleven digits, in the year 5138.
const LATE: Timestamp = Timestamp::new(99_999_999_999);
/// The longest `kid` that a key set accepts.
const KID: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
/// The longest signature, which is that of a 4096-bit RSA key.
const SIGNATURE: [u8; 512] = [0xff; 512];

#[test]
fn the_longest_refresh_token_fits_into_its_cookie() {
    let secret = "mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU";
    let json = format!(r#"{{"keys":[{{"kid":"{KID}","alg":"HS256","activates_at":0,"k":"{secret}"}}]}}"#);

    let token = KeySet::<Refresh>::from_json(&json)
        .unwrap()
        .sign(&longest_refresh_draft())
        .unwrap();

    assert!(token.expose().len() <= Refresh::MAX_LENGTH);
    assert!(format!("__Host-refresh={}", "x".repeat(Refresh::MAX_LENGTH)).len() <= 768);
}

#[test]
fn user_claims_of_the_maximum_length_fit_into_every_access_token() {
    let scope = "s".repeat(UserClaims::MAX_LENGTH - as_json("").len());
    assert_eq!(as_json(&scope).len(), UserClaims::MAX_LENGTH);

    let longest = sign(&longest_access_draft(&scope)).unwrap();

    // One more byte adds one or two characters, because base64 encodes three bytes as four characters.
    assert!(longest.expose().len() > Access::MAX_LENGTH - 2);
    assert_eq!(
        sign(&longest_access_draft(&format!("{scope}s"))).unwrap_err(),
        SignError::TooLong { limit: 2125 }
    );
}

#[test]
fn the_excess_of_user_claims_counts_what_json_makes_of_them() {
    let excess = |scope: &str, email: &str| {
        let (scope, role) = (Scope::parse(scope).unwrap(), Role::parse("admin").unwrap());
        let claims = UserClaims {
            scope: &scope,
            role: &role,
            email,
            custom: &Map::from_iter([("tenant".to_owned(), json!({"id": 7}))]),
        };
        claims.excess()
    };
    let full = UserClaims::MAX_LENGTH - r#"{"scope":"","role":"admin","email":"","tenant":{"id":7}}"#.len();

    assert_eq!(excess("", ""), 0);
    assert_eq!(excess(&"s".repeat(full), ""), 0);
    assert_eq!(excess(&"s".repeat(full + 3), ""), 3);
    assert_eq!(excess(&"s".repeat(full - 2), r#"""#), 0);
    assert_eq!(excess(&"s".repeat(full - 2), r#"\""#), 2);
}

/// Returns a token with a signature as long as that of the largest key.
fn sign(draft: &Draft<Access>) -> Result<SignedToken<Access>, SignError> {
    let kid = KeyId::parse(KID).unwrap();
    SigningInput::new(draft, &kid, Algorithm::RS256)?.join(&SIGNATURE)
}

/// Returns the JSON of the [`UserClaims`] in the [`longest_access_draft`] with this scope.
fn as_json(scope: &str) -> String {
    format!(r#"{{"scope":"{scope}","role":"r","email":"a@b"}}"#)
}

fn longest_access_draft(scope: &str) -> Draft<Access> {
    Draft {
        iss: Issuer::parse("i".repeat(100)).unwrap(),
        aud: Audience::parse("a".repeat(100)).unwrap(),
        sub: UserId::new(Moment::new(0), [0; 10]),
        jti: TokenId::new(Moment::new(0), [0; 10]),
        iat: LATE,
        exp: LATE,
        own: AccessClaims {
            sid: SessionId::new(Moment::new(0), [0; 10]),
            client_id: ClientId::parse("c".repeat(100)).unwrap(),
            scope: Scope::parse(scope).unwrap(),
            role: Role::parse("r").unwrap(),
            email: "a@b".to_owned(),
            auth_time: LATE,
            amr: Amr::from_names(Method::ALL.iter().map(|method| method.as_str())).unwrap(),
            acr: Acr::Aal1,
            epoch: u64::MAX,
            custom: Map::<String, Value>::new(),
        },
    }
}

fn longest_refresh_draft() -> Draft<Refresh> {
    let iss = Issuer::parse("i".repeat(100)).unwrap();
    let sid = SessionId::new(Moment::new(0), [0; 10]);
    Draft {
        aud: iss.as_audience(),
        iss,
        sub: UserId::new(Moment::new(0), [0; 10]),
        jti: TokenId::from_generation(&sid, u64::MAX),
        iat: LATE,
        exp: LATE,
        own: RefreshClaims {
            sid,
            generation: u64::MAX,
            delivery: Delivery::Cookie,
        },
    }
}
