//! The permissions of the functions on the tables. Each function's role has exactly the permissions that the function
//! uses. `rotate-keys` has its own test, because it needs an emulator of Secrets Manager. The `repository` tests check
//! which functions may read secrets.

use std::{collections::BTreeSet, time::Duration};

use auth::{
    feed::{AnnounceRevocations as _, MIN_COMPACTED, Revocation},
    user::Status,
};
use axum::http::{Method, StatusCode};
use claims::{Clock as _, Moment, SessionId};
use local::Functions as _;
use serde_json::{Value, json};
use tests::{Call, Crossing, Fault, Message, PASSWORD, Secrets, Stack, template};

use crate::{requests::REQUESTS, rotation::rotate};

#[tokio::test]
async fn the_rotation_publishes_reads_back_and_publishes_again() {
    let Some(secrets) = Secrets::make("what a rotation does to the tables").await else {
        return;
    };
    let stack = Stack::with_secrets(secrets.clone(), &[("AccessTokenAlgorithm", "EdDSA")]).await;
    rotate(&stack, &secrets, 0).await;

    let crossings = stack.wire.take();

    let done: Vec<&str> = crossings.iter().map(|crossing| crossing.operation.as_str()).collect();
    let put_get_put = ["PutItem", "GetItem", "PutItem"];
    // Each of the three steps publishes or reads the public keys and the schedule of the access keys, and then only the
    // schedule of the refresh keys.
    let expected = put_get_put
        .iter()
        .flat_map(|operation| [*operation; 2])
        .chain(put_get_put);
    assert_eq!(done, expected.collect::<Vec<_>>());
    let rotation = template(&[]).functions().unwrap().remove("RotateKeysFunction").unwrap();
    assert_eq!(
        rotation.statements[1]["Action"],
        json!(["dynamodb:PutItem", "dynamodb:GetItem"])
    );
}

