//! What does not change in a model: the time, the owner, the owner's app, and the keys.

use std::sync::{Arc, LazyLock};

use auth::{
    attempts::PseudonymKey,
    factor::{FactorKeys, SealedSeed, Seed, Step},
    keys::{KeySets, LinkKeys, RefreshKeys},
    mail::MailKeys,
    password::PasswordRule,
    session::ClientDetails,
    user::{Email, FactorKinds, NewUser, User},
};
use claims::{Algorithm, KeySet, Lifetimes, Moment, Span, Timestamp, TokenTerms, UserId};
use rand::{SeedableRng as _, rngs::StdRng};

use crate::store::present;

/// The time of every request. What passes instead is the age of the last code.
pub(crate) const NOW: Moment = Moment::new(1_700_000_000_000);
/// The owner's password. In the stores, it stays when another one is set.
pub(crate) const PASSWORD: &str = "p\u{e4}ssword hunter two";
/// A hash of it that is fast to check.
pub(crate) const HASH: &str = "$pbkdf2-sha256$i=600$fCmZ/a/lkyU81lSvTfrXFA$ASBC4et4jVXSGogf8leenKNBM19T2+LxfbyI09kLKuQ";
/// The password that the owner sets. A short one is checked quickly.
pub(crate) const NEW_PASSWORD: &str = "qv";
/// The key of everything that is sealed or hashed.
const KEY: &str = "0123456789abcdefghijklmnopqrstuv";

/// What does not change in a model.
pub(crate) static SERVICE: LazyLock<Service> = LazyLock::new(Service::new);

/// What does not change in a model.
pub(crate) struct Service {
    pub(crate) user: User,
    pub(crate) email: Email,
    seed: Seed,
    pub(crate) sealed: SealedSeed,
    pub(crate) terms: TokenTerms,
    pub(crate) keys: KeySets,
    pub(crate) factor_keys: FactorKeys,
    pub(crate) mail_keys: MailKeys,
    pub(crate) link_keys: LinkKeys,
    pub(crate) pseudonyms: PseudonymKey,
    pub(crate) password_rule: PasswordRule,
    /// A code that is wrong at every step around the present one.
    pub(crate) wrong_code: String,
}

impl Service {
    fn new() -> Self {
        let rng = &mut StdRng::seed_from_u64(1);
        let terms = terms();
        let email = Email::parse("ada@example.com").unwrap();
        let (seed, sealing) = (Seed::draw(rng), format!(r#"{{"current":"{KEY}"}}"#));
        let factor_keys = FactorKeys::from_json(&sealing).unwrap();
        let access = keygen::access_key_set(Algorithm::ES256, Timestamp::new(0), rng).unwrap();
        let refresh = keygen::refresh_key_set(Timestamp::new(0), rng);
        let refresh = || KeySet::from_json(&refresh).unwrap();
        let new = NewUser {
            email: email.clone(),
            role: "analyst".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
        };
        let right = [-2, -1, 0, 1, 2].map(|offset| code(&seed, offset));
        let mut codes = (0..).map(|number| format!("{number:06}"));
        Self {
            user: User {
                factors: FactorKinds::Totp,
                ..User::new(owner(), new, Timestamp::new(0))
            },
            email,
            sealed: factor_keys.seal(&owner(), &seed, rng).unwrap(),
            wrong_code: codes.find(|code| !right.contains(code)).unwrap(),
            seed,
            keys: KeySets {
                access: Arc::new(KeySet::from_json(&access).unwrap()),
                refresh: Arc::new(RefreshKeys::new(refresh(), &terms.issuer)),
            },
            factor_keys,
            mail_keys: MailKeys::from_json(&sealing).unwrap(),
            link_keys: LinkKeys::new(refresh(), &terms.issuer),
            pseudonyms: PseudonymKey::parse(KEY).unwrap(),
            password_rule: PasswordRule {
                min_length: 2,
                is_common: |_| false,
                service_names: Vec::new(),
            },
            terms,
        }
    }

    /// Returns the code of a step, which is counted from the present one.
    pub(crate) fn code(&self, offset: i64) -> String {
        code(&self.seed, offset)
    }
}

pub(crate) fn owner() -> UserId {
    "owner".parse().unwrap()
}

pub(crate) fn client() -> ClientDetails {
    ClientDetails::default()
}

fn code(seed: &Seed, offset: i64) -> String {
    seed.code(Step::new(present().saturating_add_signed(offset)))
}

fn terms() -> TokenTerms {
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
