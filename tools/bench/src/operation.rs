//! The operations of the service, as events of the gateway.

use std::{
    cell::RefCell,
    path::PathBuf,
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};

use crate::{
    measure::{Contender, Mode, run},
    store::{PASSWORD, Store},
    subject::{Requests, Subject},
    tokens::sample,
};

/// The number of sessions that are opened when the pool has none left.
const LOGINS: usize = 50;

/// A measured operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Login,
    Refresh,
    Logout,
    LogoutAll,
    Sessions,
    EndSession,
    Password,
    Confirm,
    Factors,
    PasskeyOptions,
    Me,
    Jwks,
    Pages,
}

impl Operation {
    /// Returns the operation's name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
            Self::LogoutAll => "logout, all sessions",
            Self::Sessions => "list of sessions",
            Self::EndSession => "end of a session",
            Self::Password => "change of password",
            Self::Confirm => "confirmation with the password",
            Self::Factors => "list of second factors",
            Self::PasskeyOptions => "start of a login with a passkey",
            Self::Me => "me",
            Self::Jwks => "jwks",
            Self::Pages => "pages",
        }
    }

    /// Returns the name of the function that performs the operation.
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Logout | Self::LogoutAll => "logout",
            Self::Sessions | Self::EndSession => "sessions",
            Self::Password => "password",
            Self::Confirm => "confirm",
            Self::Factors => "factors",
            Self::PasskeyOptions => "passkey-login",
            Self::Me => "me",
            Self::Jwks => "jwks",
            Self::Pages => "pages",
        }
    }

    /// Returns whether each request is for the session of another user.
    pub(crate) const fn takes_a_session(self) -> bool {
        matches!(
            self,
            Self::Sessions | Self::Logout | Self::Password | Self::Confirm | Self::Factors
        )
    }

    /// Returns the name of the operation's sample event.
    const fn sample(self) -> &'static str {
        if matches!(self, Self::EndSession) {
            "sessions-end-one"
        } else if matches!(self, Self::PasskeyOptions) {
            "passkey-login-options"
        } else {
            self.function()
        }
    }

    const fn status(self) -> u64 {
        if matches!(self, Self::Logout | Self::LogoutAll | Self::EndSession) {
            204
        } else {
            200
        }
    }
}

/// The tokens of a login, and its user and session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    refresh_token: String,
    /// The token of the device, which a login returns and a refresh does not.
    pub(crate) device_token: Option<String>,
    pub(crate) email: String,
    pub(crate) sub: String,
    pub(crate) sid: String,
}

/// The number of users that were added. All pools share the table of users, and a user of another pool may have another
/// password by now.
static USERS: AtomicUsize = AtomicUsize::new(0);

/// A source of new users, and the sessions that were opened but not used yet.
#[derive(Debug)]
pub(crate) struct Pool {
    checkout: PathBuf,
    store: Store,
    login: PathBuf,
    sessions: Vec<Session>,
}

impl Pool {
    /// Returns a pool that logs users in with this binary of the function `login`.
    pub(crate) fn new(checkout: PathBuf, store: Store, login: PathBuf) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self {
            checkout,
            store,
            login,
            sessions: Vec::new(),
        }))
    }

    /// Adds a user, and returns the event of their login.
    fn login(&mut self) -> anyhow::Result<Value> {
        let email = format!("user-{}@example.com", USERS.fetch_add(1, Ordering::Relaxed));
        self.store.add_user(&email)?;
        let mut event = sample(&self.checkout, "login")?;
        event["body"] = json!({"email": email, "password": PASSWORD}).to_string().into();
        Ok(event)
    }
}

/// Logs in new users until the pool has at least this many unused sessions.
///
/// # Errors
/// If a login fails.
pub(crate) fn reserve(pool: &Rc<RefCell<Pool>>, sessions: usize) -> anyhow::Result<()> {
    let missing = sessions.saturating_sub(pool.borrow().sessions.len());
    if missing == 0 {
        return Ok(());
    }
    let mut login = {
        let pool = pool.borrow();
        let environment = pool.store.environment("login", pool.store.endpoint());
        Subject::binary("login", pool.login.clone(), environment)
    };
    "the login of a new user".clone_into(&mut login.name);
    let requests = Box::new(Logins(Rc::clone(pool)));
    let mut contender = Contender {
        subject: login,
        requests,
        invocations: 0,
    };
    run(&mut contender, Mode::PagesWarm, missing - 1)?;
    Ok(())
}

/// Returns the session of a new user.
///
/// # Errors
/// If the login fails.
pub(crate) fn take(pool: &Rc<RefCell<Pool>>) -> anyhow::Result<Session> {
    if pool.borrow().sessions.is_empty() {
        reserve(pool, LOGINS)?;
    }
    pool.borrow_mut().sessions.pop().context("no session")
}

/// Logins whose sessions go into the pool.
struct Logins(Rc<RefCell<Pool>>);

impl Requests for Logins {
    fn next_event(&mut self) -> anyhow::Result<String> {
        Ok(self.0.borrow_mut().login()?.to_string())
    }

    fn check(&mut self, answer: &str) -> anyhow::Result<()> {
        let session = Session::of(&body(answer, 200)?)?;
        self.0.borrow_mut().sessions.push(session);
        Ok(())
    }
}

