//! The tokens of links, as the mailer signs them, for requests that need one.

use auth::{
    attempts::PseudonymKey,
    keys::{LinkKeys, Signer as _},
    mail::{Lives, MailKeys, MailTo, Purpose},
    user::Email,
};
use claims::{Draft, Issuer, KeySet, LinkBinding, LinkClaims, Span, Timestamp, TokenId, UserId};
use futures::executor::block_on;

use crate::{
    EMAIL, NOW,
    keys::{MAIL_KEY, PSEUDONYM_KEY, refresh_keys},
};

/// Returns the token of a link that finishes the registration of this address.
#[must_use]
pub fn register_link(email: &str) -> String {
    let mail = sealed(Purpose::Register, email);
    sign(
        UserId::new(NOW, [7; 10]),
        Lives::REGISTER,
        LinkClaims::Register { mail },
    )
}

/// Returns the token of a link that sets a new password of the stack's user, who has this id.
#[must_use]
pub fn reset_link(user_id: &str) -> String {
    let own = LinkClaims::Reset(binding());
    sign(UserId::parse(user_id).unwrap(), Lives::RESET, own)
}

/// Returns the token of a link that moves the stack's user, who has this id, to another address.
#[must_use]
pub fn address_link(user_id: &str, email: &str) -> String {
    let own = LinkClaims::AddressNew {
        bound: binding(),
        mail: sealed(Purpose::AddressNew, email),
    };
    sign(UserId::parse(user_id).unwrap(), Lives::ADDRESS, own)
}

/// Returns the token of a link that keeps the account of the stack's user, who has this id.
#[must_use]
pub fn keep_link(user_id: &str) -> String {
    let LinkBinding { address, .. } = binding();
    let user_id = UserId::parse(user_id).unwrap();
    sign(
        user_id,
        Span::seconds(14 * 24 * 60 * 60),
        LinkClaims::KeepAccount { address },
    )
}

/// Returns what a link for the stack's user is bound to.
fn binding() -> LinkBinding {
    let pseudonyms = PseudonymKey::parse(PSEUDONYM_KEY).unwrap();
    LinkBinding {
        password_changed_at: NOW.timestamp(),
        address: pseudonyms
            .hash_address(&Email::parse(EMAIL).unwrap())
            .as_str()
            .to_owned(),
    }
}

fn sealed(purpose: Purpose, email: &str) -> String {
    let to = MailTo {
        email: Email::parse(email).unwrap(),
        language: None,
        asked_at: NOW,
    };
    let keys = MailKeys::from_json(MAIL_KEY).unwrap();
    keys.seal(purpose, &to, &mut config::random()).unwrap().to_base64()
}

fn sign(sub: UserId, life: Span, own: LinkClaims) -> String {
    let issuer: Issuer = "https://issuer.example".parse().unwrap();
    let keys = LinkKeys::new(KeySet::from_json(refresh_keys()).unwrap(), &issuer);
    let iat: Timestamp = NOW.timestamp();
    let draft = Draft {
        aud: issuer.as_link_audience(),
        iss: issuer,
        sub,
        jti: TokenId::draw(NOW, &mut config::random()),
        iat,
        exp: iat.plus(life),
        own,
    };
    block_on(keys.sign(&draft)).unwrap().expose().to_owned()
}