#[tokio::test]
async fn each_role_may_do_exactly_what_its_function_does() {
    let stack = Stack::with(&[("MaxSessions", "1")]).await;
    stack.weaken_hash().await;
    let login = stack.login().await;
    let mut current = login.text("refresh_token");
    for _ in 0..3 {
        current = stack.refresh(&current).await.text("refresh_token");
        stack.me(&login.text("access_token")).await;
        stack.clock.advance(60);
    }
    stack.refresh(&login.text("refresh_token")).await;
    stack.send(Call::get("/.well-known/jwks.json")).await;
    stack.logout(&current).await;
    let gone = stack.login().await;
    stack.forget_session(&gone.text("sid")).await;
    assert_eq!(
        stack.refresh(&gone.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    for scope in ["others", "all"] {
        let login = stack.login().await;
        let bearer = login.text("access_token");
        stack.send(Call::get("/auth/sessions").bearer(&bearer)).await;
        let own = format!("/auth/sessions/{}", login.text("sid"));
        let body = json!({"refresh_token": login.text("refresh_token"), "scope": scope});
        assert!(stack.send(Call::post("/auth/logout", &body)).await.status.is_success());
        assert!(
            stack
                .send(Call::new(Method::DELETE, &own).bearer(&bearer))
                .await
                .status
                .is_success()
        );
    }
    assert!(stack.log.names().contains(&"refresh.theft".to_owned()));
    stack.login().await;
    // This login opens one session more than the maximum.
    let bearer = stack.login().await.text("access_token");
    let body = json!({"current_password": PASSWORD, "new_password": "another horse battery staple"});
    let changed = stack.send(Call::post("/auth/password", &body).bearer(&bearer)).await;
    assert!(changed.status.is_success(), "{}", changed.body);

    compact(&stack).await;
    register_and_reset(&stack).await;
    remove_account(&stack).await;

    let mut crossings = stack.wire.take();
    crossings.extend(start_with_a_long_feed().await);
    crossings.extend(guess_codes().await);
    crossings.extend(exceed_with_a_passkey().await);
    for request in REQUESTS {
        crossings.extend(request.crossings().await);
    }
    let done: BTreeSet<_> = crossings
        .into_iter()
        .map(|crossing| {
            let table = crossing.table.split('-').next().unwrap().to_owned();
            (
                crossing.function,
                format!("dynamodb:{}", crossing.operation),
                format!("{table}.Arn"),
            )
        })
        .collect();

    assert_eq!(done, allowed());
}

/// Returns the calls of an authorizer that starts while the feed has more than one page. Only such an authorizer looks
/// for a snapshot.
async fn start_with_a_long_feed() -> Vec<Crossing> {
    let stack = Stack::start().await;
    announce(&stack, 1_001).await;
    let login = stack.login().await;
    drop(stack.wire.take());

    assert_eq!(stack.me(&login.text("access_token")).await.status, StatusCode::OK);
    stack.wire.take()
}

/// Returns the calls for a login with a passkey that opens one session more than the maximum.
async fn exceed_with_a_passkey() -> Vec<Crossing> {
    let stack = Stack::with(&[("MaxSessions", "1")]).await;
    stack.login().await;
    stack.add_passkey().await;
    drop(stack.wire.take());
    let body = json!({"credential": tests::login_response()});

    let opened = stack.send(Call::post("/auth/passkey", &body)).await;

    assert!(opened.status.is_success(), "{}", opened.body);
    stack.wire.take()
}

/// Returns the calls for a second step that opens one session more than the maximum, and for wrong codes wherever one is
/// asked for.
async fn guess_codes() -> Vec<Crossing> {
    let other = Stack::with(&[("MaxSessions", "1")]).await;
    other.login().await;
    other.add_factor().await;
    let user_id = other.user.id.as_str();
    let step = |code: &str| json!({"mfa_token": tests::second_token(user_id), "code": code});
    let opened = other
        .send(Call::post("/auth/login/second", &step(&tests::factor_code(tests::NOW))))
        .await;
    assert!(opened.status.is_success(), "{}", opened.body);
    let bearer = opened.text("access_token");
    let confirmation = json!({"password": PASSWORD, "code": "wrong"});
    let reset = json!({
        "token": tests::reset_link(user_id),
        "new_password": "another horse battery staple",
        "second_code": "wrong",
    });
    for call in [
        Call::post("/auth/login/second", &step("wrong")),
        Call::post("/auth/confirm", &confirmation).bearer(&bearer),
        Call::post("/auth/reset", &reset),
    ] {
        let refused = other.send(call).await;
        assert_eq!(refused.error(), "invalid_grant", "{}", refused.body);
    }
    let deleted = Stack::start().await;
    let bearer = deleted.login().await.text("access_token");
    let deletion = Call::post("/auth/account/delete", &json!({"password": PASSWORD})).bearer(&bearer);
    assert!(deleted.send(deletion).await.status.is_success());
    deleted.add_factor().await;
    let token = tests::keep_link(deleted.user.id.as_str());
    let keeping = json!({"token": token, "password": PASSWORD, "second_code": "wrong"});
    assert_eq!(
        deleted.send(Call::post("/auth/account/keep", &keeping)).await.error(),
        "invalid_grant"
    );
    [other.wire.take(), deleted.wire.take()].concat()
}

/// Registers and resets with codes, registers once more with the same link, and loses the session of a registration.
async fn register_and_reset(stack: &Stack) {
    const GRACE: &str = "grace@example.com";
    let body = json!({"email": GRACE});
    let request = stack.send(Call::post("/auth/register", &body)).await.text("request");
    let mail = newest(stack, "register").await;
    let password = "another horse battery staple";
    let body = json!({"request": request, "code": mail.code().unwrap(), "password": password});
    let by_code = stack.send(Call::post("/auth/register/confirm", &body)).await;
    assert!(by_code.status.is_success(), "{}", by_code.body);
    let token = mail.link().unwrap().split_once("?token=").unwrap().1.to_owned();
    let body = json!({"token": token, "password": password});
    stack.wire.fail(|call| {
        let is_session = call.operation == "PutItem" && call.table.starts_with("RefreshTokensTable");
        is_session.then_some(Fault::Refused(StatusCode::BAD_REQUEST, "ValidationException"))
    });
    let lost = stack.send(Call::post("/auth/register/confirm", &body)).await;
    assert!(lost.status.is_server_error(), "{}", lost.body);
    stack.wire.heal();

    let request = stack.send(Call::post("/auth/forgot", &json!({"email": GRACE}))).await;
    let mail = newest(stack, "reset").await;
    let body = json!({
        "request": request.text("request"),
        "code": mail.code().unwrap(),
        "new_password": "yet another horse battery",
    });
    let reset = stack.send(Call::post("/auth/reset", &body)).await;
    assert!(reset.status.is_success(), "{}", reset.body);
    stack.mails().await;
}

/// Deletes the user's account and runs the function that removes it, and once more for a deletion that was undone.
async fn remove_account(stack: &Stack) {
    let password = "another horse battery staple";
    for is_undone in [true, false] {
        let login = json!({"email": tests::EMAIL, "password": password});
        let bearer = stack.send(Call::post("/auth/login", &login)).await.text("access_token");
        let deletion = Call::post("/auth/account/delete", &json!({"password": password})).bearer(&bearer);
        let deleted = stack.send(deletion).await;
        assert!(deleted.status.is_success(), "{}", deleted.body);
        if is_undone {
            stack.set_status(Status::Enabled).await;
        }
        stack.clock.advance(15 * 24 * 60 * 60);
        let invoked = stack
            .functions
            .invoke("remove-accounts", "{}".to_owned(), Duration::from_mins(1));
        invoked.await.unwrap();
    }
    assert!(stack.log.names().contains(&"account.removed".to_owned()));
}

/// Returns the newest mail of this purpose.
async fn newest(stack: &Stack, purpose: &str) -> Message {
    let mut mails = stack.mails().await.into_iter();
    mails.find(|mail| mail.purpose.as_deref() == Some(purpose)).unwrap()
}

/// Announces enough for a snapshot, and runs the function that writes it.
async fn compact(stack: &Stack) {
    announce(stack, MIN_COMPACTED).await;
    let invoked = stack
        .functions
        .invoke("compact-feed", "{}".to_owned(), Duration::from_mins(1));
    invoked.await.unwrap();
    assert!(stack.log.names().contains(&"feed.compacted".to_owned()));
}

async fn announce(stack: &Stack, count: usize) {
    for number in 0..u64::try_from(count).unwrap() {
        let revocation = Revocation::Session {
            user_id: stack.user.id.clone(),
            sid: SessionId::new(Moment::new(number), [0; 10]),
        };
        stack.feed.announce(&revocation, stack.clock.now()).await.unwrap();
    }
}

/// Returns the function, action and resource of every permission in the template about tables, except those of
/// `rotate-keys`.
fn allowed() -> BTreeSet<(String, String, String)> {
    let functions = template(&[]).functions().unwrap().into_values();
    let functions = functions.filter(|function| function.name != "rotate-keys");
    let statements = functions.flat_map(|function| {
        let name = function.name;
        function
            .statements
            .into_iter()
            .map(move |statement| (name.clone(), statement))
    });
    statements
        .filter(|(_, statement)| {
            statement["Effect"] == "Allow" && statement["Action"].to_string().contains("dynamodb:")
        })
        .flat_map(|(function, statement)| {
            let (actions, resources) = (strings(&statement["Action"]), strings(&statement["Resource"]));
            actions.into_iter().flat_map(move |action| {
                let function = function.clone();
                resources
                    .clone()
                    .into_iter()
                    .map(move |resource| (function.clone(), action.clone(), resource))
            })
        })
        .collect()
}

fn strings(value: &Value) -> Vec<String> {
    let several = value.as_array().into_iter().flatten();
    value
        .as_str()
        .into_iter()
        .chain(several.filter_map(Value::as_str))
        .map(str::to_owned)
        .collect()
}
