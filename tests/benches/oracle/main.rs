//! Checks that neither an answer nor its time reveals whether an address belongs to a user, or whether a code of a second
//! factor is one that was used.
//!
//! The kinds of requests in a group take turns, in a random order. Each kind has a reference kind, which must look the
//! same: its answers must have the same bytes, except for ids, and its times the same distribution. For each kind, the
//! check prints the median time, this time as a multiple of the median of the reference kind, and the probability that
//! a rank test gives to such a difference by chance. The check fails if a multiple differs from 1 by five percent or
//! more and the probability is below one in a thousand.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures, and may panic"
)]

mod people;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use claims::Span;
use rand::seq::SliceRandom as _;
use serde_json::{Value, json};
use tests::{Call, EMAIL, NOW, PASSWORD, RECOVERY_CODE, Stack, factor_code, rank_test, second_token_after};

/// The maximum difference between two medians that must look the same, as a fraction.
const TOLERANCE: f64 = 0.05;
/// A difference counts only if chance alone makes such a difference more rarely than this.
const SIGNIFICANCE: f64 = 0.001;
/// The number of samples of each kind of second step.
const STEPS: usize = 300;
/// A time in seconds that is longer than any wait after failures.
const PAUSE: i64 = 901;

const WRONG: &str = "not this one";
/// A password whose typed, NFC and NFKC forms all differ, so that each of them is hashed.
const THREE_FORMS: &str = "\u{fb01}she\u{301}, not this one";

/// Requests that are measured in turns.
struct Group {
    name: &'static str,
    /// The number of samples of each kind.
    samples: usize,
    /// The time in seconds between two rounds.
    pause: i64,
    /// The status of every answer.
    status: StatusCode,
    kinds: Vec<Kind>,
}

struct Kind {
    name: &'static str,
    /// The index of the kind that it must look like.
    like: usize,
    /// Returns the request of a sample.
    call: Box<dyn Fn(usize) -> Call>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stack = Stack::with(&[("SourceFailureLimit", "0"), ("SourceMailLimit", "0")]).await;
    people::import(&stack).await;

    let mut revealed = Vec::new();
    // The clock does not move before the last group, so its tokens and the requests for mail are fresh until then.
    for group in [changes_of_address(&stack).await, mails(), logins()] {
        revealed.extend(group.measure(&stack).await);
    }

    let stack = Stack::start().await;
    revealed.extend(second_steps(&stack).await.measure(&stack).await);

    assert!(revealed.is_empty(), "the time of the answer reveals: {revealed:?}");
}

/// Requests to move to an address, each by a user of its own.
async fn changes_of_address(stack: &Stack) -> Group {
    let mut kinds = Vec::new();
    for (name, address) in [
        ("new address, free", "free"),
        ("new address, of a user", "user"),
        ("new address, disabled", "disabled"),
    ] {
        let tokens = people::log_movers_in(stack, address).await;
        let call = move |number| {
            let body = json!({"email": email(address, number), "password": PASSWORD});
            Call::post("/auth/address", &body).bearer(&tokens[number])
        };
        kinds.push(Kind::new(name, 0, call));
    }
    Group {
        name: "changes of address",
        samples: people::MOVERS,
        pause: 0,
        status: StatusCode::ACCEPTED,
        kinds,
    }
}

/// Requests for mail. Each address is used once by each route.
fn mails() -> Group {
    let mut kinds = Vec::new();
    for (names, path) in [
        (
            ["register, user", "register, unknown", "register, disabled"],
            "/auth/register",
        ),
        (["forgot, user", "forgot, unknown", "forgot, disabled"], "/auth/forgot"),
    ] {
        let like = kinds.len();
        for (name, address) in names.into_iter().zip(["user", "nobody", "disabled"]) {
            let call = move |number| Call::post(path, &json!({"email": email(address, number)}));
            kinds.push(Kind::new(name, like, call));
        }
    }
    Group {
        name: "requests for mail",
        samples: people::USERS,
        pause: 0,
        status: StatusCode::ACCEPTED,
        kinds,
    }
}

/// Logins that are refused.
fn logins() -> Group {
    let fresh =
        |name, like, address, password| Kind::new(name, like, move |number| login(&email(address, number), password));
    let same = |name, like, address, password| Kind::new(name, like, move |_| login(address, password));
    Group {
        name: "refused logins",
        samples: people::REFUSED,
        pause: PAUSE,
        status: StatusCode::UNAUTHORIZED,
        kinds: vec![
            fresh("wrong password", 0, "user", WRONG),
            fresh("unknown user", 0, "nobody", WRONG),
            fresh("disabled user", 0, "disabled", PASSWORD),
            same("tried often", 3, EMAIL, WRONG),
            same("tried often, unknown", 3, "nobody@example.com", WRONG),
            fresh("three forms", 5, "another", THREE_FORMS),
            fresh("three forms, unknown", 5, "stranger", THREE_FORMS),
            fresh("three forms, imported", 5, "imported", THREE_FORMS),
        ],
    }
}

