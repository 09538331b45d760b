//! A passkey for the user of a stack, and the responses to challenges that requests need.

use auth::{
    factor::{FactorKeys, passkey::confirmation_binding},
    keys::{ChallengeKeys, RefreshKeys},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use claims::{Amr, KeySet, SessionId};
use doubles::Authenticator;
use rand::RngExt as _;
use serde_json::{Value, json};
use webauthn::Purpose;

use crate::{
    NOW, Stack,
    keys::{FACTOR_KEY, refresh_keys},
};

/// The origin of the issuer of every stack.
const ORIGIN: &str = "https://issuer.example";
/// Its host, which is the RP ID.
const RP_ID: &str = "issuer.example";

/// Returns the authenticator with the passkey of every user who got theirs from [`Stack::add_passkey`].
#[must_use]
pub fn authenticator() -> Authenticator {
    let mut authenticator = Authenticator::from_seed(ORIGIN, &[7; 32]);
    authenticator.user_handle = vec![7; 32];
    authenticator
}

/// Returns the response to a challenge for a login.
#[must_use]
pub fn login_response() -> Value {
    let issuer = ORIGIN.parse().unwrap();
    let keys = RefreshKeys::new(KeySet::from_json(refresh_keys()).unwrap(), &issuer);
    respond(&keys.challenges(NOW.timestamp()).unwrap(), Purpose::Login, b"")
}

/// Returns the response to a challenge for the second step that opens this session.
#[must_use]
pub fn second_step_response(sid: &str) -> Value {
    respond(factor_keys().challenges(), Purpose::SecondStep, sid.as_bytes())
}

/// Returns the response to a challenge for the confirmation of this session, which began with a password.
#[must_use]
pub fn confirmation_response(sid: &str) -> Value {
    let sid = SessionId::parse(sid).unwrap();
    let binding = confirmation_binding(&sid, NOW.timestamp(), Amr::PASSWORD);
    respond(factor_keys().challenges(), Purpose::Confirm, &binding)
}

/// Returns a new passkey, made for a challenge of this session.
#[must_use]
pub fn registration_response(sid: &str) -> Value {
    let challenge = challenge(factor_keys().challenges(), Purpose::Register, sid.as_bytes());
    let options = json!({"rp": {"id": RP_ID}, "user": {"id": "Bw"}, "challenge": challenge});
    Authenticator::new(ORIGIN).create(&options)
}

impl Stack {
    /// Gives the user the passkey of [`authenticator`], as if they had added it long ago: no session ends.
    pub async fn add_passkey(&self) {
        let device = authenticator();
        let number = |value: i64| AttributeValue::N(value.to_string());
        let bytes = |bytes: Vec<u8>| AttributeValue::B(Blob::new(bytes));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let passkey = [
            ("id", bytes(device.id_bytes().to_vec())),
            ("alg", number(-8)),
            ("spki", bytes(device.spki())),
            ("counter", number(0)),
            ("backup_eligible", AttributeValue::Bool(false)),
            ("backed_up", AttributeValue::Bool(false)),
            ("rp_id", text(RP_ID)),
            ("user_handle", bytes(device.user_handle.clone())),
            ("aaguid", bytes(vec![0; 16])),
            ("transports", AttributeValue::L(Vec::new())),
            ("label", text("my phone")),
            ("added_at", number(1)),
        ];
        let passkey = passkey.map(|(name, value)| (name.to_owned(), value));
        let table = format!("FactorsTable{}", self.suffix());
        let put = self
            .client()
            .put_item()
            .table_name(&table)
            .item("key", text(&format!("factors#{}", self.user.id)))
            .item(format!("passkey_{}", device.hash()), AttributeValue::M(passkey.into()))
            .item("passkeys", number(1));
        put.send().await.unwrap();
        let owner = self
            .client()
            .put_item()
            .table_name(&table)
            .item("key", text(&format!("passkey#{}", device.hash())))
            .item("user_id", text(self.user.id.as_str()));
        owner.send().await.unwrap();
        self.set(
            "UsersTable",
            [("user_id", self.user.id.as_str())],
            "factors",
            text("passkey"),
        )
        .await;
    }
}

fn respond(keys: &ChallengeKeys, purpose: Purpose, binding: &[u8]) -> Value {
    let options = json!({"rpId": RP_ID, "challenge": challenge(keys, purpose, binding)});
    authenticator().get(&options)
}

fn challenge(keys: &ChallengeKeys, purpose: Purpose, binding: &[u8]) -> String {
    let random = config::random().random();
    keys.issue(purpose, binding, NOW.timestamp(), random).to_base64url()
}

fn factor_keys() -> FactorKeys {
    FactorKeys::from_json(FACTOR_KEY).unwrap()
}
