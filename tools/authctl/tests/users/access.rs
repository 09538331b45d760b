//! These tests check how `authctl` finds a stack, credentials and the way to AWS, and what it says if AWS refuses.

use std::sync::{Arc, Mutex};

use auth::user::Status;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};
use tests::{EMAIL, Stack};
use tokio::net::TcpListener;

use crate::{
    harness::{Gatehouse, Ran, folder},
    operators_log::GROUP,
};

const DENIED: &str = "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: dynamodb:GetItem on \
                      resource: arn:aws:dynamodb:eu-west-1:111122223333:table/gatehouse-Credentials";

#[tokio::test]
async fn the_tables_of_a_stack_are_found_by_its_name() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let aws = Aws::serve(stack.suffix()).await;

    let shown = aws
        .run(
            &gatehouse,
            &["--stack", "gatehouse", "user", "show", EMAIL, "-o", "json"],
        )
        .await;
    let described = aws.run(&gatehouse, &["stack", "--stack", "gatehouse"]).await;
    let for_programs = aws
        .run(&gatehouse, &["stack", "--stack", "gatehouse", "-o", "json"])
        .await;
    let unknown = aws.run(&gatehouse, &["--stack", "other", "user", "list"]).await;
    let both = aws
        .run(&gatehouse, &["--stack", "gatehouse", "--local", "user", "list"])
        .await;

    assert_eq!(shown.json()["email"], EMAIL, "{shown:?}");
    for told in ["gatehouse:version", "1.2.3", "https://api.example", "UPDATE_COMPLETE"] {
        assert_eq!(
            described.out.contains(told),
            told != "gatehouse:version",
            "{described:?}"
        );
    }
    assert_eq!(for_programs.json()["version"], "1.2.3");
    assert_eq!(for_programs.json()["parameters"]["Audience"], "reports");
    assert!(
        !unknown.succeeded && unknown.told.contains("Stack with id other does not exist"),
        "{unknown:?}"
    );
    assert!(!both.succeeded && both.told.contains("exclude each other"), "{both:?}");
}

#[tokio::test]
async fn an_act_on_a_stack_is_on_the_record_of_the_stack_with_the_credentials_of_the_profile() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::with_mail(&stack).await;
    let aws = Aws::serve(stack.suffix()).await;
    let folder = folder("profile-of-an-operator");
    let config = "[profile keys]\naws_access_key_id = OFPROFILE\naws_secret_access_key = secret\nregion = local\n";
    std::fs::write(folder.join("config"), config).unwrap();

    for (command, event) in [
        (&["user", "unlock", EMAIL][..], "operator.user_unlocked"),
        (
            &["user", "disable", EMAIL, "--yes", "--reason", "ticket 4711"],
            "operator.user_disabled",
        ),
    ] {
        let arguments = [&["--profile", "keys", "--stack", "gatehouse"][..], command].concat();
        let mut command = aws.command(&gatehouse, &arguments);
        command.env("AWS_CONFIG_FILE", folder.join("config"));
        let ran = Ran::from(command.output().await.unwrap());

        assert!(ran.succeeded, "{ran:?}");
        assert_eq!(gatehouse.log.lines().last().unwrap()["message"], event);
    }
    let keys = gatehouse.log.access_keys();
    assert!(keys.iter().all(|key| key == "OFPROFILE"), "{keys:?}");
    assert_eq!(gatehouse.everybody().await[0].status, Status::Disabled);
}

/// The variables of another stack must not complete the names of a stack.
#[tokio::test]
async fn what_a_stack_lacks_is_not_taken_from_the_environment() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let aws = Aws::serve(stack.suffix()).await;

    let mut command = aws.command(&gatehouse, &["--stack", "gatehouse", "mail", "status", EMAIL]);
    command.env("MAIL_TABLE", "of-another-stack");
    let ran = Ran::from(command.output().await.unwrap());

    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.told.contains("this stack sends no mail"), "{ran:?}");
}

