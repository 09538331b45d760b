//! `authctl revoke-drill`: how long a revoked access token really goes on, measured from outside.

mod api;

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use claims::Clock as _;
use serde::Serialize;

use self::api::{Api, Tokens};
use crate::{
    arguments::{DrillWay, Output, RevokeDrill, Target},
    output::{self, Row},
    password, target,
};

/// How often the protected route is called.
const STEP: Duration = Duration::from_millis(100);
/// What the measuring itself may add: one step, two calls, a busy machine.
const ALLOWANCE: Duration = Duration::from_secs(1);

/// What the drill found.
#[derive(Serialize)]
struct Finding {
    way: &'static str,
    refused_after_seconds: f64,
    bound_seconds: u64,
    kept: bool,
}

/// Logs in, calls a protected route, revokes in the way asked for, and calls again until it is refused.
///
/// # Errors
/// When a step fails, or the token is still good after the bound.
pub(crate) async fn run(drill: RevokeDrill, target: &Target, output: Output) -> anyhow::Result<()> {
    let api = Api::new(&drill.url, &drill.path);
    let password = password::existing_password(drill.password_stdin)?;
    let tokens = api.login(drill.email.typed(), &password)?;
    ensure!(api.accepts(&tokens)?, "the protected route refuses a fresh token");

    revoke(&drill, &api, &tokens, target).await?;
    let began = Instant::now();
    let bound = Duration::from_secs(drill.bound);
    while api.accepts(&tokens)? {
        if began.elapsed() > bound.saturating_add(ALLOWANCE) {
            bail!(
                "still accepted after {} s: the bound of {} s is not kept",
                began.elapsed().as_secs(),
                drill.bound
            );
        }
        tokio::time::sleep(STEP).await;
    }
    let took = began.elapsed();
    let finding = Finding {
        way: drill.way.name(),
        refused_after_seconds: (took.as_secs_f64() * 10.0).round() / 10.0,
        bound_seconds: drill.bound,
        kept: took <= bound.saturating_add(ALLOWANCE),
    };
    output::one(&finding, output)
}

async fn revoke(drill: &RevokeDrill, api: &Api, tokens: &Tokens, target: &Target) -> anyhow::Result<()> {
    match drill.way {
        DrillWay::Logout => api.logout(tokens, "session"),
        DrillWay::LogoutAll => api.logout(tokens, "all"),
        DrillWay::Session => api.end_session(tokens),
        DrillWay::Disable => {
            let stores = target::user_stores(target).await?;
            let now = stores.clock().await?.now();
            auth::accounts::disable_user(&drill.email, now, &stores.users, &stores.feed)
                .await
                .context("cannot disable the user")?;
            // At once enabled again: what was issued before stays revoked.
            auth::accounts::enable_user(&drill.email, &stores.users)
                .await
                .context("the user is disabled now: enable them by `authctl user enable`")?;
            Ok(())
        }
    }
}

impl Row for Finding {
    const COLUMNS: &'static [&'static str] = &["REVOKED BY", "REFUSED AFTER", "BOUND", "KEPT"];

    fn cells(&self) -> Vec<String> {
        let kept = if self.kept { "yes" } else { "no" };
        vec![
            self.way.to_owned(),
            format!("{:.1} s", self.refused_after_seconds),
            format!("{} s", self.bound_seconds),
            kept.to_owned(),
        ]
    }
}
