//! Invitations: what an operator grants, and what nobody else can.

use auth::{
    mail::{Delivered, Grant, Purpose, QueuedMail},
    user::FindUser as _,
};
use claims::{KeySet, SignError, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};

use super::{ANOTHER, CHOSEN, Post, STRANGER, refused};

#[tokio::test]
async fn an_invited_user_has_the_role_and_the_scope_that_the_operator_chose() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::Invite, STRANGER, STRANGER, 0);
    post.deliver(&mail, 1).await.unwrap();
    let [letter] = post.letters().try_into().unwrap();
    assert_eq!(letter.code, None);

    // An invitation is valid for a week.
    let registered = post
        .register(letter.by_link(), CHOSEN, 7 * 24 * 60 * 60 + 29)
        .await
        .unwrap();

    let user = post.world.store.user(&registered.user_id).await.unwrap().unwrap();
    assert_eq!((user.role.as_str(), user.scope.as_str()), ("admin", "users:write"));
    assert_eq!(user.email, STRANGER);
    let again = post.register(letter.by_link(), ANOTHER, 7 * 24 * 60 * 60 + 29).await;
    assert_eq!(refused(again), "used_link");
    let late = post.register(letter.by_link(), CHOSEN, 7 * 24 * 60 * 60 + 30).await;
    assert_eq!(refused(late), "invalid_link");
}

/// A function that only queues mail has the key of addresses, but not that of grants.
#[tokio::test]
async fn a_grant_that_no_operator_made_is_no_invitation() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::Invite, STRANGER, STRANGER, 0);
    let other = post.mail(Purpose::Invite, STRANGER, STRANGER, 0).grant.unwrap();
    let own = mail.grant.clone().unwrap();
    let set = keygen::refresh_key_set(Timestamp::new(0), &mut StdRng::seed_from_u64(9));
    let foreign = KeySet::from_json(&set).unwrap();
    let (role, scope) = (own.role.clone(), own.scope.clone());
    let foreign = Grant::new(role, scope, &mail.sealed, mail.asked_at, &foreign).unwrap();
    let cut = own.tag[..31].to_vec();
    let forged = [
        Some(Grant {
            role: "root".parse().unwrap(),
            ..own.clone()
        }),
        Some(Grant {
            scope: "users:write billing".parse().unwrap(),
            ..own.clone()
        }),
        Some(Grant {
            tag: Vec::new(),
            ..own.clone()
        }),
        Some(Grant {
            tag: cut,
            ..own.clone()
        }),
        Some(other),
        Some(foreign),
        None,
    ];

    for grant in forged {
        let mail = QueuedMail { grant, ..mail.clone() };

        assert_eq!(
            post.deliver(&mail, 1).await.unwrap(),
            Delivered::NotDue,
            "{:?}",
            mail.grant
        );
    }
    assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::Sent);
}

/// The words of a role do not become words of a scope.
#[tokio::test]
async fn a_role_and_a_scope_do_not_run_into_each_other() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::Invite, STRANGER, STRANGER, 0);
    let grant = |role: &str, scope: &str| {
        let (role, scope) = (role.parse().unwrap(), scope.parse().unwrap());
        Grant::new(role, scope, &mail.sealed, mail.asked_at, &post.grant_keys).unwrap()
    };

    let tags = [("ab", "c"), ("a", "bc"), ("abc", "")].map(|(role, scope)| grant(role, scope).tag);

    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
}

/// Otherwise, the invitation would be queued and never be sent.
#[tokio::test]
async fn a_grant_that_fits_into_no_link_is_refused_when_it_is_made() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::Invite, STRANGER, STRANGER, 0);
    let grant = |scope: usize| {
        let (role, scope) = ("r".repeat(73).parse().unwrap(), "s".repeat(scope).parse().unwrap());
        Grant::new(role, scope, &mail.sealed, mail.asked_at, &post.grant_keys)
    };

    let longest = QueuedMail {
        grant: Some(grant(100).unwrap()),
        ..mail.clone()
    };
    assert_eq!(post.deliver(&longest, 1).await.unwrap(), Delivered::Sent);
    assert_eq!(grant(101), Err(SignError::TooLong { limit: 1536 }));
}
