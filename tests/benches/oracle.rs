//! Whether the time of a refused login tells what it was refused for: 300 of each kind in turns, and their medians as
//! multiples of the first one's. Fails where one is more than 5 % off.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark shows its figures, and fails where it cannot"
)]

use std::time::{Duration, Instant};

use auth::Email;
use axum::http::StatusCode;
use claims::Clock as _;
use serde_json::json;
use tests::{Call, EMAIL, PASSWORD, Stack};

/// Of each kind.
const SAMPLES: usize = 300;
/// How much longer or shorter than the first one's a median may be.
const TOLERANCE: f64 = 0.05;
/// Longer than any wait after failures.
const PAUSE: i64 = 901;
const DISABLED: &str = "grace@example.com";

/// A kind of refusal: its name, and the address and the password of its nth sample.
type Kind = (&'static str, fn(usize) -> (String, &'static str));

const KINDS: [Kind; 4] = [
    ("wrong password", |_| (EMAIL.to_owned(), "not this one")),
    ("unknown user", |_| ("nobody@example.com".to_owned(), "not this one")),
    ("unknown, each another", |number| {
        (format!("{number}@example.com"), "not this one")
    }),
    ("disabled user", |_| (DISABLED.to_owned(), PASSWORD)),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stack = Stack::with(&[("SourceFailureLimit", "0")]).await;
    stack.login_as_another_user().await;
    let (email, now) = (Email::parse(DISABLED).unwrap(), stack.clock.now());
    auth::disable_user(&email, now, &stack.users, &stack.feed)
        .await
        .unwrap();

    let mut spent = KINDS.map(|_| Vec::new());
    for number in 0..SAMPLES {
        stack.clock.advance(PAUSE);
        for (spent, (_, kind)) in spent.iter_mut().zip(KINDS) {
            let (email, password) = kind(number);
            let call = Call::post("/auth/login", &json!({"email": email, "password": password}));
            let began = Instant::now();
            let answer = stack.send(call).await;
            spent.push(began.elapsed());
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        }
    }

    let medians = spent.map(|mut spent| {
        spent.sort_unstable();
        spent[SAMPLES / 2]
    });
    println!("{:24} median  in ms", "");
    for ((name, _), median) in KINDS.iter().zip(medians) {
        let ratio = ratio(median, medians[0]);
        println!("{name:24}  {ratio:5.3}  {:5.1}", median.as_secs_f64() * 1000.0);
        assert!((ratio - 1.0).abs() < TOLERANCE, "{name} is told by its time");
    }
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}
