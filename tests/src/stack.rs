//! The stack of a test, with its own engine, tables, user, functions and gateway.

use std::collections::BTreeMap;

use auth::{
    keys::PublishKeys as _,
    password::{FindPassword as _, HashCost, Hasher, Password, PasswordHash, UpgradeHash as _},
    user::{Email, NewUser, Status, User},
};
use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use claims::Clock as _;
use http_body_util::BodyExt as _;
use local::{Api, EventSource, Gateway, Mailbox, Message, Pump, Route, serve_ses};
use rules::Rules;
use serde_json::{Value, json};
use store::{Accounts, Aws, Client, Epochs, FactorChanges, FactorTable, FeedTable, PublicKeyTable, SessionTable};
use tokio::{net::TcpListener, sync::Mutex};
use tower::ServiceExt as _;

use crate::{
    Answer, Call, Engine, InProcess, Keys, Log, Secrets, TestClock, Wire, aws_variables, contract::assert_held, jwks,
    template,
};

/// The email address of every stack's user.
pub const EMAIL: &str = "Ada@Example.com";
/// The password of every stack's user.
pub const PASSWORD: &str = "correct horse battery staple";
/// A hash of [`PASSWORD`] by Python's bcrypt, with a cost that is too low.
const WEAK_HASH: &str = "$2b$05$ELhH2AKqxVeG9NtyfZM61.V7Vaw0MGRvRhjA78n2W1ifmcy1nzL52";

/// A running Gatehouse.
#[derive(Debug)]
pub struct Stack {
    /// The clock of all functions.
    pub clock: TestClock,
    /// The log of all functions.
    pub log: Log,
    /// The wire between the functions and the engine.
    pub wire: Wire,
    /// The users and credentials tables, accessed without the wire.
    pub users: Accounts,
    /// The sessions table, accessed without the wire.
    pub sessions: SessionTable,
    /// The feed table, accessed through a wire that never fails.
    pub feed: FeedTable,
    /// The public keys table, accessed without the wire.
    pub public_keys: PublicKeyTable,
    /// The user.
    pub user: User,
    /// The functions, for events that do not come from the gateway.
    pub functions: InProcess,
    /// The mails that were sent.
    mailbox: Mailbox,
    /// The streams of the tables.
    pump: Mutex<Pump<InProcess, TestClock>>,
    router: Router,
    /// The engine, which stops with the stack.
    engine: Engine,
}

impl Stack {
    /// Starts a stack with the template's defaults.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts a stack with these template parameters. All other parameters have their defaults.
    pub async fn with(parameters: &[(&str, &str)]) -> Self {
        Self::by(TestClock::default(), parameters).await
    }

    /// Starts a stack with this clock and these template parameters.
    pub async fn by(clock: TestClock, parameters: &[(&str, &str)]) -> Self {
        Self::of(clock, parameters, authorizer::built_in_rules(), Keys::Given).await
    }

    /// Starts a stack with these template parameters, and with these rules for its routes.
    pub async fn with_rules(parameters: &[(&str, &str)], rules: Rules) -> Self {
        Self::of(TestClock::default(), parameters, rules, Keys::Given).await
    }

    /// Starts a stack with these template parameters, rules and additional routes to `me`, such as `ANY /{proxy+}`.
    /// Each of these routes requires an access token.
    pub async fn with_routes(parameters: &[(&str, &str)], rules: Rules, routes: &[&str]) -> Self {
        Self::routed(TestClock::default(), parameters, rules, Keys::Given, routes).await
    }

    /// Starts a stack with these template parameters, and with its keys in these secrets.
    pub async fn with_secrets(secrets: Secrets, parameters: &[(&str, &str)]) -> Self {
        let clock = TestClock::default();
        Self::of(
            clock,
            parameters,
            authorizer::built_in_rules(),
            Keys::InSecrets(secrets),
        )
        .await
    }

    async fn of(clock: TestClock, parameters: &[(&str, &str)], rules: Rules, keys: Keys) -> Self {
        Self::routed(clock, parameters, rules, keys, &[]).await
    }

