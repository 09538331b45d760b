//! `authctl revoke-drill` measures from outside how long a revoked access token is still accepted.

mod api;
mod arguments;
mod own_user;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use auth::user::Email;
use claims::Clock as _;
use runtime::{AuditEvent, Event};
use serde::Serialize;

use self::{
    api::{Api, Tokens},
    arguments::DrillWay,
    own_user::{OwnUser, because},
};
use crate::{
    arguments::{Output, Target},
    failure::Interrupted,
    interruptions::Interruptions,
    operator::Act,
    output::{self, Row},
    password,
    target::{self, UserStores},
};

pub(crate) use self::arguments::RevokeDrill;

/// The pause between two calls of the protected route.
const STEP: Duration = Duration::from_millis(100);
/// The time that the measurement itself may add: one pause and two calls, on a busy machine.
const ALLOWANCE: Duration = Duration::from_secs(1);

/// The bound of a stack with the default of `RevocationPollSeconds` and no cache, in seconds.
const BOUND: u64 = 5;

/// The result of a drill that kept its bound.
#[derive(Serialize)]
struct Finding {
    way: &'static str,
    refused_after_seconds: f64,
    bound_seconds: u64,
}

/// Logs in, calls a protected route, revokes the token in the given way, and calls again until the token is refused.
///
/// # Errors
/// If a step fails, or the token is still accepted after the bound.
pub(crate) async fn run(drill: RevokeDrill, target: &Target, output: Output) -> anyhow::Result<()> {
    let api = Api::new(target.web()?, &target.api_url(drill.url.as_deref()), &drill.path);
    let finding = match &drill.email {
        Some(email) => {
            if matches!(drill.way, DrillWay::LogoutAll | DrillWay::Disable) {
                let question = format!("This ends all sessions of {} at {}.", email.typed(), api.url());
                drill.confirmation.ask(&question)?;
            }
            let password = password::existing_password(drill.password_stdin)?;
            measure(&drill, email, &password, &api, target).await?
        }
        None => measure_with_own_user(&drill, &api, target).await?,
    };
    output::print_row(&finding, output)
}

/// Measures with a user whom the drill adds, and deletes whatever the result is.
async fn measure_with_own_user(drill: &RevokeDrill, api: &Api, target: &Target) -> anyhow::Result<Finding> {
    // They are heard from before the user is added, so that none leaves the user.
    let mut interruptions = Interruptions::listen_with_hangups()?;
    let own = OwnUser::add(&drill.recording, target).await?;
    let measured = tokio::select! {
        measured = measure(drill, own.email(), own.password(), api, target) => measured,
        () = interruptions.next() => Err(Interrupted("the user of the drill is deleted".to_owned()).into()),
    };
    match own.delete(&drill.recording, target).await {
        Ok(()) => measured,
        Err(left) => match measured {
            Ok(_) => Err(left),
            Err(error) => Err(error.context(format!("{left:#}"))),
        },
    }
}

/// Returns the bound in seconds: the given one, or else the interval of polls and the cache of the stack.
fn bound(drill: &RevokeDrill, target: &Target) -> anyhow::Result<u64> {
    let of_stack = |name| target.deployment.as_ref()?.parameter(name);
    let poll = of_stack("RevocationPollSeconds").map_or(Ok(BOUND), str::parse)?;
    let cache = of_stack("AuthorizerCacheSeconds").map_or(Ok(0), str::parse)?;
    Ok(drill.bound.unwrap_or(poll.saturating_add(cache)))
}

async fn measure(
    drill: &RevokeDrill,
    email: &Email,
    password: &str,
    api: &Api,
    target: &Target,
) -> anyhow::Result<Finding> {
    let tokens = api.login(email.typed(), password).await?;
    ensure!(api.accepts(&tokens).await?, "the protected route refused a fresh token");
    revoke(drill, email, api, &tokens, target).await?;
    let began = Instant::now();
    let seconds = bound(drill, target)?;
    let latest = Duration::from_secs(seconds).saturating_add(ALLOWANCE);
    while api.accepts(&tokens).await? {
        ensure!(began.elapsed() <= latest, unkept(began.elapsed(), seconds));
        tokio::time::sleep(STEP).await;
    }
    let took = began.elapsed();
    ensure!(took <= latest, unkept(took, seconds));
    Ok(Finding {
        way: drill.way.name(),
        refused_after_seconds: (took.as_secs_f64() * 10.0).round() / 10.0,
        bound_seconds: seconds,
    })
}

fn unkept(took: Duration, bound: u64) -> String {
    format!(
        "still accepted after {} s: the bound of {bound} s was not kept",
        took.as_secs()
    )
}

async fn revoke(drill: &RevokeDrill, email: &Email, api: &Api, tokens: &Tokens, target: &Target) -> anyhow::Result<()> {
    match drill.way {
        DrillWay::Logout => api.logout(tokens, "session").await,
        DrillWay::LogoutAll => api.logout(tokens, "all").await,
        DrillWay::Session => api.end_session(tokens).await,
        DrillWay::Disable => {
            let stores = target::user_stores(target).await?;
            let user = auth::accounts::find_user(email, &stores.users).await?;
            let event = AuditEvent::new(Event::OperatorUserDisabled).user(&user.id);
            let event = because(event, &drill.recording);
            let act = Act::begin(event, &drill.recording, target).await?;
            act.end(disable_briefly(email, &stores).await).await
        }
    }
}

/// Disables the user and enables them again at once. Tokens that were issued before stay revoked.
async fn disable_briefly(email: &Email, stores: &UserStores) -> anyhow::Result<()> {
    let now = stores.clock().await?.now();
    auth::accounts::disable_user(email, now, &stores.users, &stores.feed)
        .await
        .context("cannot disable the user")?;
    auth::accounts::enable_user(email, &stores.users)
        .await
        .context("the user is disabled now: run `authctl user enable`")?;
    Ok(())
}

impl Row for Finding {
    const COLUMNS: &'static [&'static str] = &["REVOKED BY", "REFUSED AFTER", "BOUND"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.way.to_owned(),
            format!("{:.1} s", self.refused_after_seconds),
            format!("{} s", self.bound_seconds),
        ]
    }
}
