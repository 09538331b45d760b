//! Known devices: those from which a user has logged in before. A device token identifies a known device, but does not
//! authenticate its user.

use claims::{
    Device, DeviceClaims, DeviceId, Draft, Issuer, SignError, SignedToken, Span, Timestamp, TokenId, TokenKind as _,
    Unverified, UserId, Verifier,
};

use crate::{keys::Signer, password::PasswordRecord};

/// A device token for the next login.
#[derive(Debug)]
pub struct IssuedDevice {
    /// The token.
    pub token: SignedToken<Device>,
    /// How long the token is valid, from its issue.
    pub expires_in: Span,
}

/// How logins recognise devices.
#[derive(Clone, Copy, Debug)]
pub struct Devices<'a> {
    /// The verifier of device tokens.
    pub verifier: &'a Verifier<Device>,
    /// How long a login from a remembered device needs no second factor. Zero if none is ever remembered.
    pub remembered_for: Span,
}

/// A device from which a user has logged in before.
#[derive(Clone, Debug)]
pub(crate) struct KnownDevice {
    pub(crate) id: DeviceId,
    /// The last second factor on the device, if it is to be remembered.
    pub(crate) second: Option<RememberedFactor>,
}

/// A second factor that was proven on a device which is to be remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RememberedFactor {
    pub(crate) at: Timestamp,
    /// The epoch that the user had then.
    pub(crate) epoch: u64,
}

impl KnownDevice {
    /// Returns whether a login of a user with this epoch needs no second factor on this device.
    pub(crate) fn is_remembered(&self, epoch: u64, now: Timestamp, remembered_for: Span) -> bool {
        self.second
            .is_some_and(|second| second.epoch == epoch && now < second.at.plus(remembered_for))
    }
}

/// Returns the device of a token, if the owner of these credentials has logged in from it with their current password.
/// Any other token is ignored, since a device token only selects the lane in which an attempt is counted, and stands in
/// for a second factor if the deployment permits it.
pub(crate) fn known_device(
    token: Option<&Unverified<'_, Device>>,
    credentials: &PasswordRecord,
    now: Timestamp,
    verifier: &Verifier<Device>,
) -> Option<KnownDevice> {
    let claims = verifier.verify(token?, now).ok()?;
    let own = claims.own();
    let is_theirs = *claims.sub() == credentials.user_id && own.password_changed_at == credentials.password_changed_at;
    let second = own.second_at.zip(own.second_epoch);
    is_theirs.then(|| KnownDevice {
        id: own.device.clone(),
        second: second.map(|(at, epoch)| RememberedFactor { at, epoch }),
    })
}

/// Returns whether the request has a valid device token. The token may belong to any user.
pub(crate) fn is_device_token(
    token: Option<&Unverified<'_, Device>>,
    now: Timestamp,
    verifier: &Verifier<Device>,
) -> bool {
    token.is_some_and(|token| verifier.verify(token, now).is_ok())
}

/// A device from which a user has just authenticated, and what its token is bound to.
#[derive(Debug)]
pub(crate) struct BoundDevice {
    pub(crate) user_id: UserId,
    pub(crate) device: KnownDevice,
    /// When the user's password was set. The device stays known until the password changes.
    pub(crate) password_changed_at: Timestamp,
}

/// Signs a new token for a device.
pub(crate) async fn issue_device(
    bound: BoundDevice,
    jti: TokenId,
    now: Timestamp,
    issuer: &Issuer,
    signer: &impl Signer<Device>,
) -> Result<IssuedDevice, SignError> {
    let draft = Draft {
        iss: issuer.clone(),
        aud: issuer.as_device_audience(),
        sub: bound.user_id,
        jti,
        iat: now,
        exp: now.plus(Device::MAX_LIFE),
        own: DeviceClaims {
            second_at: bound.device.second.map(|second| second.at),
            second_epoch: bound.device.second.map(|second| second.epoch),
            device: bound.device.id,
            password_changed_at: bound.password_changed_at,
        },
    };
    Ok(IssuedDevice {
        token: signer.sign(&draft).await?,
        expires_in: Device::MAX_LIFE,
    })
}