impl Session {
    /// Reads the session from the body of the answer to a login or a refresh.
    fn of(body: &Value) -> anyhow::Result<Self> {
        let text = |name: &str| body[name].as_str().with_context(|| format!("no {name} in {body}"));
        let claims = text("access_token")?.split('.').nth(1).context("no token")?;
        let claims: Value = serde_json::from_slice(&BASE64URL.decode(claims)?)?;
        let claim = |name: &str| claims[name].as_str().map(str::to_owned).context("no claim");
        Ok(Self {
            refresh_token: text("refresh_token")?.to_owned(),
            device_token: body["device_token"].as_str().map(str::to_owned),
            email: claim("email")?,
            sub: claim("sub")?,
            sid: claim("sid")?,
        })
    }
}

/// The requests of an operation. Refreshes continue one session, `me` and `jwks` use none, and all others use a new
/// user or a new session each time, or always the same one.
pub(crate) struct Repeated {
    operation: Operation,
    pool: Rc<RefCell<Pool>>,
    event: Value,
    /// The session that is used again and again, if there is one.
    session: Option<Session>,
}

impl Repeated {
    /// Returns the requests of an operation.
    ///
    /// # Errors
    /// If its sample event cannot be read.
    pub(crate) fn new(operation: Operation, pool: &Rc<RefCell<Pool>>) -> anyhow::Result<Self> {
        let event = sample(&pool.borrow().checkout, operation.sample())?;
        Ok(Self {
            operation,
            pool: Rc::clone(pool),
            event,
            session: None,
        })
    }

    /// Returns the requests of an operation for this session or its user. A login is from the device of the session.
    ///
    /// # Errors
    /// If its sample event cannot be read.
    pub(crate) fn of_session(operation: Operation, pool: &Rc<RefCell<Pool>>, session: Session) -> anyhow::Result<Self> {
        Ok(Self {
            session: Some(session),
            ..Self::new(operation, pool)?
        })
    }

    /// Returns the session that an operation uses next.
    fn session(&mut self) -> anyhow::Result<Session> {
        if self.operation == Operation::Refresh && self.session.is_none() {
            self.session = Some(take(&self.pool)?);
        }
        self.session.clone().map_or_else(|| take(&self.pool), Ok)
    }
}

impl Requests for Repeated {
    fn next_event(&mut self) -> anyhow::Result<String> {
        match self.operation {
            Operation::Login => {
                let Some(session) = &self.session else {
                    return Ok(self.pool.borrow_mut().login()?.to_string());
                };
                let device = &session.device_token;
                let body = json!({"email": session.email, "password": PASSWORD, "device_token": device});
                self.event["body"] = body.to_string().into();
            }
            Operation::Me | Operation::Jwks | Operation::Pages | Operation::PasskeyOptions => {}
            Operation::Refresh | Operation::Logout => {
                self.event["body"] = json!({"refresh_token": self.session()?.refresh_token})
                    .to_string()
                    .into();
            }
            Operation::LogoutAll => {
                let body = json!({"refresh_token": self.session()?.refresh_token, "scope": "all"});
                self.event["body"] = body.to_string().into();
            }
            Operation::Sessions
            | Operation::EndSession
            | Operation::Password
            | Operation::Confirm
            | Operation::Factors => {
                let session = self.session()?;
                let context = &mut self.event["requestContext"]["authorizer"]["lambda"];
                context["sub"] = session.sub.into();
                context["sid"] = session.sid.clone().into();
                if self.operation == Operation::EndSession {
                    self.event["rawPath"] = format!("/auth/sessions/{}", session.sid).into();
                    self.event["requestContext"]["http"]["path"] = self.event["rawPath"].clone();
                    self.event["pathParameters"] = json!({"sid": session.sid});
                }
                if self.operation == Operation::Confirm {
                    self.event["body"] = json!({"password": PASSWORD}).to_string().into();
                }
                if self.operation == Operation::Password {
                    let new = "another horse, another battery";
                    let body = json!({"current_password": PASSWORD, "new_password": new});
                    self.event["body"] = body.to_string().into();
                }
            }
        }
        Ok(self.event.to_string())
    }

    fn check(&mut self, answer: &str) -> anyhow::Result<()> {
        let body = body(answer, self.operation.status())?;
        if let (Operation::Login | Operation::Refresh, Some(session)) = (self.operation, &mut self.session) {
            *session = Session::of(&body)?;
        }
        Ok(())
    }
}

/// Returns the body of an answer, or null if it is not JSON. Any status other than `status` is an error.
fn body(answer: &str, status: u64) -> anyhow::Result<Value> {
    let answer: Value = serde_json::from_str(answer)?;
    if answer["statusCode"] != status {
        bail!("{status} was expected: {answer}");
    }
    let text = answer["body"].as_str().unwrap_or_default();
    Ok(serde_json::from_str(text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_status_is_an_error() {
        let answer = json!({"statusCode": 401, "body": "{}"}).to_string();

        assert!(body(&answer, 401).is_ok());
        assert!(body(&answer, 200).is_err());
    }

    #[test]
    fn a_session_is_read_from_the_answer_to_a_login() {
        let claims = BASE64URL.encode(json!({"sub": "ada", "sid": "one", "email": "ada@example.com"}).to_string());
        let body = json!({"access_token": format!("a.{claims}.b"), "refresh_token": "c"});

        let session = Session::of(&body).unwrap();

        assert_eq!((session.sub.as_str(), session.sid.as_str()), ("ada", "one"));
        assert!(Session::of(&json!({"access_token": "a.b.c"})).is_err());
    }
}
