//! Passkeys from the first to the last: logging in with one alone and as the second step, confirming with one, naming and
//! removing them, and everything that must be refused on the way.

use std::time::Duration;

use auth::{
    password::FindPassword as _,
    user::{Email, Status},
};
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doubles::Authenticator;
use futures::future::join_all;
use local::Functions as _;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Answer, Call, EMAIL, NOW, PASSWORD, Stack};

/// The origin of the issuer of every stack, whose host is the RP ID.
const ORIGIN: &str = "https://issuer.example";

#[tokio::test]
async fn a_user_adds_a_passkey_and_logs_in_with_it_alone() {
    let stack = Stack::start().await;
    let (login, other) = (stack.login().await, stack.login().await);
    let mut device = Authenticator::new(ORIGIN);

    let added = add(&stack, &mut device, &login.text("access_token"), "my phone").await;

    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    assert_eq!(added.text("id"), device.id());
    assert_eq!(added.json()["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(
        stack.refresh(&other.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(claim(&refreshed, "acr"), "phr");
    stack.clock.advance(60);

    let options = login_options(&stack).await;
    assert_eq!(
        (
            &options["rpId"],
            &options["allowCredentials"],
            &options["userVerification"]
        ),
        (&json!("issuer.example"), &json!([]), &json!("required"))
    );
    let body = json!({"credential": device.get(&options), "label": "a browser"});
    let done = stack.send(Call::post("/auth/passkey", &body)).await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        (claim(&done, "sub"), claim(&done, "acr"), claim(&done, "amr")),
        (json!(stack.user.id), json!("phr"), json!(["hwk", "user", "mfa"]))
    );
    assert_eq!(stack.me(&done.text("access_token")).await.status, StatusCode::OK);
    let refreshed = stack.refresh(&done.text("refresh_token")).await;
    assert_eq!(claim(&refreshed, "amr"), json!(["hwk", "user", "mfa"]));
    let listed = list(&stack, &refreshed.text("access_token")).await;
    let now = NOW.timestamp().get();
    assert_eq!(
        listed["passkeys"],
        json!([{"id": device.id(), "label": "my phone", "added_at": now, "last_used_at": now + 60, "synced": false}])
    );
    assert_eq!(listed["recovery_codes"], 10);
}

#[tokio::test]
async fn a_passkey_is_the_second_step_after_the_password() {
    let (stack, mut device, _) = owner().await;
    let required = stack.login().await;
    assert_eq!(
        (required.error(), &required.json()["factors"]),
        ("mfa_required".to_owned(), &json!(["passkey", "recovery"]))
    );
    let token = required.text("mfa_token");
    let asked = stack
        .send(Call::post("/auth/login/second/options", &json!({"mfa_token": token})))
        .await;
    let options = &asked.json()["publicKey"];
    assert_eq!(
        options["allowCredentials"],
        json!([{"type": "public-key", "id": device.id(), "transports": ["internal"]}])
    );
    let body = json!({"mfa_token": token, "passkey": device.get(options)});

    let done = stack.send(Call::post("/auth/login/second", &body)).await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        (claim(&done, "acr"), claim(&done, "amr")),
        (json!("phr"), json!(["pwd", "hwk", "user", "mfa"]))
    );
    let again = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(again.error(), "invalid_grant");
}

#[tokio::test]
async fn a_passkey_confirms_who_a_user_is_once() {
    let (stack, mut device, login) = owner().await;
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    let bearer = refreshed.text("access_token");
    stack.clock.advance(700);
    let (refused, _) = begin(&stack, &bearer).await;
    assert_eq!(refused.error(), "insufficient_user_authentication");
    let options = confirm_options(&stack, &bearer).await;
    let body = json!({"passkey": device.get(&options)});
    let confirm = || stack.send(Call::post("/auth/confirm", &body).bearer(&bearer));

    let first = confirm().await;
    stack.clock.advance(1);
    let second = confirm().await;

    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(
        (claim(&first, "acr"), claim(&first, "auth_time")),
        (json!("phr"), json!(NOW.timestamp().get() + 700))
    );
    assert_eq!(second.error(), "invalid_grant");
    let (begun, _) = begin(&stack, &bearer).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
}

#[tokio::test]
async fn a_challenge_of_a_session_confirms_no_other() {
    let (stack, mut device, _) = owner().await;
    let body = json!({"credential": device.get(&login_options(&stack).await)});
    let one = stack
        .send(Call::post("/auth/passkey", &body))
        .await
        .text("access_token");
    let body = json!({"credential": device.get(&login_options(&stack).await)});
    let other = stack
        .send(Call::post("/auth/passkey", &body))
        .await
        .text("access_token");
    let options = confirm_options(&stack, &one).await;
    stack.clock.advance(1);
    let body = json!({"passkey": device.get(&options)});

    let refused = stack.send(Call::post("/auth/confirm", &body).bearer(&other)).await;
    let confirmed = stack.send(Call::post("/auth/confirm", &body).bearer(&one)).await;

    assert_eq!(refused.error(), "invalid_grant");
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.body);
}

