//! Passkeys: logging in with one, proving one as a second factor or in a session, and adding and removing them. The
//! verifier is the crate `webauthn`.
//!
//! A challenge is not stored. What makes an answer single-use is the write that it permits: a login opens the session
//! whose id is made from the challenge, a second step opens the session of its token, a passkey is added once, and the
//! challenge of a confirmation is bound to the last authentication in the session, which the confirmation replaces.

mod add;
mod confirm;
mod login;
mod manage;
mod options;
mod passkeys;
mod prove;

pub use add::{AddedPasskey, PasskeyRegistration, add_passkey, begin_passkey};
pub use confirm::{PasskeyConfirmation, confirm_with_passkey, confirmation_binding, request_confirmation};
pub use login::{PasskeyLoggedIn, PasskeyLogin, PasskeyLoginError, log_in_with_passkey, request_login};
pub use manage::{remove_passkey, rename_passkey};
pub use options::{PasskeyCreation, PasskeyRequest, request_second_step};
pub use passkeys::{MAX_PASSKEYS, Passkey};
pub(crate) use prove::prove;
pub use prove::{PasskeyProof, PasskeyUse};
