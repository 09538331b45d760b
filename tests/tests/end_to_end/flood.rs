//! Many requests with bad tokens. Junk is refused without a call to the store, and adds only a few lines to the log. If
//! one of our keys signed a token, each use of the token adds its own line.

use axum::http::StatusCode;
use tests::Stack;

/// A string with the three parts of a token, but with a header that no kind of token has.
const JUNK: &str = "e30.e30.e30";

#[tokio::test]
async fn a_thousand_junk_tokens_are_a_few_lines_whose_numbers_are_a_thousand() {
    let stack = Stack::start().await;
    for number in 0..1000 {
        if number % 100 == 0 {
            stack.clock.advance(2);
        }
        assert_eq!(stack.refresh(JUNK).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(stack.logout(JUNK).await.status, StatusCode::NO_CONTENT);
        assert_eq!(stack.me(JUNK).await.status, StatusCode::FORBIDDEN);
    }
    stack.clock.advance(10);
    // The next invocation of each function writes the counts, whatever its request is.
    stack.refresh("other junk").await;
    stack.logout("other junk").await;
    stack.me("other junk").await;

    let events = stack.log.events();

    for name in ["refresh.refused", "logout.ignored", "authorizer.denied"] {
        let lines = events
            .iter()
            .filter(|event| event["message"] == name && event["reason"] == "wrong_type");
        let numbers: Vec<u64> = lines.map(|event| event[name].as_u64().unwrap()).collect();
        assert_eq!(numbers.iter().sum::<u64>(), 1000, "{name}: {numbers:?}");
        assert!(numbers.len() <= 4, "{name}: {numbers:?}");
        assert_eq!(numbers[0], 1, "the first is written at once");
    }
    assert!(
        stack
            .wire
            .take()
            .iter()
            .all(|crossing| crossing.function == "authorizer")
    );
}

#[tokio::test]
async fn what_one_of_our_keys_signed_has_a_line_each() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let (access, refresh) = (login.text("access_token"), login.text("refresh_token"));
    stack.logout(&refresh).await;
    stack.clock.advance(5);

    for _ in 0..20 {
        stack.me(&access).await;
        stack.refresh(&refresh).await;
    }

    let names = stack.log.names();
    for name in ["authorizer.denied", "refresh.refused"] {
        assert_eq!(names.iter().filter(|found| *found == name).count(), 20, "{name}");
    }
}