#[tokio::test]
async fn of_fifty_answers_to_one_challenge_one_opens_a_session() {
    let (stack, mut device, _) = owner().await;
    let body = json!({"credential": device.get(&login_options(&stack).await)});

    let answers = join_all((0..50).map(|_| stack.send(Call::post("/auth/passkey", &body)))).await;

    let opened: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .collect();
    assert_eq!(opened.len(), 1);
    let refused = answers.iter().filter(|answer| answer.status != StatusCode::OK);
    for answer in refused {
        assert!(
            ["invalid_grant", "temporarily_unavailable"].contains(&answer.error().as_str()),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_passkey_is_added_in_a_session_that_is_still_recent() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let mut device = Authenticator::new(ORIGIN);
    stack.clock.advance(400);
    let (_, options) = begin(&stack, &bearer).await;
    let body = json!({"credential": device.create(&options)});
    stack.clock.advance(200);

    let refused = stack
        .send(Call::post("/auth/factors/passkeys", &body).bearer(&bearer))
        .await;

    assert_eq!(refused.error(), "insufficient_user_authentication");
    assert_eq!(refused.json()["max_age"], 600);
    assert_eq!(list(&stack, &bearer).await["passkeys"], json!([]));
}

/// What is changed in a login with a passkey that would succeed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    OtherOrigin,
    OtherDomain,
    UserNotVerified,
    BecameSynced,
    NotAdded,
    Removed,
    Disabled,
    Late,
    OtherService,
    ForConfirmation,
    ForSecondStep,
    ForRegistration,
    SignedForAnother,
}

#[rstest]
#[case::none(None, "")]
#[case::other_origin(Some(Fault::OtherOrigin), "wrong_origin")]
#[case::other_domain(Some(Fault::OtherDomain), "wrong_rp_id")]
#[case::user_not_verified(Some(Fault::UserNotVerified), "user_not_verified")]
#[case::became_synced(Some(Fault::BecameSynced), "eligibility_changed")]
#[case::not_added(Some(Fault::NotAdded), "unknown_credential")]
#[case::removed(Some(Fault::Removed), "unknown_credential")]
#[case::disabled(Some(Fault::Disabled), "disabled_user")]
#[case::late(Some(Fault::Late), "expired_challenge")]
#[case::other_service(Some(Fault::OtherService), "foreign_challenge")]
#[case::for_confirmation(Some(Fault::ForConfirmation), "foreign_challenge")]
#[case::for_second_step(Some(Fault::ForSecondStep), "foreign_challenge")]
#[case::for_registration(Some(Fault::ForRegistration), "foreign_challenge")]
#[case::signed_for_another(Some(Fault::SignedForAnother), "bad_signature")]
#[tokio::test]
async fn a_login_with_a_fault_is_refused_with_the_one_answer(#[case] fault: Option<Fault>, #[case] reason: &str) {
    let (stack, mut device, login) = owner().await;
    let bearer = stack.refresh(&login.text("refresh_token")).await.text("access_token");
    let mut options = login_options(&stack).await;
    match fault {
        None | Some(Fault::SignedForAnother) => {}
        Some(Fault::OtherOrigin) => device.origin = "https://issuer.example.evil.example".to_owned(),
        Some(Fault::OtherDomain) => options["rpId"] = json!("evil.example"),
        Some(Fault::UserNotVerified) => device.verifies_user = false,
        Some(Fault::BecameSynced) => device.is_synced = true,
        Some(Fault::NotAdded) => {
            device = Authenticator::new(ORIGIN);
            device.create(&begin(&stack, &bearer).await.1);
        }
        Some(Fault::Removed) => {
            let path = format!("/auth/factors/passkeys/{}", device.id());
            let removed = stack.send(Call::new(Method::DELETE, &path).bearer(&bearer)).await;
            assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.body);
        }
        Some(Fault::Disabled) => stack.set_status(Status::Disabled).await,
        Some(Fault::Late) => stack.clock.advance(300),
        Some(Fault::OtherService) => options["challenge"] = json!(URL_SAFE_NO_PAD.encode([1; 41])),
        Some(Fault::ForConfirmation) => options = confirm_options(&stack, &bearer).await,
        Some(Fault::ForSecondStep) => {
            let body = json!({"mfa_token": stack.login().await.text("mfa_token")});
            let asked = stack.send(Call::post("/auth/login/second/options", &body)).await;
            options = asked.json()["publicKey"].clone();
        }
        Some(Fault::ForRegistration) => options["challenge"] = begin(&stack, &bearer).await.1["challenge"].clone(),
    }
    let mut response = device.get(&options);
    if fault == Some(Fault::SignedForAnother) {
        let other = login_options(&stack).await;
        response["response"]["clientDataJSON"] = device.get(&other)["response"]["clientDataJSON"].clone();
    }
    let before = stack.log.lines().len();

    let answer = stack
        .send(Call::post("/auth/passkey", &json!({"credential": response})))
        .await;

    if reason.is_empty() {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        return;
    }
    assert_eq!(
        (answer.status, answer.error()),
        (StatusCode::UNAUTHORIZED, "invalid_grant".to_owned())
    );
    let lines = format!("{:?}", &stack.log.lines()[before..]);
    assert!(
        lines.contains("login.failed") && lines.contains(reason),
        "{reason}: {lines}"
    );
}

