//! A sample login with its tokens, claims and ids, for the unit tests of the answers in this folder.

use auth::{
    login::{HashUpgrade, LoggedIn},
    session::{EndedSessions, IssuedDevice, IssuedTokens},
};
use claims::{
    Access, Algorithm, Claims, Delivery, Device, DeviceClaims, DeviceId, Draft, Issuer, KeyId, KeySet, Refresh,
    RefreshClaims, SessionId, SignedToken, SigningInput, Span, Timestamp, TokenKind, Unverified, UserId, Verifier,
};

pub(super) const IAT: Timestamp = Timestamp::new(1_700_000_000);

pub(super) fn login(delivery: Delivery) -> LoggedIn {
    LoggedIn {
        user_id: user(),
        tokens: tokens(delivery),
        hash_upgrade: HashUpgrade::NotDue,
        ended: EndedSessions::default(),
        lane: "address",
        device: Some(IssuedDevice {
            token: device_token(),
            expires_in: Device::MAX_LIFE,
        }),
    }
}

pub(super) fn tokens(delivery: Delivery) -> IssuedTokens {
    IssuedTokens {
        access: access_token(),
        expires_in: Span::seconds(900),
        refresh: refresh_token(delivery),
        refresh_expires_in: Span::seconds(604_800),
        delivery,
        scope: "reports:read".parse().unwrap(),
        sid: "session-1".parse().unwrap(),
    }
}

/// Returns an access token with an invalid signature, which answers do not check.
pub(super) fn access_token() -> SignedToken<Access> {
    let draft = draft::<Access>(doubles::access_claims(IAT));
    let input = SigningInput::new(&draft, &KeyId::parse("one").unwrap(), Algorithm::RS256).unwrap();
    input.join(b"signature").unwrap()
}

pub(super) fn refresh_token(delivery: Delivery) -> SignedToken<Refresh> {
    let draft = draft(RefreshClaims {
        sid: "session-1".parse().unwrap(),
        generation: 1,
        delivery,
    });
    refresh_keys().sign(&draft).unwrap()
}

pub(super) fn device_token() -> SignedToken<Device> {
    let draft = draft(DeviceClaims {
        device: DeviceId::parse("device-1").unwrap(),
        password_changed_at: IAT,
        second_at: None,
        second_epoch: None,
    });
    refresh_keys().sign(&draft).unwrap()
}

pub(super) fn claims() -> Claims<Refresh> {
    let verifier = Verifier::refresh(issuer(), refresh_keys().verifying_keys());
    let token = refresh_token(Delivery::Body);
    verifier
        .verify(&Unverified::parse(token.expose()).unwrap(), IAT)
        .unwrap()
}

pub(super) fn refresh_keys() -> KeySet<Refresh> {
    KeySet::from_json(
        r#"{"keys":[{"kid":"one","alg":"HS256","activates_at":0,"k":"mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU"}]}"#,
    )
    .unwrap()
}

pub(super) fn draft<K: TokenKind>(own: K::Claims) -> Draft<K> {
    Draft {
        iss: issuer(),
        aud: issuer().as_audience(),
        sub: user(),
        jti: "token-1".parse().unwrap(),
        iat: IAT,
        exp: IAT.plus(Span::seconds(900)),
        own,
    }
}

pub(super) fn issuer() -> Issuer {
    "https://issuer.example".parse().unwrap()
}

pub(super) fn user() -> UserId {
    "user-1".parse().unwrap()
}

pub(super) fn sid() -> SessionId {
    "session-1".parse().unwrap()
}
