//! The functions' own handlers, invoked in this process with events as text, as on the wire. A new function is one line in
//! [`FUNCTIONS`].

use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::{Function, Handler};
use authorizer::Authorizer;
use claims::{Clock as _, Millis};
use compact_feed::CompactFeed;
use config::{ConfigError, Environment};
use local::{Functions, InvokeError, Template};
use me::Me;
use rotate_keys::RotateKeys;
use rules::Rules;
use runtime::{Audit, FunctionError, Invoke};
use serde_json::Value;
use store::Aws;

use crate::{Keys, Log, TestClock, Wire, stack::environment};

/// What a function is made of.
#[derive(Debug)]
pub struct Parts {
    /// What it reads its settings from.
    pub environment: Environment,
    /// Where its tables and secrets are.
    pub aws: Aws,
    /// What it tells the time by.
    pub clock: TestClock,
    /// Where it writes its log.
    pub log: Log,
    /// The rules of routes, if it is an authorizer.
    pub rules: Rules,
}

/// Lists the functions: those that answer requests with what makes their handlers, the others with what makes them whole.
macro_rules! functions {
    (requests { $($name:literal => $new:expr,)+ } others { $($other:literal => $make:expr,)+ }) => {
        /// The name of every function.
        pub const FUNCTIONS: &[&str] = &[$($name,)+ $($other),+];

        /// Makes the function of this name.
        ///
        /// # Errors
        /// When its environment does not describe it.
        pub async fn make(name: &str, parts: Parts) -> Result<Process, ConfigError> {
            match name {
                $($name => of_requests($new, parts).await,)+
                $($other => $make(parts).await,)+
                _ => panic!("there is no function {name}"),
            }
        }
    };
}

functions! {
    requests {
        "login" => login::Login::new,
        "refresh" => refresh::Refresh::new,
        "logout" => logout::Logout::new,
        "sessions" => sessions::Sessions::new,
        "password" => password::Password::new,
        "me" => async |_: &Environment, _: &Aws, _| Ok(Me),
        "jwks" => jwks::Jwks::new,
    }
    others {
        "authorizer" => authorizer,
        "compact-feed" => async |parts| compact_feed(parts),
        "rotate-keys" => async |parts| rotate_keys(parts),
    }
}

/// A function that answers requests.
async fn of_requests<H: Handler + fmt::Debug + 'static>(
    new: impl AsyncFnOnce(&Environment, &Aws, Millis) -> Result<H, ConfigError>,
    parts: Parts,
) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let handler = new(&parts.environment, &parts.aws, parts.clock.now()).await?;
    Ok(Process::new(Function::new(handler, parts.clock, audit)))
}

async fn authorizer(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let aws = async || Ok(parts.aws);
    let authorizer = Authorizer::new(&parts.environment, aws, parts.clock, audit).await?;
    Ok(Process::new(authorizer.with_rules(parts.rules)))
}

fn compact_feed(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let compaction = CompactFeed::new(&parts.environment, &parts.aws, parts.clock, audit)?;
    Ok(Process::new(compaction))
}

fn rotate_keys(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let rotation = RotateKeys::new(&parts.environment, &parts.aws, parts.clock, audit)?;
    Ok(Process::new(rotation))
}

impl Parts {
    fn audit(&self) -> Audit {
        Audit::new(self.environment.telemetry().unwrap(), self.log.clone())
    }
}

/// A function of any kind, in one process for all invocations.
#[derive(Debug)]
pub struct Process(Box<dyn Running>);

impl Process {
    fn new(function: impl Invoke + fmt::Debug + 'static) -> Self {
        Self(Box::new(function))
    }
}

/// [`Invoke`], whatever the function is.
trait Running: fmt::Debug + Send + Sync {
    fn run<'a>(&'a self, event: &'a str, request_id: String) -> Invocation<'a>;
}

type Invocation<'a> = Pin<Box<dyn Future<Output = Result<Value, FunctionError>> + Send + 'a>>;

impl<I: Invoke + fmt::Debug> Running for I {
    fn run<'a>(&'a self, event: &'a str, request_id: String) -> Invocation<'a> {
        Box::pin(self.invoke(event, request_id, None))
    }
}

/// Every function of the template.
#[derive(Clone, Debug)]
pub struct InProcess(Arc<Processes>);

#[derive(Debug)]
struct Processes {
    functions: BTreeMap<&'static str, Process>,
    invocations: AtomicU64,
}

impl InProcess {
    /// The functions, each with the environment that the template gives it, by one clock and with one log.
    pub async fn start(
        template: &Template,
        rules: Rules,
        suffix: &str,
        wire: &Wire,
        clock: &TestClock,
        log: &Log,
        keys: &Keys,
    ) -> Self {
        let mut functions = BTreeMap::new();
        // There is nothing to rotate where no key is in a secret.
        let wanted = |name: &&&str| **name != "rotate-keys" || keys.are_in_secrets();
        for name in FUNCTIONS.iter().filter(wanted) {
            let parts = Parts {
                environment: Environment::from_iter(environment(template, name, suffix, keys)),
                aws: Aws::local(&wire.endpoint(name), keys.endpoint()).unwrap(),
                clock: clock.clone(),
                log: log.clone(),
                rules: rules.clone(),
            };
            functions.insert(*name, make(name, parts).await.unwrap());
        }
        Self(Arc::new(Processes {
            functions,
            invocations: AtomicU64::default(),
        }))
    }
}

impl Functions for InProcess {
    async fn invoke(&self, function: &str, event: String, timeout: Duration) -> Result<Value, InvokeError> {
        let id = format!("invocation-{}", self.0.invocations.fetch_add(1, Ordering::Relaxed));
        let Some(Process(process)) = self.0.functions.get(function) else {
            panic!("there is no function {function} in this stack");
        };
        tokio::time::timeout(timeout, process.run(&event, id))
            .await
            .map_err(|_| InvokeError::TimedOut { timeout })?
            .map_err(|error| InvokeError::Failed {
                message: error.to_string(),
            })
    }
}
