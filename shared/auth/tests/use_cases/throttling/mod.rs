//! Throttling of logins: by address, by known device, by source and by user.

mod addresses;
mod devices;
mod held;
mod sources;
mod successes;

use auth::login::{LoggedIn, LoginError, LoginRequest};
use claims::Moment;

use crate::world::{EMAIL, LoginSessions, PASSWORD, World, after, client_at, email, password, request};

const UNKNOWN: &str = "nobody@example.com";

async fn attempt(
    world: &World,
    address: &str,
    secret: &str,
    device: Option<&str>,
    now: Moment,
) -> Result<LoggedIn, LoginError> {
    attempt_with(world, address, secret, device, now, &world.store).await
}

/// Attempts a login from this IP address, without a device token.
async fn attempt_from(
    world: &World,
    ip: &str,
    address: &str,
    secret: &str,
    now: Moment,
) -> Result<LoggedIn, LoginError> {
    let (email, password) = (email(address), password(secret));
    let request = LoginRequest {
        client: client_at(ip),
        ..request((&email, &password), None)
    };
    world
        .login_with(request, now, &world.store, &world.store, &world.store)
        .await
}

async fn attempt_with(
    world: &World,
    address: &str,
    secret: &str,
    device: Option<&str>,
    now: Moment,
    sessions: &impl LoginSessions,
) -> Result<LoggedIn, LoginError> {
    let (email, password) = (email(address), password(secret));
    let request = request((&email, &password), device);
    world
        .login_with(request, now, &world.store, &world.store, sessions)
        .await
}

/// Attempts this many logins with a wrong password, all at second 0. None of the attempts may be throttled.
async fn fail(world: &World, address: &str, times: usize) {
    for _ in 0..times {
        let outcome = attempt(world, address, "wrong", None, after(0)).await;
        assert_eq!(throttled(&outcome), None);
    }
}

/// Logs in and returns the token of a new device.
async fn device_token(world: &World, now: Moment) -> String {
    let login = attempt(world, EMAIL, PASSWORD, None, now).await.unwrap();
    login.device.as_ref().unwrap().token.expose().to_owned()
}

/// Returns the number of seconds for which the source stays closed, if that is why the attempt was refused. Returns
/// `None` otherwise.
fn closed(outcome: &Result<LoggedIn, LoginError>) -> Option<u64> {
    match outcome {
        Err(LoginError::SourceClosed { retry_after }) => Some(retry_after.get()),
        _ => None,
    }
}

/// Returns the name of the limit that refused an attempt and the number of seconds to wait, or `None` if no limit
/// refused it.
fn throttled(outcome: &Result<LoggedIn, LoginError>) -> Option<(&'static str, u64)> {
    match outcome {
        Err(LoginError::Throttled { lane, retry_after, .. }) => Some((lane, retry_after.get())),
        Err(LoginError::SourceClosed { retry_after }) => Some(("source", retry_after.get())),
        _ => None,
    }
}