    async fn routed(clock: TestClock, parameters: &[(&str, &str)], rules: Rules, keys: Keys, routes: &[&str]) -> Self {
        let template = template(parameters);
        let engine = Engine::start(&template).await;
        let client = engine.client();
        let users = engine.accounts();
        let sessions = SessionTable::new(client.clone(), engine.table("RefreshTokensTable"));
        let public_keys = PublicKeyTable::new(client, engine.table("PublicKeysTable"));
        if let Keys::Given = keys {
            public_keys.publish(&jwks()).await.unwrap();
        }

        let log = Log::default();
        let wire = Wire::start_by(engine.endpoint.clone(), clock.clone()).await;
        let sound = Wire::start_by(engine.endpoint.clone(), clock.clone()).await;
        let feed = FeedTable::new(sound.client("test"), engine.table("AuthorizerFeed"));
        let mailbox = Mailbox::in_memory();
        let ses = serve(serve_ses(mailbox.clone())).await;
        // The future that starts all functions is large, so it is boxed.
        let functions = InProcess::start(&template, rules, &engine.suffix, &wire, &clock, &log, &keys, &ses);
        let functions = Box::pin(functions).await;
        let mut api = template.api().unwrap();
        let more = routes.iter().map(|route| protected(route, &api));
        api.routes = api.routes.iter().cloned().chain(more).collect();
        let gateway = Gateway::new(api, functions.clone(), clock.clone(), |_| {});
        let user = add_user(Email::parse(EMAIL).unwrap(), &users, &clock).await;
        let sources = template.event_sources().unwrap();
        let of_engine = |source: EventSource| EventSource {
            table: engine.table(&source.table),
            ..source
        };
        let sources = sources.into_iter().map(of_engine).collect();
        let pump = Pump::new(engine.aws(), sources, functions.clone(), clock.clone(), |_| {});
        Self {
            mailbox,
            pump: Mutex::new(pump),
            clock,
            log,
            wire,
            users,
            sessions,
            feed,
            public_keys,
            user,
            functions,
            router: gateway.into_router(),
            engine,
        }
    }

    /// Returns an [`Aws`] that calls the engine as its DynamoDB, without the wire.
    #[must_use]
    pub fn aws(&self) -> Aws {
        self.engine.aws()
    }

    /// Returns the variables with which a function calls the engine without the wire.
    #[must_use]
    pub fn aws_variables(&self) -> BTreeMap<String, String> {
        aws_variables(&self.engine.endpoint, "http://localhost:0")
    }

    /// Returns a client that calls the engine without the wire.
    #[must_use]
    pub fn client(&self) -> Client {
        self.engine.client()
    }

    /// Returns the users and sessions tables, accessed without the wire, for writes that change both tables at once.
    #[must_use]
    pub fn epochs(&self) -> Epochs {
        Epochs::new(self.client(), self.engine.users(), self.sessions.clone())
    }

    /// Returns the table of second factors, accessed without the wire.
    #[must_use]
    pub fn factors(&self) -> FactorTable {
        FactorTable::new(self.client(), self.engine.table("FactorsTable"))
    }

    /// Returns the changes of second factors, accessed without the wire. They queue no notices.
    #[must_use]
    pub fn factor_changes(&self) -> FactorChanges {
        FactorChanges::new(self.factors(), self.engine.users(), self.sessions.clone(), None)
    }

    /// Deletes a session of the user, as DynamoDB does some time after its expiry.
    pub async fn forget_session(&self, sid: &str) {
        let delete = self
            .client()
            .delete_item()
            .table_name(self.engine.table("RefreshTokensTable"))
            .key("user_id", AttributeValue::S(self.user.id.to_string()))
            .key("sid", AttributeValue::S(sid.to_owned()));
        delete.send().await.unwrap();
    }

