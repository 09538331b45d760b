//! The harness: each test has its own engine, and runs `authctl` against it through a wire that can be cut.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use auth::user::User;
use axum::{Router, routing::post};
use claims::Clock as _;
use serde_json::{Value, json};
use store::Accounts;
use tests::{Engine, MAIL_KEY, PSEUDONYM_KEY, Stack, Wire, refresh_keys, template};
use tokio::{io::AsyncWriteExt as _, net::TcpListener, process::Command};

use crate::operators_log::{GROUP, OperatorsLog};

/// Hashes of [`PASSWORD`] from other systems, made by OpenSSL, bcrypt and argon2-cffi.
pub(crate) const HASHES: [&str; 6] = [
    "$2a$06$lmj7kHHHVv29hroZx3Lzn.S6OnqwPDl3iNSfz2fci2rStESOlhmpW",
    "$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K",
    "$2y$06$B6.wb39htHvq9nNEgt573ekPkVgQ/5a0OF7LGVZSGU.mTOldhpb/q",
    "$scrypt$ln=10,r=8,p=1$pU3KGCUwux1tEyze1iN7Lg$imBe3Rrc7xF5IwBESD3pjH66FnDgl+idjLtYAozqpAQ",
    "$pbkdf2-sha256$i=1000,l=32$NGC+MSAeaf7aoO7ouZl/XA$HIrruz6pwv1J+SAJHkq1pwIjySPBRGRjqFzHVvMeZYw",
    "$argon2i$v=19$m=1024,t=3,p=1$nuSRxbEL7LVWO/web5NCfg$xweZbh+u7LN7qhq6iKsFpICrKRmKwA6X/PAkL5usshM",
];
pub(crate) const PASSWORD: &str = "p\u{e4}ssword hunter two";

/// The tables of a Gatehouse, and the wire through which `authctl` reaches them.
pub(crate) struct Gatehouse {
    pub(crate) users: Accounts,
    pub(crate) wire: Wire,
    /// The log of the operators.
    pub(crate) log: OperatorsLog,
    suffix: String,
    /// The endpoint of a Secrets Manager that holds the stack's keys, or `None` for commands that need no keys.
    secrets: Option<String>,
    /// The engine, which stops with the test, or `None` if it belongs to a stack.
    engine: Option<Engine>,
}

impl Gatehouse {
    pub(crate) async fn new() -> Self {
        let engine = Engine::start(&template(&[])).await;
        Self {
            users: engine.accounts(),
            wire: Wire::start(engine.endpoint.clone()).await,
            log: OperatorsLog::start(),
            suffix: engine.suffix.clone(),
            secrets: None,
            engine: Some(engine),
        }
    }

    /// Returns the Gatehouse of a stack. The stack's functions and its DynamoDB share a clock. The command runs with
    /// the clock of this computer, which may differ from the stack's clock by years.
    pub(crate) fn of(stack: &Stack) -> Self {
        let now = i64::try_from(stack.clock.now().timestamp().get()).unwrap();
        let now = jiff::Timestamp::from_second(now).unwrap();
        stack.wire.date(&now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        Self {
            users: stack.users.clone(),
            wire: stack.wire.clone(),
            log: OperatorsLog::start(),
            suffix: stack.suffix().to_owned(),
            secrets: None,
            engine: None,
        }
    }

    /// Returns the Gatehouse of a stack, with the outputs that only a stack with mail has.
    pub(crate) async fn with_mail(stack: &Stack) -> Self {
        Self {
            secrets: Some(serve_secrets().await),
            ..Self::of(stack)
        }
    }

    /// Returns the command with these arguments. It is killed when the test ends.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_authctl"));
        let table = |id: &str| format!("{id}{}", self.suffix);
        command
            .args(arguments)
            .env("AWS_ENDPOINT_URL_DYNAMODB", self.wire.endpoint("authctl"))
            .envs(["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| (name, "local")))
            .env("USERS_TABLE", table("UsersTable"))
            .env("CREDENTIALS_TABLE", table("CredentialsTable"))
            .env("REFRESH_TOKENS_TABLE", table("RefreshTokensTable"))
            .env("AUTHORIZER_FEED_TABLE", table("AuthorizerFeed"))
            .env("PUBLIC_KEYS_TABLE", table("PublicKeysTable"))
            .env("FACTORS_TABLE", table("FactorsTable"))
            .env("ATTEMPTS_TABLE", table("AttemptsTable"))
            .env("AWS_ENDPOINT_URL_STS", &self.log.url)
            .env("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", &self.log.url)
            .env("OPERATORS_LOG", GROUP)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(secrets) = &self.secrets {
            command
                .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets)
                .env("MAIL_TABLE", table("MailTable"))
                .env("MAIL_KEY_SECRET", "mail")
                .env("PSEUDONYM_KEY_SECRET", "pseudonym")
                .env("REFRESH_KEYS_SECRET", "refresh");
        }
        command
    }

    /// Returns the endpoint of the engine, without the wire.
    pub(crate) fn engine(&self) -> String {
        self.engine.as_ref().unwrap().endpoint.clone()
    }

    pub(crate) async fn authctl(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().await.unwrap().into()
    }

    /// Runs the command with this standard input.
    pub(crate) async fn authctl_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        child.wait_with_output().await.unwrap().into()
    }

    /// Returns all users, sorted by address.
    pub(crate) async fn everybody(&self) -> Vec<User> {
        let mut users = doubles::everyone(&self.users).await.unwrap();
        users.sort_by(|left, right| left.email.cmp(&right.email));
        users
    }
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    /// The exit code, or `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) told: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            succeeded: output.status.success(),
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            told: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Returns the command's JSON output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Returns the command's lines on standard output, sorted.
    pub(crate) fn sorted(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.out.lines().collect();
        lines.sort_unstable();
        lines
    }
}

/// Serves the keys of all stacks while the test runs, as Secrets Manager does, and returns the endpoint.
async fn serve_secrets() -> String {
    let answer = |body: String| async move {
        let request: Value = serde_json::from_str(&body).unwrap();
        let text = match request["SecretId"].as_str().unwrap() {
            "mail" => MAIL_KEY,
            "pseudonym" => PSEUDONYM_KEY,
            "refresh" => refresh_keys(),
            other => panic!("{other}"),
        };
        json!({"VersionId": "1", "SecretString": text}).to_string()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(answer));
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// Creates a file with this text for a test, and returns its path.
pub(crate) fn file(name: &str, text: &str) -> String {
    let path = path(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Returns the path of a file for a test. The file does not exist yet.
pub(crate) fn path(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        std::fs::remove_file(&path).unwrap();
    }
    path
}

/// Returns an empty folder for a test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path).unwrap();
    }
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Returns a CSV file of this many users.
pub(crate) fn csv(count: u32) -> String {
    let hash = HASHES[1];
    let lines = (0..count).map(|number| format!("user-{number:04}@example.com,{hash}\n"));
    std::iter::once("email,password_hash\n".to_owned())
        .chain(lines)
        .collect()
}

/// Returns a JSONL file of these users.
pub(crate) fn jsonl(users: &[Value]) -> String {
    let lines: Vec<String> = users.iter().map(Value::to_string).collect();
    lines.join("\n")
}