#[tokio::test]
async fn a_profile_comes_before_the_credentials_of_the_environment() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let aws = Aws::serve(stack.suffix()).await;
    let config = "[profile keys]\naws_access_key_id = OFPROFILE\naws_secret_access_key = secret\n\
                  [profile process]\ncredential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"OFPROCESS\", \
                  \"SecretAccessKey\": \"secret\"}'\n";
    let folder = folder("profiles");
    std::fs::write(folder.join("config"), config).unwrap();

    for (profile, region, expected) in [
        (Some("keys"), Some("eu-north-1"), Some("Credential=OFPROFILE/")),
        (Some("process"), None, Some("Credential=OFPROCESS/")),
        (None, None, Some("Credential=local/")),
        (Some("missing"), None, None),
    ] {
        aws.seen.lock().unwrap().clear();
        let options = [
            profile.map(|name| ["--profile", name]),
            region.map(|name| ["--region", name]),
        ];
        let mut arguments = options.into_iter().flatten().flatten().collect::<Vec<_>>();
        arguments.extend(["--stack", "gatehouse", "stack"]);
        let mut command = aws.command(&gatehouse, &arguments);
        command.env("AWS_CONFIG_FILE", folder.join("config"));
        let ran = Ran::from(command.output().await.unwrap());

        let seen = aws.seen.lock().unwrap().join("\n");
        if let Some(expected) = expected {
            assert!(ran.succeeded && seen.contains(expected), "{ran:?}: {seen}");
            let region = region.unwrap_or("local");
            assert!(seen.contains(&format!("/{region}/cloudformation/")), "{seen}");
        } else {
            assert_eq!(ran.code, Some(6), "{ran:?}");
            assert!(ran.told.contains("profile `missing` was not defined"), "{ran:?}");
            assert!(seen.is_empty(), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_session_of_single_sign_on_that_is_over_is_named() {
    let gatehouse = Gatehouse::new().await;
    let folder = folder("sso");
    let config = "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = operator\n\
                  [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    std::fs::write(folder.join("config"), config).unwrap();

    let mut command = gatehouse.command(&["--profile", "sso", "user", "show", EMAIL]);
    command
        .env("AWS_CONFIG_FILE", folder.join("config"))
        .env("HOME", &folder);
    let ran = Ran::from(command.output().await.unwrap());

    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.told.contains("`aws sso login`"), "{ran:?}");
    assert!(ran.told.to_lowercase().contains("token"), "{ran:?}");
}

#[tokio::test]
async fn a_missing_region_is_named() {
    let gatehouse = Gatehouse::new().await;
    let mut command = gatehouse.command(&["user", "list"]);
    command.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION");
    command
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true");

    let ran = Ran::from(command.output().await.unwrap());

    assert!(!ran.succeeded && ran.told.contains("pass --region <name>"), "{ran:?}");
}

#[tokio::test]
async fn what_aws_says_is_shown_with_what_to_do() {
    let gatehouse = Gatehouse::new().await;
    for (code, message, hint, exit) in [
        (
            "AccessDeniedException",
            DENIED,
            "AWS does not permit this: grant the action, or pass another --profile",
            6,
        ),
        (
            "ResourceNotFoundException",
            "Requested resource not found",
            "check --stack, --profile and --region",
            3,
        ),
        (
            "ExpiredTokenException",
            "The security token is expired",
            "log in again",
            6,
        ),
        ("ValidationException", "no such key", "AWS refused the request", 1),
    ] {
        let refusing = refuse(code, message).await;

        let mut command = gatehouse.command(&["user", "show", EMAIL]);
        let ran = Ran::from(
            command
                .env("AWS_ENDPOINT_URL_DYNAMODB", refusing)
                .output()
                .await
                .unwrap(),
        );

        assert_eq!(ran.code, Some(exit), "{ran:?}");
        assert!(
            ran.told.contains(message) && ran.told.contains(hint) && ran.told.contains(code),
            "{ran:?}"
        );
    }
}

/// The message of a wrong signature repeats the signed headers, and one of them is a session token.
#[tokio::test]
async fn a_message_about_a_signature_is_not_shown() {
    let gatehouse = Gatehouse::new().await;
    let refusing = refuse("InvalidSignatureException", "x-amz-security-token:canary-4f1e").await;

    let mut command = gatehouse.command(&["user", "show", EMAIL]);
    let ran = Ran::from(
        command
            .env("AWS_ENDPOINT_URL_DYNAMODB", refusing)
            .output()
            .await
            .unwrap(),
    );

    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(
        ran.told.contains("check the clock") && !ran.told.contains("canary"),
        "{ran:?}"
    );
}

/// A permission that is missing is not an outage, so no command waits for it.
#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let gatehouse = Gatehouse::new().await;
    let (refusing, began) = (refuse("AccessDeniedException", DENIED).await, std::time::Instant::now());

    let mut command = gatehouse.command(&["user", "list"]);
    let ran = Ran::from(
        command
            .env("AWS_ENDPOINT_URL_DYNAMODB", refusing)
            .output()
            .await
            .unwrap(),
    );

    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(began.elapsed().as_secs() < 5);
}

/// A CloudFormation with the stack `gatehouse`, which has no mail.
struct Aws {
    url: String,
    /// The `Authorization` headers of all requests.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Aws {
    async fn serve(suffix: &str) -> Self {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let answer = |State((seen, suffix)): State<(Arc<Mutex<Vec<String>>>, String)>,
                      headers: HeaderMap,
                      body: String| async move {
            let signature = headers["authorization"].to_str().unwrap().to_owned();
            seen.lock().unwrap().push(signature);
            cloudformation(&body, &suffix)
        };
        let state = (Arc::clone(&seen), suffix.to_owned());
        let url = listen(Router::new().route("/", post(answer)).with_state(state)).await;
        Self { url, seen }
    }

    /// Returns the command without the names of tables in its environment, other than that of the engine.
    fn command(&self, gatehouse: &Gatehouse, arguments: &[&str]) -> tokio::process::Command {
        let mut command = gatehouse.command(arguments);
        for name in [
            "USERS_TABLE",
            "CREDENTIALS_TABLE",
            "REFRESH_TOKENS_TABLE",
            "AUTHORIZER_FEED_TABLE",
            "ATTEMPTS_TABLE",
            "OPERATORS_LOG",
        ] {
            command.env_remove(name);
        }
        command.env("AWS_ENDPOINT_URL_CLOUDFORMATION", &self.url);
        command
    }

    async fn run(&self, gatehouse: &Gatehouse, arguments: &[&str]) -> Ran {
        self.command(gatehouse, arguments).output().await.unwrap().into()
    }
}

/// Answers as CloudFormation does.
fn cloudformation(body: &str, suffix: &str) -> Response {
    if !body.contains("StackName=gatehouse") {
        let error = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id other \
                     does not exist</Message></Error></ErrorResponse>";
        return (StatusCode::BAD_REQUEST, error).into_response();
    }
    if body.contains("Action=ListStackResources") {
        let resources = [
            ("PseudonymKey", "pseudonym"),
            ("PublicKeysTable", "PublicKeysTable"),
            ("OperatorsLogGroup", GROUP),
        ];
        let members = resources.map(|(logical, physical)| {
            format!(
                "<member><LogicalResourceId>{logical}</LogicalResourceId>\
                 <PhysicalResourceId>{physical}</PhysicalResourceId></member>"
            )
        });
        let members = members.concat();
        return format!(
            "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>{members}\
             </StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"
        )
        .into_response();
    }
    let tables = [
        "UsersTable",
        "CredentialsTable",
        "RefreshTokensTable",
        "AuthorizerFeed",
        "AttemptsTable",
    ];
    let outputs = tables.map(|table| (table, format!("{table}{suffix}")));
    let outputs = outputs
        .into_iter()
        .chain([("ApiUrl", "https://api.example".to_owned())]);
    let outputs = outputs
        .map(|(key, value)| format!("<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"));
    let outputs = outputs.collect::<Vec<_>>().concat();
    format!(
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>gatehouse</StackName>\
         <StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-11-27T00:00:00Z</CreationTime>\
         <Parameters><member><ParameterKey>Audience</ParameterKey><ParameterValue>reports</ParameterValue></member>\
         </Parameters><Tags><member><Key>gatehouse:version</Key><Value>1.2.3</Value></member></Tags>\
         <Outputs>{outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )
    .into_response()
}

/// Serves a DynamoDB that refuses every request, and returns its URL.
async fn refuse(code: &'static str, message: &'static str) -> String {
    let answer = move || async move {
        let body: Value = json!({"__type": format!("com.amazon.coral.service#{code}"), "message": message});
        (
            StatusCode::BAD_REQUEST,
            [("content-type", "application/x-amz-json-1.0")],
            body.to_string(),
        )
    };
    listen(Router::new().route("/", post(answer))).await
}

async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}
