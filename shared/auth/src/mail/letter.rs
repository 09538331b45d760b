//! Letters: what a mail says, and what it proves.

use claims::{Link, Moment, SignedToken, Span, TokenKind as _};

use crate::mail::{Code, Notice};

/// What a mail says.
#[derive(Debug)]
pub enum Letter {
    /// Finish your registration.
    Register {
        /// The token of the link.
        link: SignedToken<Link>,
        /// The code, if the deployment uses codes.
        code: Option<Code>,
    },
    /// You have an account already. Somebody else may have used up the requests for mail to this address, so this letter
    /// has a link too.
    Registered {
        /// The token of a link that sets a new password.
        link: SignedToken<Link>,
    },
    /// Set a new password.
    Reset {
        /// The token of the link.
        link: SignedToken<Link>,
        /// The code, if the deployment uses codes.
        code: Option<Code>,
    },
    /// An operator invites you.
    Invite {
        /// The token of the link.
        link: SignedToken<Link>,
    },
    /// Confirm that your account moves to another address.
    AddressOld {
        /// The token of the link.
        link: SignedToken<Link>,
    },
    /// Confirm that this is the new address of your account.
    AddressNew {
        /// The token of the link.
        link: SignedToken<Link>,
    },
    /// Somebody wanted your address for another account.
    AddressTaken,
    /// Letters arrive. It has neither a link nor a code, and says nothing about an account.
    Test,
    /// Something happened to your account.
    Notice {
        /// What happened.
        what: Notice,
        /// When it happened, or when a deleted account will be removed.
        at: Moment,
        /// The token of the link that undoes it, if it can be undone.
        undo: Option<SignedToken<Link>>,
    },
}

/// How long links are valid, from the request on.
#[derive(Clone, Copy, Debug)]
pub enum Lives {}

impl Lives {
    /// A link that finishes a registration.
    pub const REGISTER: Span = Span::seconds(24 * 60 * 60);
    /// A link that sets a new password.
    pub const RESET: Span = Span::seconds(30 * 60);
    /// A link of an invitation.
    pub const INVITE: Span = Span::seconds(7 * 24 * 60 * 60);
    /// A link that confirms an address.
    pub const ADDRESS: Span = Span::seconds(60 * 60);
    /// Every life.
    const ALL: [Span; 4] = [Self::REGISTER, Self::RESET, Self::INVITE, Self::ADDRESS];
}

// The build refuses a link that lives longer than links may live.
const _: () = {
    let [register, reset, invite, address] = Lives::ALL;
    let limit = Link::MAX_LIFE.get();
    assert!(register.get() <= limit && reset.get() <= limit && invite.get() <= limit && address.get() <= limit);
};