#[tokio::test]
async fn the_second_step_takes_no_passkey_of_another_challenge_or_user() {
    let (stack, mut device, _) = owner().await;
    let other = stack.login_as_another_user().await.text("access_token");
    let mut stranger = Authenticator::new(ORIGIN);
    add(&stack, &mut stranger, &other, "other").await;
    let (one, two) = (
        stack.login().await.text("mfa_token"),
        stack.login().await.text("mfa_token"),
    );
    let asked = stack
        .send(Call::post("/auth/login/second/options", &json!({"mfa_token": one})))
        .await;
    let options = asked.json()["publicKey"].clone();
    let send = async |token: &str, passkey: Value| {
        let body = json!({"mfa_token": token, "passkey": passkey});
        stack.send(Call::post("/auth/login/second", &body)).await.error()
    };

    assert_eq!(send(&two, device.get(&options)).await, "invalid_grant", "another token");
    assert_eq!(
        send(&one, stranger.get(&options)).await,
        "invalid_grant",
        "another user"
    );
    let for_login = login_options(&stack).await;
    assert_eq!(
        send(&one, device.get(&for_login)).await,
        "invalid_grant",
        "another purpose"
    );
    let body = json!({"mfa_token": one, "passkey": device.get(&options)});
    let done = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_a_signal_and_no_refusal() {
    let (stack, mut device, _) = owner().await;
    device.counter = 8;
    let body = json!({"credential": device.get(&login_options(&stack).await)});
    stack.send(Call::post("/auth/passkey", &body)).await;
    assert!(!format!("{:?}", stack.log.lines()).contains("factor.counter_went_back"));
    device.counter = 3;
    let body = json!({"credential": device.get(&login_options(&stack).await)});

    let answer = stack.send(Call::post("/auth/passkey", &body)).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let lines = format!("{:?}", stack.log.lines());
    assert!(lines.contains("factor.counter_went_back"), "{lines}");
}

#[tokio::test]
async fn a_synced_passkey_is_named_as_such() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let mut device = Authenticator::new(ORIGIN);
    device.is_synced = true;
    add(&stack, &mut device, &bearer, "").await;
    let body = json!({"credential": device.get(&login_options(&stack).await)});

    let done = stack.send(Call::post("/auth/passkey", &body)).await;

    assert_eq!(claim(&done, "amr"), json!(["swk", "user", "mfa"]));
    let listed = list(&stack, &done.text("access_token")).await;
    assert_eq!(
        (&listed["passkeys"][0]["synced"], &listed["passkeys"][0]["label"]),
        (&json!(true), &json!("Passkey"))
    );
}

