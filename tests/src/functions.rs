//! The functions' own handlers, which run in this process and get events as strings, as in Lambda. In the list below,
//! the `repository` tests derive the entries of the functions that depend on both `api` and `store`. People write the
//! other entries.

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
use claims::{Clock as _, Moment};
use compact_feed::CompactFeed;
use config::{ConfigError, Environment};
use local::{Functions, InvokeError, Template};
use mailer::Mailer;
use mailer_event::BusSender;
use mailer_ses::SesSender;
use me::Me;
use publish_events::PublishEvents;
use remove_accounts::RemoveAccounts;
use rotate_keys::RotateKeys;
use rules::Rules;
use runtime::{Audit, FunctionError, Invoke};
use serde_json::Value;
use store::Aws;

use crate::{Keys, Log, TestClock, Wire, aws_variables, environment};

/// The parts that a function is made of.
#[derive(Debug)]
pub struct Parts {
    /// The environment with the function's settings.
    pub environment: Environment,
    /// The access to the function's tables and secrets in AWS.
    pub aws: Aws,
    /// The function's clock.
    pub clock: TestClock,
    /// The function's log.
    pub log: Log,
    /// The rules of the routes, which only the authorizer uses.
    pub rules: Rules,
}

/// Makes [`FUNCTIONS`] and [`make`] from a list of functions. For a function that answers requests, the list has the
/// constructor of its handler. For any other function, the list has the constructor of the whole function.
macro_rules! functions {
    (requests { $($name:literal => $new:expr,)+ } others { $($other:literal => $make:expr,)+ }) => {
        /// The names of all functions.
        pub const FUNCTIONS: &[&str] = &[$($name,)+ $($other),+];

        /// Creates the function with this name.
        ///
        /// # Errors
        /// If a variable of its environment is missing or invalid.
        pub async fn make(name: &str, parts: Parts) -> Result<Process, ConfigError> {
            match name {
                $($name => of_requests($new, parts).await,)+
                $($other => $make(parts).await,)+
                _ => panic!("no function is named {name}"),
            }
        }
    };
}

functions! {
    requests {
        "me" => async |_: &Environment, _: &Aws, _| Ok(Me),
        "pages" => async |environment: &Environment, _: &Aws, _| pages::Pages::new(environment),
        "jwks" => async |environment: &Environment, _: &Aws, _| jwks::Jwks::new(environment),
        "delete-account" => async |environment: &Environment, aws: &Aws, _| {
            delete_account::DeleteAccount::new(environment, aws).await
        },
        // Derived from the folders
        "address" => address::Address::new,
        "confirm" => confirm::Confirm::new,
        "factors" => factors::Factors::new,
        "keep-account" => keep_account::KeepAccount::new,
        "login" => login::Login::new,
        "logout" => logout::Logout::new,
        "passkey-login" => passkey_login::PasskeyLogin::new,
        "password" => password::Password::new,
        "refresh" => refresh::Refresh::new,
        "register" => register::Register::new,
        "request-mail" => request_mail::RequestMail::new,
        "reset" => reset::Reset::new,
        "second-step" => second_step::SecondStep::new,
        "sessions" => sessions::Sessions::new,
    }
    others {
        "authorizer" => authorizer,
        "compact-feed" => async |parts| compact_feed(parts),
        "mailer-event" => mailer_event,
        "mailer-ses" => mailer_ses,
        "publish-events" => async |parts| publish_events(parts),
        "remove-accounts" => remove_accounts,
        "rotate-keys" => async |parts| rotate_keys(parts),
    }
}

/// Creates a function that answers requests.
async fn of_requests<H: Handler + fmt::Debug + 'static>(
    new: impl AsyncFnOnce(&Environment, &Aws, Moment) -> Result<H, ConfigError>,
    parts: Parts,
) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let handler = new(&parts.environment, &parts.aws, parts.clock.now()).await?;
    Ok(Process::new(Function::new(handler, parts.clock, audit)))
}

