//! A second factor for the user of a stack, and the tokens and codes that requests need.

use std::sync::Arc;

use crate::{
    NOW, Stack,
    keys::{FACTOR_KEY, access_keys, refresh_keys},
};
use auth::{
    factor::{FactorKeys, RecoveryCode, SECOND_STEP_LIFE, Seed, Step},
    keys::{KeySets, RefreshKeys, Signer},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use claims::{
    Delivery, DeviceId, Draft, Issuer, KeySet, Moment, Second, SecondClaims, SessionId, Timestamp, TokenId, UserId,
};
use futures::executor::block_on;

/// A recovery code of every user who got their factor from [`Stack::add_factor`].
pub const RECOVERY_CODE: &str = "4-ABCDEF-GHIJKL-MNOPQR-STUVWX";

/// Returns the code of the app at this time.
#[must_use]
pub fn factor_code(at: Moment) -> String {
    seed().code(Step::at(at.timestamp()))
}

/// Returns the token between the two steps of a login of this user, whose epoch is 0.
#[must_use]
pub fn second_token(user_id: &str) -> String {
    second_token_after(user_id, NOW.timestamp())
}

/// Returns the token of a login with a password that was set at this time. Codes after it are counted in a lane of their
/// own.
#[must_use]
pub fn second_token_after(user_id: &str, password_changed_at: Timestamp) -> String {
    let issuer: Issuer = "https://issuer.example".parse().unwrap();
    let keys = KeySets {
        access: Arc::new(KeySet::from_json(access_keys()).unwrap()),
        refresh: Arc::new(RefreshKeys::new(KeySet::from_json(refresh_keys()).unwrap(), &issuer)),
    };
    let rng = &mut config::random();
    let draft: Draft<Second> = Draft {
        aud: issuer.as_second_audience(),
        iss: issuer,
        sub: UserId::parse(user_id).unwrap(),
        jti: TokenId::draw(NOW, rng),
        iat: NOW.timestamp(),
        exp: NOW.timestamp().plus(SECOND_STEP_LIFE),
        own: SecondClaims {
            sid: SessionId::draw(NOW, rng),
            password_changed_at,
            epoch: 0,
            delivery: Delivery::Body,
            label: None,
            device: DeviceId::draw(NOW, rng),
            is_known_device: false,
        },
    };
    let token = block_on(Signer::<Second>::sign(&keys, &draft)).unwrap();
    token.expose().to_owned()
}

/// Returns the enrolment of the app in this session.
#[must_use]
pub fn enrolment(user_id: &str, sid: &str) -> String {
    let (user_id, sid) = (UserId::parse(user_id).unwrap(), SessionId::parse(sid).unwrap());
    let enrolment = factor_keys().seal_enrolment((&user_id, &sid), &seed(), NOW.timestamp(), &mut config::random());
    enrolment.unwrap()
}

impl Stack {
    /// Gives the user an app and a recovery code, as if they had added it long ago: no session ends.
    pub async fn add_factor(&self) {
        let sealed = factor_keys()
            .seal(&self.user.id, &seed(), &mut config::random())
            .unwrap();
        let number = |value: u64| AttributeValue::N(value.to_string());
        let bytes = |bytes: &[u8]| AttributeValue::B(Blob::new(bytes));
        let put = self
            .client()
            .put_item()
            .table_name(format!("FactorsTable{}", self.suffix()))
            .item("key", AttributeValue::S(format!("factors#{}", self.user.id)))
            .item("totp_sealed", bytes(sealed.as_bytes()))
            .item("totp_added_at", number(1))
            .item("totp_step", number(1))
            .item(
                "recovery_4",
                bytes(RecoveryCode::parse(RECOVERY_CODE).unwrap().hash().as_bytes()),
            );
        put.send().await.unwrap();
        let kinds = AttributeValue::S("totp".to_owned());
        self.set("UsersTable", [("user_id", self.user.id.as_str())], "factors", kinds)
            .await;
    }

    /// Makes a session one in which the user has proven the factor.
    pub async fn prove_factor(&self, sid: &str) {
        let methods = ["pwd", "otp", "mfa"].map(|method| AttributeValue::S(method.to_owned()));
        let key = [("user_id", self.user.id.as_str()), ("sid", sid)];
        self.set("RefreshTokensTable", key, "amr", AttributeValue::L(methods.into()))
            .await;
    }

    pub(crate) async fn set<const N: usize>(
        &self,
        table: &str,
        key: [(&str, &str); N],
        name: &str,
        value: AttributeValue,
    ) {
        let update = self
            .client()
            .update_item()
            .table_name(format!("{table}{}", self.suffix()))
            .update_expression("SET #name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value);
        let update = key.into_iter().fold(update, |update, (name, value)| {
            update.key(name, AttributeValue::S(value.to_owned()))
        });
        update.send().await.unwrap();
    }
}

fn seed() -> Seed {
    Seed::from_bytes(b"12345678901234567890").unwrap()
}

fn factor_keys() -> FactorKeys {
    FactorKeys::from_json(FACTOR_KEY).unwrap()
}