#[tokio::test]
async fn a_passkey_is_named_and_removed_and_the_last_takes_the_codes_with_it() {
    let (stack, device, login) = owner().await;
    let bearer = stack.refresh(&login.text("refresh_token")).await.text("access_token");
    let path = format!("/auth/factors/passkeys/{}", device.id());
    let rename = |path: &str| {
        let call = Call::patch(path, &json!({"label": "old phone"}));
        stack.send(call.bearer(&bearer))
    };

    assert_eq!(rename(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(rename("/auth/factors/passkeys/AQ").await.error(), "not_found");
    assert_eq!(list(&stack, &bearer).await["passkeys"][0]["label"], "old phone");
    let remove = |path: String| {
        let bearer = bearer.clone();
        let stack = &stack;
        async move { stack.send(Call::new(Method::DELETE, &path).bearer(&bearer)).await }
    };
    assert_eq!(
        remove("/auth/factors/passkeys/AQ".to_owned()).await.error(),
        "not_found"
    );
    assert_eq!(remove(path.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(remove(path).await.error(), "not_found");

    assert_eq!(
        list(&stack, &bearer).await,
        json!({"totp": null, "recovery_codes": 0, "passkeys": []})
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);
    assert_eq!(left(&stack, &device).await, 0, "the passkey is nobody's");
}

#[tokio::test]
async fn a_user_has_ten_passkeys_and_no_two_users_have_the_same() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let bearer = login.text("access_token");
    let mut devices: Vec<Authenticator> = (0..10).map(|_| Authenticator::new(ORIGIN)).collect();
    for (number, device) in devices.iter_mut().enumerate() {
        let added = add(&stack, device, &bearer, &number.to_string()).await;
        assert_eq!(added.status, StatusCode::OK, "{}", added.body);
        let codes = added.json()["recovery_codes"].as_array().unwrap().len();
        assert_eq!(codes, if number == 0 { 10 } else { 0 });
    }

    let (refused, _) = begin(&stack, &bearer).await;
    let other = stack.login_as_another_user().await.text("access_token");
    let taken = add(&stack, &mut devices[3], &other, "mine").await;

    assert_eq!(refused.error(), "conflict");
    assert_eq!(taken.error(), "conflict");
    assert_eq!(list(&stack, &bearer).await["passkeys"].as_array().unwrap().len(), 10);
    assert_eq!(list(&stack, &other).await["passkeys"], json!([]));
}

/// The answer to the first request may have been lost.
#[tokio::test]
async fn a_passkey_that_is_added_again_has_new_codes() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let mut device = Authenticator::new(ORIGIN);
    let (_, options) = begin(&stack, &bearer).await;
    let body = json!({"credential": device.create(&options)});
    let send = || stack.send(Call::post("/auth/factors/passkeys", &body).bearer(&bearer));

    let (first, second) = (send().await, send().await);

    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_eq!(second.text("id"), first.text("id"));
    assert_ne!(second.json()["recovery_codes"], first.json()["recovery_codes"]);
    assert_eq!(list(&stack, &bearer).await["passkeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_reset_by_an_operator_and_a_removal_leave_no_passkey_behind() {
    let (stack, device, _) = owner().await;
    let second = stack.login_as_another_user().await.text("access_token");
    let mut other = Authenticator::new(ORIGIN);
    add(&stack, &mut other, &second, "").await;
    assert_eq!((left(&stack, &device).await, left(&stack, &other).await), (1, 1));
    let id = stack.user.id.clone();

    let changes = stack.factor_changes();
    let is_reset = auth::factor::reset_factors(&id, "lost phone", NOW, &changes, &stack.feed).await;

    assert!(is_reset.unwrap());
    assert_eq!((left(&stack, &device).await, left(&stack, &other).await), (0, 1));
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_removal_of_an_account_leaves_no_passkey_behind() {
    let (stack, device, login) = owner().await;
    let bearer = stack.refresh(&login.text("refresh_token")).await.text("access_token");
    let call = Call::post("/auth/account/delete", &json!({"password": PASSWORD}));
    let deleted = stack.send(call.bearer(&bearer)).await;
    assert!(deleted.status.is_success(), "{}", deleted.body);
    stack.clock.advance(15 * 24 * 60 * 60);

    let removal = stack
        .functions
        .invoke("remove-accounts", "{}".to_owned(), Duration::from_mins(1));
    removal.await.unwrap();

    assert_eq!(left(&stack, &device).await, 0);
    let email = Email::parse(EMAIL).unwrap();
    assert!(stack.users.password_record(&email).await.unwrap().is_none());
}

#[tokio::test]
async fn a_service_whose_host_is_an_address_has_no_passkeys() {
    let stack = Stack::with(&[("Issuer", "https://192.0.2.1")]).await;
    let bearer = stack.login().await.text("access_token");

    let answers = [
        stack.send(Call::post("/auth/passkey/options", &json!({}))).await,
        begin(&stack, &bearer).await.0,
    ];

    for answer in answers {
        assert_eq!(answer.error(), "not_found", "{}", answer.body);
    }
}

/// Returns a stack whose user has a passkey and nothing else, and the login in which they added it.
async fn owner() -> (Stack, Authenticator, Answer) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let mut device = Authenticator::new(ORIGIN);
    let added = add(&stack, &mut device, &login.text("access_token"), "my phone").await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    (stack, device, login)
}

/// Asks for a new passkey. Returns the answer and the options in it.
async fn begin(stack: &Stack, bearer: &str) -> (Answer, Value) {
    let call = Call::post("/auth/factors/passkeys/options", &json!({}));
    let begun = stack.send(call.bearer(bearer)).await;
    let options = begun.json()["publicKey"].clone();
    (begun, options)
}

/// Adds the passkey of a device.
async fn add(stack: &Stack, device: &mut Authenticator, bearer: &str, label: &str) -> Answer {
    let (begun, options) = begin(stack, bearer).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    let body = json!({"credential": device.create(&options), "label": label});
    stack
        .send(Call::post("/auth/factors/passkeys", &body).bearer(bearer))
        .await
}

async fn login_options(stack: &Stack) -> Value {
    let asked = stack.send(Call::post("/auth/passkey/options", &json!({}))).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    asked.json()["publicKey"].clone()
}

async fn confirm_options(stack: &Stack, bearer: &str) -> Value {
    let call = Call::post("/auth/confirm/options", &json!({}));
    let asked = stack.send(call.bearer(bearer)).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    asked.json()["publicKey"].clone()
}

async fn list(stack: &Stack, bearer: &str) -> Value {
    stack.send(Call::get("/auth/factors").bearer(bearer)).await.json()
}

/// Returns how often the table of factors has something of the passkey of this device.
async fn left(stack: &Stack, device: &Authenticator) -> usize {
    let scan = stack
        .client()
        .scan()
        .table_name(format!("FactorsTable{}", stack.suffix()));
    let items = scan.send().await.unwrap().items.unwrap_or_default();
    let hash = device.hash();
    let keys = items.iter().filter_map(|item| item["key"].as_s().ok());
    let owners = keys.filter(|key| **key == format!("passkey#{hash}")).count();
    let attributes = items
        .iter()
        .filter(|item| item.contains_key(&format!("passkey_{hash}")))
        .count();
    assert_eq!(owners, attributes, "both go together");
    owners
}

/// Returns a claim of the access token in an answer.
fn claim(answer: &Answer, name: &str) -> Value {
    let token = answer.text("access_token");
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims[name].clone()
}
