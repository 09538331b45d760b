//! The whole of Gatehouse on this machine: its parts start in order, run until a signal, and stop in order.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use axum::{Router, serve::ListenerExt as _};
use claims::Clock as _;
use config::SystemClock;
use rustls::ServerConfig;
use site::Site;
use store::{Accounts, Aws, CredentialsTable, FeedTable, PublicKeyTable, UserTable};
use tokio::{net::TcpListener, signal::unix, task::JoinSet};

use crate::{
    Options, bus, cargo,
    cargo_lambda::{self, Watch},
    certificate::Certificate,
    database::{Database, create_tables},
    environment,
    folder::Folder,
    gateway::Gateway,
    home::{self, Home},
    https::HttpsListener,
    keys::KeyFolder,
    log::{Log, OPERATORS, OperatorsLog},
    mail::{self, Mailbox},
    notice, port, rotation, seed,
    streams::Pump,
    template::Template,
    welcome::{self, Welcome},
};

/// The audience of the local stack's access tokens.
const AUDIENCE: &str = "gatehouse-local";

/// The parameters with which the functions send mails, also about new devices, anyone may register, users may delete their
/// accounts, and each change of a user is an event.
const ACCOUNT_LIFE: [(&str, &str); 6] = [
    ("MailVia", "ses"),
    ("MailFrom", "Gatehouse <login@localhost>"),
    ("Registration", "on"),
    ("DeletionDays", "14"),
    ("EventBus", "default"),
    ("DeviceNotices", "on"),
];

/// A placeholder for the endpoint of Secrets Manager. The local stack never calls it, because its keys are in files.
const NOWHERE: &str = "http://localhost:0";

/// Runs the stack of the workspace at `root` until Ctrl-C or SIGTERM.
///
/// # Errors
/// If a port is taken, the template has an unexpected form, a part does not start, or a part ends by itself.
pub async fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let url = options.url();
    let origins = options.origins();
    let allowed = origins.join(",");
    let own = [
        ("Issuer", url.as_str()),
        ("Audience", AUDIENCE),
        ("AllowedOrigins", allowed.as_str()),
    ];
    let given = options
        .parameter
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters: BTreeMap<&str, &str> = own.into_iter().chain(ACCOUNT_LIFE).chain(given).collect();
    let template = Template::read(&root.join("template.yaml"), &parameters)?;
    let accent = options.accent_colour()?;
    let sources = template.event_sources()?;

    let gateway = [
        Some(port::listen(options.port, "--port").await?),
        port::listen_v6(options.port, "--port").await?,
    ];
    let engine = port::listen(options.database_port()?, "--database-port").await?;
    let ses = port::listen(options.mail_port()?, "--mail-port").await?;
    let functions = port::free(options.functions_port()?, "--functions-port").await?;

    let folder = Folder::new(&root.canonicalize()?, options.port);
    let own = folder.path("");
    std::fs::create_dir_all(&own).with_context(|| format!("cannot make the folder {}", own.display()))?;
    let certificate = options
        .tls
        .then(|| Certificate::ensure(&folder.certificate(), SystemClock.now().timestamp()))
        .transpose()?;
    let cargo_lambda = cargo_lambda::ensure(&folder.tools(), notice::print_line)?;
    compile(folder.root(), &template)?;

    let database = Database::in_file(&folder.path("dynamodb.sqlite"), engine)?;
    let aws = Aws::local(&database.endpoint(), NOWHERE);
    let client = aws.dynamodb();
    create_tables(&template, str::to_owned, &client).await?;
    let accounts = Accounts::new(
        UserTable::new(client.clone(), "UsersTable".to_owned()),
        CredentialsTable::new(client.clone(), "CredentialsTable".to_owned()),
    );
    let feed = FeedTable::new(client.clone(), "AuthorizerFeed".to_owned());
    let public_keys = PublicKeyTable::new(client, "PublicKeysTable".to_owned());
    let keys = KeyFolder::new(&folder.path("keys"));
    seed::seed_keys(&keys, &public_keys).await?;
    let user = seed::seed_user(&folder.path("demo-user.json"), &accounts, &feed).await?;
    let mailbox = Mailbox::in_file(&folder.path("mails.jsonl"), notice::offer_line)?;
    let mail = format!("http://{}", ses.local_addr()?);
    let variables = environment::of_functions(&template, &keys, &database.endpoint(), &mail)?;
    environment::write(&variables, &folder.path("functions.env"))?;

    let operators = OperatorsLog::from_end(folder.path(OPERATORS));
    let log = Log::in_folder(&folder.path("log"), notice::offer_line)?;
    let mut watch = Watch::start(&cargo_lambda, &folder, functions, &log).await?;
    let api = template.api()?;
    notice::print_line(&welcome::not_imitated(&api.not_imitated));
    let welcome = Welcome {
        url: &url,
        functions,
        database_port: options.database_port()?,
        origins: &origins,
        folder: &folder,
        authority: certificate.as_ref().map(|certificate| &certificate.authority),
    };
    let home = (!api.routes.iter().any(|route| route.path == "/")).then(|| Home {
        site: Site::with_assets(accent, &home::PANEL),
        text: welcome.page(),
    });
    let router = Gateway::new(api, watch.client(), SystemClock, notice::offer_line)
        .with_log(log.clone())
        .into_router();
    let router = mail::serve_page(mailbox.clone(), home::serve_home(router, home));
    let server = certificate.as_ref().map(|certificate| &certificate.server);
    let mut servers = serve(&router, gateway, server, &url);
    let services = mail::serve_ses(mailbox).merge(bus::serve_bus(notice::offer_line));
    servers.spawn(async move { axum::serve(ses, services).await });
    let pump = Pump::new(aws, sources, watch.client(), SystemClock, notice::offer_line);
    let mut pump = pump.keep_in(&folder.path("streams"))?;
    notice::print_text(&welcome.text(&user));

    let outcome = tokio::select! {
        ended = watch.wait_for_end() => ended,
        Err(fault) = rotation::watch(options.rotate, &keys, &public_keys) => Err(fault),
        never = pump.run() => match never {},
        never = operators.show(&log) => match never {},
        stopped = wait_for_signal() => stopped,
    };
    servers.shutdown().await;
    watch.stop().await?;
    database.stop().await;
    notice::print_line("stopped");
    outcome
}

/// Compiles all functions together. Otherwise, the first requests would compile them one after the other.
fn compile(root: &Path, template: &Template) -> anyhow::Result<()> {
    let mut cargo = cargo::command("cargo");
    cargo.current_dir(root).arg("build");
    for function in template.functions()?.into_values() {
        cargo.args(["--bin", &function.name]);
    }
    let status = cargo.status().context("cannot run cargo")?;
    ensure!(status.success(), "the functions do not compile: see above");
    Ok(())
}

/// Serves the API on each listener: by https if there is a certificate, and otherwise by http.
fn serve(
    router: &Router,
    listeners: [Option<TcpListener>; 2],
    certificate: Option<&Arc<ServerConfig>>,
    url: &str,
) -> JoinSet<std::io::Result<()>> {
    let mut servers = JoinSet::new();
    for listener in listeners.into_iter().flatten() {
        let service = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        if let Some(certificate) = certificate {
            // `axum` gives a service the client's address only with its own listeners, and `tap_io` returns one.
            let listener = HttpsListener::new(listener, Arc::clone(certificate), url).tap_io(|_| {});
            servers.spawn(async move { axum::serve(listener, service).await });
        } else {
            servers.spawn(async move { axum::serve(listener, service).await });
        }
    }
    servers
}

async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
