//! Access tokens for tests in which most claims do not matter.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "an error in a constant fails the test that uses it"
)]

use auth::{
    session::{ClientDetails, Session, access_draft as draft},
    user::{Email, NewUser, User},
};
use claims::{Access, AccessClaims, Draft, Lifetimes, Moment, Span, Timestamp, TokenTerms};

/// Returns the access token that a login at `now` gives the user `user-1`, before it is signed.
#[must_use]
pub fn access_draft(now: Timestamp) -> Draft<Access> {
    let new = NewUser {
        email: Email::parse("ada@example.com").unwrap(),
        role: "analyst".parse().unwrap(),
        scope: "reports:read".parse().unwrap(),
    };
    let terms = TokenTerms {
        issuer: "https://issuer.example".parse().unwrap(),
        audience: "dashboard".parse().unwrap(),
        client_id: "gatehouse".parse().unwrap(),
        lifetimes: Lifetimes {
            access: Span::seconds(900),
            idle: Span::seconds(604_800),
            absolute: Span::seconds(2_592_000),
        },
    };
    let now = Moment::new(now.get().saturating_mul(1000));
    let user = User::new("user-1".parse().unwrap(), new, now.timestamp());
    let sid = "session-1".parse().unwrap();
    let session = Session::open(&user, sid, ClientDetails::default(), now, &terms);
    draft(&user, &session, now, "token-1".parse().unwrap(), &terms)
}

/// Returns the claims that only access tokens have, as in the token of [`access_draft`].
#[must_use]
pub fn access_claims(now: Timestamp) -> AccessClaims {
    access_draft(now).own
}
