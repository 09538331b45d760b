//! The parts of a world: times, keys, requests and values.

use std::sync::{Arc, OnceLock};

use auth::{
    factor::FactorKeys,
    keys::{KeySets, RefreshKeys},
    login::LoginRequest,
    password::{HashCost, Hasher, Password},
    session::ClientDetails,
    user::Email,
};
use claims::{Algorithm, Clock, Delivery, KeySet, Lifetimes, Moment, Span, Timestamp, TokenTerms, Unverified};
use rand::{SeedableRng as _, rngs::StdRng};

use super::NOW;

/// Returns the moment this many seconds after the beginning.
pub(crate) fn after(seconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_add(seconds.saturating_mul(1000)))
}

/// A clock that stands still this many seconds after the beginning.
pub(crate) struct At(pub(crate) u64);

impl Clock for At {
    fn now(&self) -> Moment {
        after(self.0)
    }
}

/// Makes a login request that asks for the refresh token in the body.
pub(crate) fn request<'a>(
    (email, password): (&'a Email, &'a Password),
    device_token: Option<&'a str>,
) -> LoginRequest<'a> {
    LoginRequest {
        email,
        password,
        device_token: device_token.and_then(|token| Unverified::parse(token).ok()),
        delivery: Delivery::Body,
        client: client(),
    }
}

/// Returns the details of a client.
pub(crate) fn client() -> ClientDetails {
    client_at("192.0.2.1")
}

/// Returns the details of a client at this IP address.
pub(crate) fn client_at(ip: &str) -> ClientDetails {
    ClientDetails {
        ip: Some(ip.to_owned()),
        user_agent: Some("test".to_owned()),
        label: None,
    }
}

/// Makes key sets that become active at `activates_at`.
pub(crate) fn keys(activates_at: u64) -> KeySets {
    static ACCESS: OnceLock<String> = OnceLock::new();
    let access = ACCESS.get_or_init(|| {
        let access = keygen::access_key_set(Algorithm::RS256, Timestamp::new(0), &mut rng()).unwrap();
        access.to_string()
    });
    let access = access.replace(r#""activates_at":0"#, &format!(r#""activates_at":{activates_at}"#));
    KeySets {
        access: Arc::new(KeySet::from_json(&access).unwrap()),
        refresh: refresh_keys(&keygen::refresh_key_set(Timestamp::new(activates_at), &mut rng())),
    }
}

pub(super) fn refresh_keys(json: &str) -> Arc<RefreshKeys> {
    Arc::new(RefreshKeys::new(KeySet::from_json(json).unwrap(), &terms().issuer))
}

/// Returns the keys that seal seeds.
pub(crate) fn factor_keys() -> FactorKeys {
    FactorKeys::from_json(r#"{"current":"0123456789abcdefghijklmnopqrstuv"}"#).unwrap()
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub(crate) fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

/// Makes a hasher with the lowest cost.
pub(crate) fn hasher() -> Hasher {
    Hasher::new(HashCost::MIN)
}

pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

pub(super) fn terms() -> TokenTerms {
    TokenTerms {
        issuer: "https://issuer.example".parse().unwrap(),
        audience: "dashboard".parse().unwrap(),
        client_id: "gatehouse".parse().unwrap(),
        lifetimes: Lifetimes {
            access: Span::seconds(900),
            idle: Span::seconds(3_600),
            absolute: Span::seconds(6_000),
        },
    }
}
