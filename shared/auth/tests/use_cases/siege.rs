//! A day of guesses by one attacker, by a botnet, and with stolen devices and sessions, while the owner logs in. The
//! table in docs/throttling.md has the results.

use std::collections::BTreeSet;

use auth::{
    attempts::{MAX_WAIT, QUICK_FAILURES, STRANGER_FAILURES},
    change_password::PasswordChangeError,
    login::{LoggedIn, LoginError, LoginRequest},
    session::IssuedDevice,
};
use claims::{Lifetimes, SessionId, Span};

use crate::world::{EMAIL, PASSWORD, World, after, client_at, email, password, request};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
/// The seconds between two guesses of an attacker.
const PAUSE: usize = 10;
/// The IP address of the owner.
const HOME: &str = "198.51.100.1";
/// The IP address of the single attacker.
const ATTACKER: &str = "192.0.2.1";

/// The guesses whose password was checked.
#[derive(Debug, Default)]
struct Guesses {
    /// The seconds at which the guesses were checked.
    looked_at: Vec<u64>,
}

impl Guesses {
    /// Records the result of a guess at a login.
    fn login(&mut self, seconds: u64, outcome: &Result<LoggedIn, LoginError>) {
        self.note(seconds, matches!(outcome, Err(LoginError::WrongPassword(_))));
    }

    /// Records the result of a guess at a change of password.
    fn change(&mut self, seconds: u64, outcome: &Result<IssuedDevice, PasswordChangeError>) {
        self.note(seconds, matches!(outcome, Err(PasswordChangeError::WrongPassword(_))));
    }

    fn note(&mut self, seconds: u64, was_looked_at: bool) {
        if was_looked_at {
            self.looked_at.push(seconds);
        }
    }

    /// Returns the number of checked guesses before the first one that had to wait for [`MAX_WAIT`].
    fn quick(&self) -> usize {
        let waits = self.looked_at.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let quick = waits.take_while(|wait| *wait < MAX_WAIT.get());
        quick.count().saturating_add(usize::from(!self.looked_at.is_empty()))
    }
}

#[tokio::test]
async fn an_owner_without_a_device_logs_in_while_one_attacker_guesses_all_day() {
    let world = unlimited().await;
    let mut guesses = Guesses::default();
    for seconds in (0..DAY).step_by(PAUSE) {
        guesses.login(seconds, &log_in(&world, ATTACKER, "guess", None, seconds).await);

        if seconds % HOUR == HOUR / 2 {
            let owner = log_in(&world, HOME, PASSWORD, None, seconds).await;
            assert!(owner.is_ok(), "after {seconds} s: {owner:?}");
        }
    }

    let quick = guesses.quick();
    let slow = guesses.looked_at.len() - quick;
    assert_eq!(quick, 15);
    assert!(slow <= 96, "{slow}");
}

#[tokio::test]
async fn an_owner_with_a_device_logs_in_while_a_botnet_guesses_all_day() {
    let world = unlimited().await;
    let device = log_in(&world, HOME, PASSWORD, None, 0).await.unwrap();
    let device = device.device.as_ref().unwrap().token.expose().to_owned();
    let mut guesses = Guesses::default();
    let mut sources = BTreeSet::new();
    for (number, seconds) in (0..DAY).step_by(PAUSE).enumerate() {
        let bot = format!("2001:db8:{:x}::1", number % 5_000);
        guesses.login(seconds, &log_in(&world, &bot, "guess", None, seconds).await);
        sources.insert(bot);

        if seconds % HOUR == HOUR / 2 {
            let owner = log_in(&world, HOME, PASSWORD, Some(&device), seconds).await;
            assert_eq!(owner.unwrap().lane, "device", "after {seconds} s");
        }
    }

    let quick = guesses.quick();
    let slow = guesses.looked_at.len() - quick;
    assert_eq!(sources.len(), 5_000);
    assert_eq!(u64::try_from(quick).unwrap(), STRANGER_FAILURES);
    assert!((90..=96).contains(&slow), "{slow}");
}