/// Second steps that are refused, of a user who has used a code of the app and a recovery code. Each is counted in a lane
/// of its own.
async fn second_steps(stack: &Stack) -> Group {
    stack.add_factor().await;
    let user_id = stack.user.id.to_string();
    let used = factor_code(NOW);
    for proof in [json!({"code": used}), json!({"recovery_code": RECOVERY_CODE})] {
        let answer = stack.send(second_step(&user_id, 0, proof)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let wrong = used.chars().rev().collect::<String>();
    let stranger = "4-QBCDEF-GHIJKL-MNOPQR-STUVWX".to_owned();
    // The first lane is that of the proofs that are used above.
    let lanes = |kind: usize| STEPS.saturating_mul(kind).saturating_add(1);
    let kind = |name, like, lanes: usize, proof: Value| {
        let user_id = user_id.clone();
        let call = move |number: usize| second_step(&user_id, lanes.saturating_add(number), proof.clone());
        Kind::new(name, like, call)
    };
    Group {
        name: "refused second steps",
        samples: STEPS,
        pause: 0,
        status: StatusCode::UNAUTHORIZED,
        kinds: vec![
            kind("wrong code", 0, lanes(0), json!({"code": wrong})),
            kind("used code", 0, lanes(1), json!({"code": used})),
            kind("no code at all", 0, lanes(2), json!({"code": "a code"})),
            kind("wrong recovery code", 3, lanes(3), json!({"recovery_code": stranger})),
            kind(
                "used recovery code",
                3,
                lanes(4),
                json!({"recovery_code": RECOVERY_CODE}),
            ),
        ],
    }
}

/// Returns the second step after a password that was set so many seconds after the first one.
fn second_step(user_id: &str, seconds: usize, proof: Value) -> Call {
    let changed_at = NOW.timestamp().plus(Span::seconds(u64::try_from(seconds).unwrap()));
    let mut body = proof;
    body["mfa_token"] = json!(second_token_after(user_id, changed_at));
    Call::post("/auth/login/second", &body)
}

impl Kind {
    fn new(name: &'static str, like: usize, call: impl Fn(usize) -> Call + 'static) -> Self {
        let call = Box::new(call);
        Self { name, like, call }
    }
}

impl Group {
    /// Sends all requests, and returns the names of the kinds that their time reveals.
    async fn measure(self, stack: &Stack) -> Vec<&'static str> {
        let mut spent = vec![Vec::new(); self.kinds.len()];
        let mut forms = vec![String::new(); self.kinds.len()];
        let mut order: Vec<usize> = (0..self.kinds.len()).collect();
        for number in 0..self.samples {
            stack.clock.advance(self.pause);
            order.shuffle(&mut config::random());
            for kind in &order {
                let call = (self.kinds[*kind].call)(number);
                let began = Instant::now();
                let answer = stack.send(call).await;
                spent[*kind].push(began.elapsed());
                assert_eq!(answer.status, self.status, "{}", answer.body);
                forms[*kind] = answer.form();
            }
            for (kind, form) in self.kinds.iter().zip(&forms) {
                assert_eq!(*form, forms[kind.like], "{}", kind.name);
            }
        }
        self.judge(&spent)
    }

    fn judge(&self, spent: &[Vec<Duration>]) -> Vec<&'static str> {
        println!("\n{:27} median  in ms   chance", self.name);
        let mut revealed = Vec::new();
        for (kind, own) in self.kinds.iter().zip(spent) {
            let reference = &spent[kind.like];
            let ratio = median(own) / median(reference);
            let chance = rank_test(own, reference);
            println!(
                "{:27}  {ratio:5.3}  {:5.2}  {chance:7.1e}",
                kind.name,
                median(own) * 1000.0
            );
            if (ratio - 1.0).abs() >= TOLERANCE && chance < SIGNIFICANCE {
                revealed.push(kind.name);
            }
        }
        revealed
    }
}

fn login(email: &str, password: &str) -> Call {
    Call::post("/auth/login", &json!({"email": email, "password": password}))
}

/// Returns the address with this name and number.
fn email(name: &str, number: usize) -> String {
    format!("{name}-{number}@example.com")
}

/// Returns the median in seconds.
fn median(spent: &[Duration]) -> f64 {
    let mut spent = spent.to_vec();
    spent.sort_unstable();
    spent[spent.len() / 2].as_secs_f64()
}
