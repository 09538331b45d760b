//! How often codes may be tried.

use auth::{
    mail::{Proof, Purpose},
    register::{RegisterError, Registered},
};
use claims::Span;

use super::{CHOSEN, Post, STRANGER};
use crate::world::{EMAIL, PASSWORD};

/// The number of seconds for which a code is valid.
const LIFE: u64 = 600;

#[tokio::test]
async fn a_code_is_tried_fourteen_times_in_its_life() {
    let post = Post::new().await;
    let request = post
        .ask(Purpose::Register, STRANGER, 0)
        .await
        .unwrap()
        .request
        .to_base64();
    let mut tries = 0;
    for seconds in 0..LIFE {
        tries += u64::from(is_tried(&guess(&post, &request, seconds).await));
    }

    assert_eq!(tries, 14);
}

/// Another person's guesses at another request do not make the owner wait.
#[tokio::test]
async fn every_request_has_its_own_waits() {
    let post = Post::new().await;
    let foreign = post
        .ask(Purpose::Register, STRANGER, 0)
        .await
        .unwrap()
        .request
        .to_base64();
    let (letter, own) = post.letter(Purpose::Register, STRANGER, 0).await;
    for _ in 0..5 {
        assert!(is_tried(&guess(&post, &foreign, 1).await));
    }

    let sixth = guess(&post, &foreign, 1).await;
    let owner = post.register(letter.by_code(&own), CHOSEN, 1).await;

    assert!(matches!(&sixth, Err(RegisterError::Throttled { retry_after, .. }) if retry_after.get() == 1));
    assert!(owner.is_ok(), "{owner:?}");
}

/// The code of one request is wrong for every other, so anyone who asks in another place has no use for it.
#[tokio::test]
async fn a_code_is_valid_with_its_own_request_alone() {
    let post = Post::new().await;
    let (letter, own) = post.letter(Purpose::Register, STRANGER, 0).await;
    let foreign = post
        .ask(Purpose::Register, STRANGER, 0)
        .await
        .unwrap()
        .request
        .to_base64();

    let swapped = post.register(letter.by_code(&foreign), CHOSEN, 1).await;

    assert!(
        matches!(swapped, Err(RegisterError::Refused("wrong_code"))),
        "{swapped:?}"
    );
    assert!(post.register(letter.by_code(&own), CHOSEN, 1).await.is_ok());
}

/// After 60 wrong codes with any requests, codes for the address are closed. Links go on working, and a later request
/// changes nothing.
#[tokio::test]
async fn sixty_wrong_codes_close_the_codes_of_an_address_and_no_link() {
    let post = Post::new().await;
    let mut tries = 0;
    for number in 0..40 {
        let mail = post.mail(Purpose::Register, STRANGER, STRANGER, number);
        let request = mail.sealed.to_base64();
        for _ in 0..5 {
            tries += u64::from(is_tried(&guess(&post, &request, 60).await));
        }
    }
    assert_eq!(tries, 60);
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 60).await;

    let code = post.register(letter.by_code(&request), CHOSEN, 61).await;
    let link = post.register(letter.by_link(), CHOSEN, 61).await;

    let Err(RegisterError::Throttled { retry_after, .. }) = code else {
        panic!("{code:?}")
    };
    assert_eq!(retry_after, Span::seconds(900));
    assert!(link.is_ok(), "{link:?}");
    let (elsewhere, request) = post.letter(Purpose::Register, "hedy@example.com", 60).await;
    assert!(post.register(elsewhere.by_code(&request), CHOSEN, 61).await.is_ok());
}

#[tokio::test]
async fn a_right_code_forgets_the_wrong_ones() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    for _ in 0..4 {
        assert!(is_tried(&guess(&post, &request, 1).await));
    }
    let weak = post.register(letter.by_code(&request), "short", 1).await;
    assert!(matches!(weak, Err(RegisterError::Password(_))), "{weak:?}");

    for _ in 0..5 {
        assert!(is_tried(&guess(&post, &request, 1).await));
    }

    assert!(!is_tried(&guess(&post, &request, 1).await));
}

/// What is no request of this service writes nothing, so garbage fills no table.
#[tokio::test]
async fn garbage_is_not_counted() {
    let post = Post::new().await;
    let request = post
        .ask(Purpose::Register, STRANGER, 0)
        .await
        .unwrap()
        .request
        .to_base64();
    let other = if request.contains("AA") { "BB" } else { "AA" };
    let changed = format!("{}{other}{}", &request[..100], &request[102..]);
    for garbage in ["", "%", &request[1..], &changed] {
        for _ in 0..20 {
            let outcome = guess(&post, garbage, 1).await;

            assert!(
                matches!(outcome, Err(RegisterError::Refused("unreadable_request"))),
                "{outcome:?}"
            );
        }
    }

    for _ in 0..5 {
        assert!(is_tried(&guess(&post, &request, 1).await));
    }
}

/// Logins and changes of password are counted elsewhere: anyone who tries codes locks nobody out.
#[tokio::test]
async fn wrong_codes_delay_no_login() {
    let post = Post::new().await;
    let request = post.ask(Purpose::Reset, EMAIL, 0).await.unwrap().request.to_base64();
    for _ in 0..10 {
        let proof = Proof::Code {
            request: &request,
            code: "00000000",
        };
        post.reset(proof, CHOSEN, 0).await.unwrap_err();
    }

    assert!(post.logs_in(EMAIL, PASSWORD).await);
}

/// Tries a code that is wrong.
async fn guess(post: &Post, request: &str, seconds: u64) -> Result<Registered, RegisterError> {
    // A code has eight digits, so this is never one.
    let proof = Proof::Code {
        request,
        code: "1234567",
    };
    post.register(proof, CHOSEN, seconds).await
}

fn is_tried(outcome: &Result<Registered, RegisterError>) -> bool {
    matches!(outcome, Err(RegisterError::Refused("wrong_code")))
}