#[tokio::test]
async fn a_session_thief_does_not_block_a_password_change_by_the_owner() {
    let world = unlimited().await;
    let [stolen, own] = [sign_in(&world, 0).await, sign_in(&world, 0).await];
    let mut guesses = Guesses::default();
    for seconds in (HOUR..5 * HOUR).step_by(PAUSE) {
        guesses.change(seconds, &change(&world, &stolen, "guess", seconds).await);
    }

    let owner = change(&world, &own, PASSWORD, 5 * HOUR).await;

    assert_eq!(guesses.quick(), 15);
    assert!(owner.is_ok(), "{owner:?}");
}

#[tokio::test]
async fn session_thieves_do_not_block_a_password_change_after_a_new_login() {
    let world = unlimited().await;
    let mut stolen = Vec::new();
    for _ in 0..5 {
        stolen.push(sign_in(&world, 0).await);
    }
    let own = sign_in(&world, 0).await;
    for seconds in (HOUR..2 * HOUR).step_by(PAUSE) {
        for session in &stolen {
            change(&world, session, "guess", seconds).await.unwrap_err();
        }
    }

    let in_old = change(&world, &own, PASSWORD, 2 * HOUR).await;
    let fresh = sign_in(&world, 2 * HOUR).await;
    let in_fresh = change(&world, &fresh, PASSWORD, 2 * HOUR).await;

    assert!(
        matches!(in_old, Err(PasswordChangeError::Throttled { .. })),
        "{in_old:?}"
    );
    assert!(in_fresh.is_ok(), "{in_fresh:?}");
}

/// The attackers are a botnet that has also stolen devices and sessions.
#[tokio::test]
async fn all_attackers_together_make_under_a_hundred_quick_guesses() {
    let world = unlimited().await;
    let (mut devices, mut sessions) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let login = log_in(&world, HOME, PASSWORD, None, 0).await.unwrap();
        devices.push(login.device.as_ref().unwrap().token.expose().to_owned());
        sessions.push(login.tokens.sid);
    }
    let [mut logins, mut changes] = [Guesses::default(), Guesses::default()];
    for (number, seconds) in (HOUR..HOUR + DAY).step_by(PAUSE).enumerate() {
        let bot = format!("2001:db8:{number:x}::1");
        let device = devices.get(number % 10).map(String::as_str);
        logins.login(seconds, &log_in(&world, &bot, "guess", device, seconds).await);
        let session = &sessions[number % sessions.len()];
        changes.change(seconds, &change(&world, session, "guess", seconds).await);
    }

    let quick = u64::try_from(logins.quick() + changes.quick()).unwrap();
    let all = u64::try_from(logins.looked_at.len() + changes.looked_at.len()).unwrap();
    assert_eq!(quick, QUICK_FAILURES);
    assert!(quick < 100 && all <= quick + 2 * 96, "{quick} of {all}");
}

/// Makes a world without a limit per source, because an attacker can use any number of sources. Sessions live longer
/// than the day of the siege.
async fn unlimited() -> World {
    let mut world = World::new().await;
    world.source_limit = None;
    world.terms.lifetimes = Lifetimes {
        idle: Span::seconds(7 * DAY),
        absolute: Span::seconds(30 * DAY),
        ..world.terms.lifetimes
    };
    world
}

async fn log_in(
    world: &World,
    ip: &str,
    secret: &str,
    device: Option<&str>,
    seconds: u64,
) -> Result<LoggedIn, LoginError> {
    let (email, password) = (email(EMAIL), password(secret));
    let request = LoginRequest {
        client: client_at(ip),
        ..request((&email, &password), device)
    };
    world
        .login_with(request, after(seconds), &world.store, &world.store, &world.store)
        .await
}

/// Tries to change the password in a session at this time.
async fn change(
    world: &World,
    sid: &SessionId,
    current: &str,
    seconds: u64,
) -> Result<IssuedDevice, PasswordChangeError> {
    world.change_password(sid, current, seconds).await
}

/// Logs the owner in at this time and returns the session.
async fn sign_in(world: &World, seconds: u64) -> SessionId {
    log_in(world, HOME, PASSWORD, None, seconds).await.unwrap().tokens.sid
}
