//! The functions' own handlers, which run in this process and get events as strings, as in Lambda.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::{Audit, Function};
use authorizer::{Authorizer, Rules};
use claims::Clock as _;
use compact_feed::CompactFeed;
use config::{ConfigError, Environment};
use jwks::WellKnown;
use local::{Functions, InvokeError, Template};
use login::Login;
use logout::Logout;
use me::Me;
use password::OwnPassword;
use refresh::RefreshTokens;
use rotate_keys::RotateKeys;
use serde_json::Value;
use sessions::OwnSessions;
use store::Aws;

use crate::{Keys, Log, TestClock, Wire, stack::environment};

/// The functions of the template. Each of them runs as one process for all invocations.
#[derive(Clone, Debug)]
pub struct InProcess(Arc<Processes>);

#[derive(Debug)]
struct Processes {
    login: Function<Login, TestClock>,
    refresh: Function<RefreshTokens, TestClock>,
    logout: Function<Logout, TestClock>,
    sessions: Function<OwnSessions, TestClock>,
    password: Function<OwnPassword, TestClock>,
    me: Function<Me, TestClock>,
    jwks: Function<WellKnown, TestClock>,
    authorizer: Authorizer<TestClock>,
    compact_feed: CompactFeed<TestClock>,
    /// The rotation function, which exists only if the keys are in secrets.
    rotate_keys: Option<RotateKeys<TestClock>>,
    invocations: AtomicU64,
}

impl InProcess {
    /// Creates the functions, each with its environment in the template. They share one clock and one log.
    pub async fn start(
        template: &Template,
        rules: Rules,
        suffix: &str,
        wire: &Wire,
        clock: &TestClock,
        log: &Log,
        keys: &Keys,
    ) -> Self {
        let environment = |function: &str| Environment::from_iter(environment(template, function, suffix, keys));
        let audit = |function: &str| Audit::new(environment(function).telemetry().unwrap(), log.clone());
        let aws = |function: &str| Aws::local(&wire.endpoint(function), keys.endpoint()).unwrap();
        let now = clock.now();
        let login = Login::new(&environment("login"), &aws("login"), now).await.unwrap();
        let refresh = RefreshTokens::new(&environment("refresh"), &aws("refresh"), now)
            .await
            .unwrap();
        let logout = Logout::new(&environment("logout"), &aws("logout"), now).await.unwrap();
        let sessions = OwnSessions::new(&environment("sessions"), &aws("sessions")).unwrap();
        let password = OwnPassword::new(&environment("password"), &aws("password"), now)
            .await
            .unwrap();
        let jwks = WellKnown::new(&environment("jwks"), async || Ok::<_, ConfigError>(aws("jwks")))
            .await
            .unwrap();
        let authorizer = Authorizer::new(
            &environment("authorizer"),
            async || Ok::<_, ConfigError>(aws("authorizer")),
            clock.clone(),
            audit("authorizer"),
        )
        .await
        .unwrap();
        let compact_feed = CompactFeed::new(
            &environment("compact-feed"),
            &aws("compact-feed"),
            clock.clone(),
            audit("compact-feed"),
        )
        .unwrap();
        let rotate_keys = keys.are_in_secrets().then(|| {
            let environment = environment("rotate-keys");
            RotateKeys::new(&environment, &aws("rotate-keys"), clock.clone(), audit("rotate-keys")).unwrap()
        });
        Self(Arc::new(Processes {
            login: Function::new(login, clock.clone(), audit("login")),
            refresh: Function::new(refresh, clock.clone(), audit("refresh")),
            logout: Function::new(logout, clock.clone(), audit("logout")),
            sessions: Function::new(sessions, clock.clone(), audit("sessions")),
            password: Function::new(password, clock.clone(), audit("password")),
            me: Function::new(Me, clock.clone(), audit("me")),
            jwks: Function::new(jwks, clock.clone(), audit("jwks")),
            authorizer: authorizer.with_rules(rules),
            compact_feed,
            rotate_keys,
            invocations: AtomicU64::default(),
        }))
    }
}

impl Functions for InProcess {
    async fn invoke(&self, function: &str, event: String, timeout: Duration) -> Result<Value, InvokeError> {
        let id = format!("invocation-{}", self.0.invocations.fetch_add(1, Ordering::Relaxed));
        let invocation = async {
            match function {
                "login" => Ok(self.0.login.invoke(&event, id, None).await),
                "refresh" => Ok(self.0.refresh.invoke(&event, id, None).await),
                "logout" => Ok(self.0.logout.invoke(&event, id, None).await),
                "sessions" => Ok(self.0.sessions.invoke(&event, id, None).await),
                "password" => Ok(self.0.password.invoke(&event, id, None).await),
                "me" => Ok(self.0.me.invoke(&event, id, None).await),
                "jwks" => Ok(self.0.jwks.invoke(&event, id, None).await),
                "authorizer" => self.0.authorizer.invoke(&event, id, None).await,
                "compact-feed" => self.0.compact_feed.invoke(id, None).await,
                "rotate-keys" => match &self.0.rotate_keys {
                    Some(function) => function.invoke(&event, id, None).await,
                    None => panic!("the keys of this stack are in no secret"),
                },
                other => panic!("there is no function {other}"),
            }
        };
        tokio::time::timeout(timeout, invocation)
            .await
            .map_err(|_| InvokeError::TimedOut { timeout })?
            .map_err(|error| InvokeError::Failed {
                message: error.to_string(),
            })
    }
}
