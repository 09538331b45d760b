//! Devices on which a login needs no second factor for a while.

use auth::{
    accounts,
    factor::SecondProof,
    login::{LoggedIn, LoginError},
};
use claims::{Acr, Span};
use rstest::rstest;

use super::Owner;
use crate::world::{EMAIL, NEW_PASSWORD, PASSWORD, after, email, password, request};

const DAY: u64 = 24 * 60 * 60;

#[tokio::test]
async fn a_remembered_device_needs_the_password_alone_which_is_one_factor() {
    let owner = remembering().await;
    let token = owner.remember(true, 60).await;

    let login = owner.login_from(&token, PASSWORD, 60 + 29 * DAY).await.unwrap();

    let claims = owner.world.read(&login.tokens, 60 + 29 * DAY);
    assert_eq!(claims.own().acr, Acr::Aal1);
    // A login without the second factor does not make it last longer.
    let again = login.device.unwrap().token.expose().to_owned();
    let late = owner.login_from(&again, PASSWORD, 60 + 30 * DAY).await;
    assert!(matches!(late, Err(LoginError::SecondRequired(_))), "{late:?}");
}

#[derive(Clone, Copy, Debug)]
enum Case {
    NotAsked,
    NotPermitted,
    Late,
    OtherEpoch,
    OtherPassword,
    NoToken,
}

#[rstest]
#[case::not_asked(Case::NotAsked)]
#[case::not_permitted(Case::NotPermitted)]
#[case::late(Case::Late)]
#[case::other_epoch(Case::OtherEpoch)]
#[case::other_password(Case::OtherPassword)]
#[case::no_token(Case::NoToken)]
#[tokio::test]
async fn any_other_device_needs_the_second_factor(#[case] case: Case) {
    let mut owner = remembering().await;
    let token = owner.remember(!matches!(case, Case::NotAsked), 60).await;
    let store = &owner.world.store;
    let (mut secret, mut now) = (PASSWORD, 120);
    match case {
        Case::NotAsked | Case::NoToken => {}
        Case::NotPermitted => owner.world.remembered_for = Span::seconds(0),
        Case::Late => now = 60 + 30 * DAY,
        Case::OtherEpoch => {
            accounts::disable_user(&email(EMAIL), after(90), store, store)
                .await
                .unwrap();
            accounts::enable_user(&email(EMAIL), store).await.unwrap();
        }
        Case::OtherPassword => {
            owner.world.change_password(&owner.sid, PASSWORD, 90).await.unwrap();
            secret = NEW_PASSWORD;
        }
    }

    let login = if matches!(case, Case::NoToken) {
        owner.login_with(None, secret, now).await
    } else {
        owner.login_from(&token, secret, now).await
    };

    let Err(LoginError::SecondRequired(required)) = login else {
        panic!("{login:?}");
    };
    assert_eq!(required.remembered_for, owner.world.remembered_for);
}

/// Returns a user with an app of a service that remembers devices for thirty days.
async fn remembering() -> Owner {
    let mut owner = Owner::new().await;
    owner.world.remembered_for = Span::seconds(30 * DAY);
    owner
}

impl Owner {
    /// Logs in with both steps, and returns the device token.
    async fn remember(&self, remembers: bool, seconds: u64) -> String {
        let required = self.first_step(seconds).await;
        let code = self.app.code(seconds);
        let done = self
            .second_step_that(required.token.expose(), SecondProof::Code(&code), seconds, remembers)
            .await;
        done.unwrap().device.unwrap().token.expose().to_owned()
    }

    async fn login_from(&self, device: &str, secret: &str, seconds: u64) -> Result<LoggedIn, LoginError> {
        self.login_with(Some(device), secret, seconds).await
    }

    async fn login_with(&self, device: Option<&str>, secret: &str, seconds: u64) -> Result<LoggedIn, LoginError> {
        let (address, secret) = (email(EMAIL), password(secret));
        let store = &self.world.store;
        let request = request((&address, &secret), device);
        self.world
            .login_with(request, after(seconds), store, store, store)
            .await
    }
}
