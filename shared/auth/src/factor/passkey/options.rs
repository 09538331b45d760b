//! What clients get for a ceremony with a passkey.

use claims::{Claims, Moment, Second, UserId};
use rand::CryptoRng;
use webauthn::{Challenge, CreationOptions, Descriptor, Purpose, RelyingParty, RequestOptions, User, UserHandle};

use super::Passkey;
use crate::factor::{FactorKeys, FindFactors, SecondStepError};

/// What a client needs to make a passkey.
#[derive(Debug)]
pub struct PasskeyCreation {
    /// The user.
    pub user_id: UserId,
    pub(crate) handle: UserHandle,
    pub(crate) name: String,
    pub(crate) challenge: Challenge,
    /// The passkeys that the user has.
    pub(crate) known: Vec<Passkey>,
}

/// What a client needs to prove that its user has a passkey.
#[derive(Debug)]
pub struct PasskeyRequest {
    pub(crate) challenge: Challenge,
    /// The passkeys of the user. A login has none, because it does not know the user yet.
    pub(crate) allowed: Vec<Passkey>,
}

impl PasskeyCreation {
    /// Returns the options for a registration with this relying party.
    #[must_use]
    pub fn options<'a>(&'a self, relying_party: &'a RelyingParty) -> CreationOptions<'a> {
        let user = User {
            handle: &self.handle,
            name: &self.name,
            display_name: &self.name,
        };
        relying_party.creation_options(&self.challenge, &user, &descriptors(&self.known))
    }
}

impl PasskeyRequest {
    /// Returns the options for a response to this relying party.
    #[must_use]
    pub fn options<'a>(&'a self, relying_party: &'a RelyingParty) -> RequestOptions<'a> {
        relying_party.request_options(&self.challenge, &descriptors(&self.allowed))
    }
}

fn descriptors(passkeys: &[Passkey]) -> Vec<Descriptor<'_>> {
    passkeys.iter().map(Passkey::descriptor).collect()
}

/// Makes a challenge for the second step of a login.
///
/// # Errors
/// If the user has no passkey, or the store or the keys fail.
pub async fn request_second_step(
    claims: &Claims<Second>,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &FactorKeys,
    factors: &impl FindFactors,
) -> Result<PasskeyRequest, SecondStepError> {
    let random = draw(rng);
    let allowed = factors.factors(claims.sub()).await?.passkeys;
    if allowed.is_empty() {
        return Err(SecondStepError::Refused {
            user_id: Some(claims.sub().clone()),
            reason: "no_passkey",
        });
    }
    let binding = claims.own().sid.as_str().as_bytes();
    let challenge = keys.challenge(Purpose::SecondStep, binding, now.timestamp(), random);
    Ok(PasskeyRequest { challenge, allowed })
}

/// Draws the random bytes of a challenge.
pub(crate) fn draw(rng: &mut impl CryptoRng) -> [u8; 16] {
    let mut random = [0; 16];
    rng.fill_bytes(&mut random);
    random
}
