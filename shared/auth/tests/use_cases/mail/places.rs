//! Every token and every code in the place of every other.

use auth::{
    mail::{Proof, Purpose},
    password::FindPassword as _,
};

use super::{ANOTHER, Post, STRANGER, refused, refused_reset};
use crate::world::{EMAIL, PASSWORD, after, email, password, request};

#[tokio::test]
async fn no_token_passes_for_another() {
    let post = Post::new().await;
    let session = post.world.logged_in().await;
    let store = &post.world.store;
    let login = post.world.login(EMAIL, PASSWORD, store, store).await.unwrap();
    let mut links = Vec::new();
    for (purpose, counted, about) in [
        (Purpose::Register, STRANGER, STRANGER),
        (Purpose::Invite, STRANGER, STRANGER),
        (Purpose::Reset, EMAIL, EMAIL),
        (Purpose::AddressOld, EMAIL, STRANGER),
        (Purpose::AddressNew, STRANGER, STRANGER),
    ] {
        let mail = post.mail(purpose, counted, about, 0);
        post.deliver(&mail, 0).await.unwrap();
        links.push((purpose, post.letters().pop().unwrap().link.unwrap()));
    }
    let others = [
        session.access.expose(),
        session.refresh.expose(),
        login.device.as_ref().unwrap().token.expose(),
        "",
        "no.token.this",
    ];

    for (purpose, link) in &links {
        let proof = Proof::Link(link);
        if !matches!(purpose, Purpose::Register | Purpose::Invite) {
            assert_eq!(
                refused(post.register(proof, ANOTHER, 1).await),
                "other_use",
                "{purpose:?}"
            );
        }
        if *purpose != Purpose::Reset {
            assert_eq!(
                refused_reset(post.reset(proof, ANOTHER, 1).await),
                "other_use",
                "{purpose:?}"
            );
        }
        assert!(post.world.claims(link, 1).is_err(), "{purpose:?} as a refresh token");
        assert_eq!(as_device(&post, link).await, "address", "{purpose:?} as a device token");
    }
    for token in others {
        let proof = Proof::Link(token);
        assert_eq!(
            refused(post.register(proof, ANOTHER, 1).await),
            "invalid_link",
            "{token}"
        );
        assert_eq!(
            refused_reset(post.reset(proof, ANOTHER, 1).await),
            "invalid_link",
            "{token}"
        );
    }
    assert_eq!(store.password_record(&email(STRANGER)).await.unwrap(), None);
    assert!(post.logs_in(EMAIL, PASSWORD).await);
}

/// A request for one purpose is none for another, whatever the code is.
#[tokio::test]
async fn no_code_passes_for_another() {
    let post = Post::new().await;
    let (register, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    let by_register = refused_reset(post.reset(register.by_code(&request), ANOTHER, 1).await);
    let (reset, request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    let by_reset = refused(post.register(reset.by_code(&request), ANOTHER, 1).await);

    assert_eq!((by_register, by_reset), ("unreadable_request", "unreadable_request"));
    for purpose in [Purpose::Invite, Purpose::AddressOld, Purpose::AddressNew] {
        let request = post.mail(purpose, STRANGER, STRANGER, 0).sealed.to_base64();
        let proof = Proof::Code {
            request: &request,
            code: register.code.as_deref().unwrap(),
        };
        assert_eq!(refused(post.register(proof, ANOTHER, 1).await), "unreadable_request");
        assert_eq!(refused_reset(post.reset(proof, ANOTHER, 1).await), "unreadable_request");
    }
}

/// Returns the lane of a login with this device token.
async fn as_device(post: &Post, token: &str) -> &'static str {
    let (address, secret) = (email(EMAIL), password(PASSWORD));
    let (request, now) = (request((&address, &secret), Some(token)), after(1));
    let store = &post.world.store;
    let login = post.world.login_with(request, now, store, store, store).await.unwrap();
    login.lane
}