    /// Returns the suffix of the stack's table names.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.engine.suffix
    }

    /// Serves the gateway on its own port while the test runs, and returns its URL.
    pub async fn serve(&self) -> String {
        serve(self.router.clone()).await
    }

    /// Delivers what is in the streams, and returns all mails that were sent so far, the newest first.
    pub async fn mails(&self) -> Vec<Message> {
        self.pump.lock().await.drain().await.unwrap();
        self.mailbox.messages()
    }

    /// Sends a request and returns the complete answer, which must be in the contract.
    pub async fn send(&self, call: Call) -> Answer {
        let request = call.clone().into_request();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        assert_held(&call, &answer);
        answer
    }

    /// Enables or disables the user.
    pub async fn set_status(&self, status: Status) {
        let (email, now) = (Email::parse(EMAIL).unwrap(), self.clock.now());
        match status {
            Status::Enabled => auth::accounts::enable_user(&email, &self.users).await,
            Status::Disabled => auth::accounts::disable_user(&email, now, &self.users, &self.feed).await,
            Status::Deleting => panic!("only the owner of an account deletes it"),
        }
        .unwrap();
    }

    /// Replaces the user's password hash with a hash of the same password that has a lower cost than new hashes.
    pub async fn weaken_hash(&self) {
        let email = Email::parse(EMAIL).unwrap();
        let credentials = self.users.password_record(&email).await.unwrap().unwrap();
        let weak = PasswordHash::from_stored(WEAK_HASH.to_owned());
        assert!(
            self.users
                .upgrade(&email, &credentials.password_hash, &weak)
                .await
                .unwrap()
        );
    }

    /// Changes the user's role.
    pub async fn set_role(&self, role: &str) {
        let (email, role) = (Email::parse(EMAIL).unwrap(), role.parse().unwrap());
        auth::accounts::set_role(&email, role, &self.clock, &self.users, &self.feed)
            .await
            .unwrap();
    }

    /// Logs the user in. The answer has the tokens in its body.
    pub async fn login(&self) -> Answer {
        self.send(Call::post("/auth/login", &credentials())).await
    }

    /// Adds another user and logs them in. The answer has the tokens in its body.
    pub async fn login_as_another_user(&self) -> Answer {
        let email = Email::parse("grace@example.com").unwrap();
        add_user(email, &self.users, &self.clock).await;
        let body = json!({"email": "grace@example.com", "password": PASSWORD});
        self.send(Call::post("/auth/login", &body)).await
    }

    /// Logs the user in, with the refresh token in a cookie.
    pub async fn login_by_cookie(&self) -> Answer {
        let mut body = credentials();
        body["delivery"] = json!("cookie");
        self.send(Call::post("/auth/login", &body).from_page()).await
    }

    /// Refreshes with the token in the body.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.send(Call::post("/auth/refresh", &json!({"refresh_token": token})))
            .await
    }

    /// Logs out with the token in the body.
    pub async fn logout(&self, token: &str) -> Answer {
        self.send(Call::post("/auth/logout", &json!({"refresh_token": token})))
            .await
    }

    /// Calls `GET /auth/me`, the protected route.
    pub async fn me(&self, token: &str) -> Answer {
        self.send(Call::get("/auth/me").bearer(token)).await
    }
}

/// Serves a router on its own port while the test runs, and returns its URL.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// Parses `route`, which is a method and a path, into a route to the function `me` that needs an access token.
fn protected(route: &str, api: &Api) -> Route {
    let me = api.routes.iter().find(|route| route.function == "me").unwrap();
    let (method, path) = route.split_once(' ').unwrap();
    Route {
        method: method.to_owned(),
        path: path.to_owned(),
        ..me.clone()
    }
}

fn credentials() -> Value {
    json!({"email": EMAIL, "password": PASSWORD})
}

async fn add_user(email: Email, users: &Accounts, clock: &TestClock) -> User {
    let new = NewUser {
        email,
        role: "analyst".parse().unwrap(),
        scope: "reports:read".parse().unwrap(),
    };
    let password = Password::parse(PASSWORD).unwrap();
    let (rng, hasher) = (&mut config::random(), &Hasher::new(HashCost::MIN));
    auth::accounts::add_user(new, &password, clock.now(), rng, hasher, users)
        .await
        .unwrap()
}
