//! Checks that the time of a refused login does not reveal the reason. The check measures 200 refusals of each kind,
//! and the kinds take turns. Each kind has a reference kind, which must look the same. For each kind, the check prints
//! the median time as a multiple of the median of the reference kind. The check fails if a multiple differs from 1 by
//! five percent or more.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures, and may panic"
)]

use std::time::{Duration, Instant};

use auth::{
    accounts::{ImportedUser, UserRecord},
    password::{HashCost, Hasher, Password, PasswordHash, Salt},
    user::{Email, NewUser, Status},
};
use axum::http::StatusCode;
use claims::Clock as _;
use serde_json::json;
use tests::{Call, EMAIL, PASSWORD, Stack};

/// The number of samples of each kind.
const SAMPLES: usize = 200;
/// The maximum difference between two medians that must look the same, as a fraction.
const TOLERANCE: f64 = 0.05;
/// A time in seconds that is longer than any wait after failures.
const PAUSE: i64 = 901;

const WRONG: &str = "not this one";
/// A password whose typed, NFC and NFKC forms all differ, so that each of them is hashed.
const THREE_FORMS: &str = "\u{fb01}she\u{301}, not this one";
/// A hash from another system, with the cost of our own hashes.
const FOREIGN_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$qArgnxDZNcwLYilcuOx5PYUUCYdm4HFsS+vLCyVxBE4";

/// A kind of refusal: its name, the index in [`KINDS`] of the kind that it must look like, the address that each sample
/// tries, and the password.
type Kind = (&'static str, usize, Address, &'static str);

enum Address {
    /// All samples try the same address.
    Same(&'static str),
    /// Each sample tries its own address, which nobody has tried before.
    Fresh(&'static str),
}

const KINDS: [Kind; 8] = [
    ("wrong password", 0, Address::Fresh("user"), WRONG),
    ("unknown user", 0, Address::Fresh("nobody"), WRONG),
    ("disabled user", 0, Address::Fresh("disabled"), PASSWORD),
    ("tried often", 3, Address::Same(EMAIL), WRONG),
    ("tried often, unknown", 3, Address::Same("nobody@example.com"), WRONG),
    ("three forms", 5, Address::Fresh("another"), THREE_FORMS),
    ("three forms, unknown", 5, Address::Fresh("stranger"), THREE_FORMS),
    ("three forms, imported", 5, Address::Fresh("imported"), THREE_FORMS),
];

impl Address {
    fn of(&self, number: usize) -> String {
        match self {
            Self::Same(email) => (*email).to_owned(),
            Self::Fresh(name) => format!("{name}-{number}@example.com"),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stack = Stack::with(&[("SourceFailureLimit", "0")]).await;
    let own_hash = own_hash().await;
    for number in 0..SAMPLES {
        for (name, status, hash) in [
            ("user", Status::Enabled, own_hash.expose()),
            ("disabled", Status::Disabled, own_hash.expose()),
            ("another", Status::Enabled, own_hash.expose()),
            ("imported", Status::Enabled, FOREIGN_HASH),
        ] {
            import(&stack, &Address::Fresh(name).of(number), status, hash).await;
        }
    }

    let mut spent = KINDS.map(|_| Vec::new());
    for number in 0..SAMPLES {
        stack.clock.advance(PAUSE);
        for (spent, (_, _, address, password)) in spent.iter_mut().zip(KINDS) {
            let call = Call::post(
                "/auth/login",
                &json!({"email": address.of(number), "password": password}),
            );
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
    for ((name, like, _, _), median) in KINDS.iter().zip(medians) {
        let ratio = ratio(median, medians[*like]);
        println!("{name:24}  {ratio:5.3}  {:5.1}", median.as_secs_f64() * 1000.0);
        assert!(
            (ratio - 1.0).abs() < TOLERANCE,
            "{name} is revealed by the time of its answer"
        );
    }
}

async fn own_hash() -> PasswordHash {
    let (password, salt) = (Password::parse(PASSWORD).unwrap(), Salt::new(&mut config::random()));
    Hasher::new(HashCost::MIN).hash(&password, salt).await.unwrap()
}

async fn import(stack: &Stack, email: &str, status: Status, hash: &str) {
    let new = NewUser {
        email: Email::parse(email).unwrap(),
        role: stack.user.role.clone(),
        scope: stack.user.scope.clone(),
    };
    let hash = PasswordHash::from_stored(hash.to_owned());
    let mut record = UserRecord::new(new, hash, stack.clock.now(), &mut config::random());
    record.user.status = status;
    let imported = ImportedUser::new(record).unwrap();
    auth::accounts::import_user(&imported, &stack.users).await.unwrap();
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}
