//! Adding an app that makes codes. Nothing is written until a first code confirms it.

use std::fmt;

use claims::{Amr, Moment, SessionId, Timestamp, UserId};
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    factor::{
        ChangeFactors, EnrolTotp, FactorError, FactorKeys, Factors, FindFactors, NewTotp, RecoveryCodes, Seed, Totp,
        demand_recent,
    },
    feed::{AnnounceRevocations, Revocation},
    sealing::SealNonce,
    session::{FindSession, LiveCaller, live_caller},
    user::{FactorKinds, FindUser, HasPasskey, HasTotp},
};

/// An app that is to be added, as the person's device gets it.
pub struct Enrolment {
    /// The user.
    pub user_id: UserId,
    /// The seed in base32, for people who type it.
    pub secret: Zeroizing<String>,
    /// The seed with its parameters as an `otpauth` URI, for a QR code.
    pub uri: Zeroizing<String>,
    /// The sealed seed, which the confirmation has to bring back.
    pub enrolment: String,
}

/// A first code, which shows that the app has the seed.
#[derive(Clone, Copy)]
pub struct EnrolmentConfirmation<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made.
    pub sid: &'a SessionId,
    /// What the answer to the enrolment had.
    pub enrolment: &'a str,
    /// The code as it was typed.
    pub code: &'a str,
}

/// An app that was added.
#[derive(Debug)]
pub struct Enrolled {
    /// The user.
    pub user_id: UserId,
    /// The user's recovery codes, if these are the first ones.
    pub recovery: Option<RecoveryCodes>,
}

/// Makes a seed for an app. `name` is what the app shows as the name of the service.
///
/// # Errors
/// If the session is over or too old, the user has an app already, or the store or the keys fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn begin_enrolment(
    user_id: &UserId,
    sid: &SessionId,
    name: &str,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &FactorKeys,
    users: &impl FindUser,
    sessions: &impl FindSession,
) -> Result<Enrolment, FactorError> {
    let seed = Seed::draw(rng);
    let enrolment = keys.seal_enrolment((user_id, sid), &seed, now.timestamp(), rng)?;
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let LiveCaller { user, email, session } = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    demand_recent(&user, &session, now.timestamp()).map_err(|demand| FactorError::demanded(user_id, demand))?;
    if user.factors.has_totp() {
        return Err(FactorError::Conflict(user_id.clone()));
    }
    Ok(Enrolment {
        user_id: user.id,
        secret: seed.to_base32(),
        uri: uri(&seed, name, email.typed()),
        enrolment,
    })
}

/// Adds the app, which uses up the code. All other sessions of the user end, because they have proven no second factor,
/// and this one has proven it. The user gets recovery codes, unless another factor came with some.
///
/// # Errors
/// If the session is over or too old, the code is wrong, the enrolment is over, the user has an app already, another
/// request has changed the user or the session, or the store or the keys fail. If the announcement failed, the app has
/// been added, and the same request succeeds again while its code is valid. It then replaces the recovery codes, which
/// nobody has seen.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn confirm_enrolment(
    confirmation: EnrolmentConfirmation<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &FactorKeys,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &(impl FindFactors + EnrolTotp + ChangeFactors),
    feed: &impl AnnounceRevocations,
) -> Result<Enrolled, FactorError> {
    let EnrolmentConfirmation { user_id, sid, .. } = confirmation;
    let (codes, nonce) = (RecoveryCodes::draw(rng), SealNonce::draw(rng));
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let LiveCaller { user, session, .. } = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    let announce = async |least| {
        let revocation = Revocation::Epoch {
            user_id: user_id.clone(),
            least,
            except: Some(sid.clone()),
        };
        feed.announce(&revocation, now).await
    };
    let refused = || FactorError::Refused {
        user_id: user_id.clone(),
        reason: "wrong_code",
    };
    let seed = keys.open_enrolment((user_id, sid), confirmation.enrolment, now.timestamp());
    let seed = seed.ok_or_else(refused);
    if user.factors.has_totp() {
        let stored = factors.factors(user_id).await?;
        let is_same = seed.is_ok_and(|seed| is_repeated(&stored, &seed, confirmation, keys, now.timestamp()));
        if !is_same || !factors.replace_recovery(user_id, &codes.hashes(), now).await? {
            return Err(FactorError::Conflict(user_id.clone()));
        }
        announce(user.epoch).await?;
        return Ok(Enrolled {
            user_id: user.id,
            recovery: Some(codes),
        });
    }
    demand_recent(&user, &session, now.timestamp()).map_err(|demand| FactorError::demanded(user_id, demand))?;
    let seed = seed?;
    let last_step = seed.step_of(confirmation.code, now.timestamp()).ok_or_else(refused)?;
    let has_codes = !factors.factors(user_id).await?.recovery.is_empty();
    let totp = Totp {
        sealed: keys.seal_with(user_id, &seed, nonce)?,
        added_at: now.timestamp(),
        last_step,
    };
    let hashes = codes.hashes();
    let new = NewTotp {
        session: &session,
        amr: session.amr.with(Amr::PASSWORD_AND_CODE),
        totp: &totp,
        recovery: (!has_codes).then_some(&hashes),
        kinds: FactorKinds::new(HasTotp(true), HasPasskey(user.factors.has_passkey())),
    };
    if !factors.enrol(new, now).await? {
        return Err(FactorError::Overtaken(user_id.clone()));
    }
    announce(session.epoch.saturating_add(1)).await?;
    Ok(Enrolled {
        user_id: user.id,
        recovery: (!has_codes).then_some(codes),
    })
}

/// Returns whether this confirmation has added the stored app, and its answer was lost.
fn is_repeated(
    stored: &Factors,
    seed: &Seed,
    confirmation: EnrolmentConfirmation<'_>,
    keys: &FactorKeys,
    now: Timestamp,
) -> bool {
    let totp = stored.totp.as_ref().filter(|totp| {
        let own = keys.open(confirmation.user_id, &totp.sealed);
        own.is_some_and(|own| own.as_bytes() == seed.as_bytes())
    });
    totp.is_some_and(|totp| seed.step_of(confirmation.code, now) == Some(totp.last_step))
}

/// Returns the URI that apps read from a QR code: the key URI format, which every app supports with these parameters.
fn uri(seed: &Seed, name: &str, address: &str) -> Zeroizing<String> {
    let (name, address) = (encode(name), encode(address));
    let secret = seed.to_base32();
    Zeroizing::new(format!(
        "otpauth://totp/{name}:{address}?secret={}&issuer={name}&algorithm=SHA1&digits=6&period=30",
        secret.as_str()
    ))
}

/// Percent-encodes everything but unreserved characters (RFC 3986 s2.3).
fn encode(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// An enrolment has a seed, so `Debug` does not show it.
impl fmt::Debug for Enrolment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Enrolment({}, ..)", self.user_id)
    }
}

/// The code is a secret, so `Debug` does not show it.
impl fmt::Debug for EnrolmentConfirmation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EnrolmentConfirmation({}, ..)", self.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_has_everything_that_an_app_needs() {
        let seed = Seed::from_bytes(b"12345678901234567890").unwrap();

        assert_eq!(
            uri(&seed, "My Shop", "ada+1@example.com").as_str(),
            "otpauth://totp/My%20Shop:ada%2B1%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=My%20Shop&algorithm=SHA1&digits=6&period=30"
        );
    }
}
