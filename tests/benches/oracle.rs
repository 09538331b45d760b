//! Whether the time of a refused login tells what it was refused for: 300 of each kind in turns, and their medians as
//! multiples of that of a wrong password which has as many Unicode forms. Fails where one is more than 5 % off.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark shows its figures, and fails where it cannot"
)]

use std::time::{Duration, Instant};

use auth::{Email, ImportedUser, PasswordHash, Status, UserRecord};
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

/// A password that has another Unicode form as typed, in NFC and in NFKC, each of which is hashed.
const THREE_FORMS: &str = "\u{fb01}she\u{301}, not this one";
/// A user whose hash another system made, at the cost of ours.
const IMPORTED: &str = "imported@example.com";
const FOREIGN_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$qArgnxDZNcwLYilcuOx5PYUUCYdm4HFsS+vLCyVxBE4";

/// A kind of refusal: its name, which kind it takes as long as, and the address and the password of its nth sample.
type Kind = (&'static str, usize, fn(usize) -> (String, &'static str));

const KINDS: [Kind; 7] = [
    ("wrong password", 0, |_| (EMAIL.to_owned(), "not this one")),
    ("unknown user", 0, |_| ("nobody@example.com".to_owned(), "not this one")),
    ("unknown, each another", 0, |number| {
        (format!("{number}@example.com"), "not this one")
    }),
    ("disabled user", 0, |_| (DISABLED.to_owned(), PASSWORD)),
    ("three forms", 4, |_| (EMAIL.to_owned(), THREE_FORMS)),
    ("three forms, unknown", 4, |_| {
        ("nobody@example.com".to_owned(), THREE_FORMS)
    }),
    ("three forms, imported", 4, |_| (IMPORTED.to_owned(), THREE_FORMS)),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stack = Stack::with(&[("SourceFailureLimit", "0")]).await;
    stack.login_as_another_user().await;
    let (email, now) = (Email::parse(DISABLED).unwrap(), stack.clock.now());
    auth::disable_user(&email, now, &stack.users, &stack.feed)
        .await
        .unwrap();

    import(&stack).await;

    let mut spent = KINDS.map(|_| Vec::new());
    for number in 0..SAMPLES {
        for (spent, (_, _, kind)) in spent.iter_mut().zip(KINDS) {
            let (email, password) = kind(number);
            // Some kinds share an address, which has one attempt in each pause.
            stack.clock.advance(PAUSE);
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
    for ((name, like, _), median) in KINDS.iter().zip(medians) {
        let ratio = ratio(median, medians[*like]);
        println!("{name:24}  {ratio:5.3}  {:5.1}", median.as_secs_f64() * 1000.0);
        assert!((ratio - 1.0).abs() < TOLERANCE, "{name} is told by its time");
    }
}

async fn import(stack: &Stack) {
    let record = UserRecord {
        email: Email::parse(IMPORTED).unwrap(),
        password_hash: PasswordHash::from_stored(FOREIGN_HASH.to_owned()),
        role: stack.user.role.clone(),
        scope: stack.user.scope.clone(),
        custom_claims: serde_json::Map::new(),
        status: Status::Enabled,
        user_id: None,
        created_at: None,
        password_changed_at: None,
        epoch: 0,
    };
    let imported = ImportedUser::new(record, stack.clock.now(), &mut config::random()).unwrap();
    auth::import_user(&imported, &stack.users).await.unwrap();
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}