async fn authorizer(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let authorizer = Authorizer::new(&parts.environment, parts.clock, audit).await?;
    Ok(Process::new(authorizer.with_rules(parts.rules)))
}

fn compact_feed(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let compaction = CompactFeed::new(&parts.environment, &parts.aws, parts.clock, audit)?;
    Ok(Process::new(compaction))
}

async fn mailer_event(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let sender = BusSender::new(&parts.environment, &parts.aws)?;
    let mailer = Mailer::new(&parts.environment, &parts.aws, sender, parts.clock, audit).await?;
    Ok(Process::new(mailer))
}

async fn mailer_ses(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let sender = SesSender::new(&parts.environment, &parts.aws)?;
    let mailer = Mailer::new(&parts.environment, &parts.aws, sender, parts.clock, audit).await?;
    Ok(Process::new(mailer))
}

fn publish_events(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let events = PublishEvents::new(&parts.environment, &parts.aws, parts.clock, audit)?;
    Ok(Process::new(events))
}

async fn remove_accounts(parts: Parts) -> Result<Process, ConfigError> {
    let audit = parts.audit();
    let removal = RemoveAccounts::new(&parts.environment, &parts.aws, parts.clock, audit).await?;
    Ok(Process::new(removal))
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

/// A function of any kind, which has started and handles all invocations.
#[derive(Debug)]
pub struct Process(Box<dyn Running>);

impl Process {
    fn new(function: impl Invoke + fmt::Debug + 'static) -> Self {
        Self(Box::new(function))
    }
}

/// An object-safe [`Invoke`], for functions of any kind.
trait Running: fmt::Debug + Send + Sync {
    fn run<'a>(&'a self, event: &'a str, request_id: String) -> Invocation<'a>;
}

type Invocation<'a> = Pin<Box<dyn Future<Output = Result<Value, FunctionError>> + Send + 'a>>;

impl<I: Invoke + fmt::Debug> Running for I {
    fn run<'a>(&'a self, event: &'a str, request_id: String) -> Invocation<'a> {
        Box::pin(self.invoke(event, request_id, None))
    }
}

/// All functions of the template, which run in this process.
#[derive(Clone, Debug)]
pub struct InProcess(Arc<Processes>);

#[derive(Debug)]
struct Processes {
    functions: BTreeMap<&'static str, Process>,
    invocations: AtomicU64,
}

impl InProcess {
    /// Creates the functions, each with its environment in the template. They share one clock and one log. `ses` is the
    /// endpoint of SES.
    #[expect(clippy::too_many_arguments, reason = "a stack is made of many parts")]
    pub async fn start(
        template: &Template,
        rules: Rules,
        suffix: &str,
        wire: &Wire,
        clock: &TestClock,
        log: &Log,
        keys: &Keys,
        ses: &str,
    ) -> Self {
        let mut functions = BTreeMap::new();
        let made: Vec<String> = template
            .functions()
            .unwrap()
            .into_values()
            .map(|made| made.name)
            .collect();
        // `rotate-keys` starts only if the keys are in secrets. Otherwise, it has nothing to rotate.
        let is_needed = |name: &str| name != "rotate-keys" || keys.are_in_secrets();
        let wanted = |name: &&&str| made.iter().any(|made| made == **name) && is_needed(name);
        for name in FUNCTIONS.iter().filter(wanted) {
            let parts = Parts {
                environment: environment(template, name, suffix, keys)
                    .into_iter()
                    .chain(aws_variables(&wire.endpoint(name), keys.endpoint()))
                    .chain([("AWS_ENDPOINT_URL_SESV2".to_owned(), ses.to_owned())])
                    .collect(),
                aws: Aws::local(&wire.endpoint(name), keys.endpoint()),
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
            panic!("this stack has no function {function}");
        };
        tokio::time::timeout(timeout, process.run(&event, id))
            .await
            .map_err(|_| InvokeError::TimedOut { timeout })?
            .map_err(|error| InvokeError::Failed {
                message: error.to_string(),
            })
    }
}
