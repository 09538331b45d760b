//! Scenes: who takes part, and the bounds. Within them, the model checker visits every state.

use crate::world::Thief;

/// A scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    pub(crate) thief: Thief,
    /// The steps of the codes that the owner presents, counted from the present one. The owner's clock may be ahead.
    pub(crate) codes: &'static [i64],
    /// How many recovery codes the owner uses.
    pub(crate) recovery_codes: usize,
    /// How often the owner sets a password by mail.
    pub(crate) resets: u64,
    /// Whether the owner confirms in a session.
    pub(crate) has_confirmations: bool,
    /// Whether used codes and tokens are presented again.
    pub(crate) has_replays: bool,
    /// Whether two requests are served at the same time.
    pub(crate) has_races: bool,
}

/// The thief knows the first password.
pub(crate) const PASSWORD: Scene = Scene {
    thief: Thief {
        password: true,
        mail: false,
    },
    codes: &[0],
    recovery_codes: 2,
    resets: 1,
    has_confirmations: true,
    has_replays: false,
    has_races: false,
};

/// The thief reads the mail.
pub(crate) const MAIL: Scene = Scene {
    thief: Thief {
        password: false,
        mail: true,
    },
    recovery_codes: 1,
    ..PASSWORD
};

/// The thief knows the first password and reads the mail. Only recovery codes are left to the owner.
pub(crate) const BOTH: Scene = Scene {
    thief: Thief {
        password: true,
        mail: true,
    },
    recovery_codes: 1,
    has_confirmations: false,
    ..PASSWORD
};

/// There is no thief, and used codes and tokens are presented again.
pub(crate) const REPLAYS: Scene = Scene {
    thief: Thief {
        password: false,
        mail: false,
    },
    codes: &[0, 1],
    recovery_codes: 1,
    has_replays: true,
    ..PASSWORD
};

/// There is no thief, and two requests are served at the same time.
pub(crate) const RACES: Scene = Scene {
    codes: &[0],
    has_replays: false,
    has_races: true,
    ..REPLAYS
};
