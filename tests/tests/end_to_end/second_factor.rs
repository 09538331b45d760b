//! Second factors from the first code to the last.

use auth::factor::{Seed, Step};
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Clock as _, Span};
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use tests::{Answer, Call, NOW, PASSWORD, RECOVERY_CODE, Stack, factor_code};

const NEW_PASSWORD: &str = "another horse battery staple";

#[tokio::test]
async fn a_user_adds_an_app_and_logs_in_with_it() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let other = stack.login().await;
    let bearer = login.text("access_token");
    let begun = stack
        .send(Call::post("/auth/factors/totp", &json!({})).bearer(&bearer))
        .await;
    let app = App::read(&begun.text("secret"));
    let body = json!({"enrolment": begun.text("enrolment"), "code": app.code(&stack)});

    let added = stack
        .send(Call::post("/auth/factors/totp/confirm", &body).bearer(&bearer))
        .await;

    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    assert_eq!(added.json()["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(
        stack.refresh(&other.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(claim(&refreshed, "acr"), "aal2");
    stack.clock.advance(30);
    let required = stack.login().await;
    assert_eq!(
        (required.status, required.error()),
        (StatusCode::UNAUTHORIZED, "mfa_required".to_owned())
    );
    assert_eq!(required.json()["factors"], json!(["totp", "recovery"]));
    let body = json!({"mfa_token": required.text("mfa_token"), "code": app.code(&stack)});
    let done = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        (claim(&done, "acr"), claim(&done, "amr")),
        (json!("aal2"), json!(["pwd", "otp", "mfa"]))
    );
    assert_eq!(stack.me(&done.text("access_token")).await.status, StatusCode::OK);
    let again = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(again.error(), "invalid_grant");
}

#[tokio::test]
async fn a_recovery_code_is_replaced_and_the_owner_is_told() {
    let stack = Stack::start().await;
    stack.add_factor().await;
    let token = stack.login().await.text("mfa_token");
    let body = json!({"mfa_token": token, "recovery_code": RECOVERY_CODE.to_lowercase()});

    let done = stack.send(Call::post("/auth/login/second", &body)).await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let replacement = done.text("recovery_code");
    assert!(replacement.starts_with("4-") && replacement != RECOVERY_CODE);
    let mails = stack.mails().await;
    assert!(
        mails.iter().any(|mail| mail.subject.contains("recovery code")),
        "{mails:?}"
    );
}

#[tokio::test]
async fn a_move_that_was_asked_for_before_the_factor_does_not_happen() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let link = tests::address_link(stack.user.id.as_str(), "ada@example.org");
    stack.clock.advance(60);
    let bearer = login.text("access_token");
    let begun = stack
        .send(Call::post("/auth/factors/totp", &json!({})).bearer(&bearer))
        .await;
    let app = App::read(&begun.text("secret"));
    let body = json!({"enrolment": begun.text("enrolment"), "code": app.code(&stack)});
    let added = stack
        .send(Call::post("/auth/factors/totp/confirm", &body).bearer(&bearer))
        .await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);

    let moved = stack
        .send(Call::post(
            "/auth/address/confirm",
            &json!({"token": link, "password": PASSWORD}),
        ))
        .await;

    assert_eq!(moved.error(), "invalid_grant");
}

#[tokio::test]
async fn a_reset_takes_the_factor_and_has_a_lane_of_its_own() {
    let stack = Stack::start().await;
    stack.add_factor().await;
    // Somebody who knows the password uses up the codes that follow it.
    let body = json!({"mfa_token": tests::second_token(stack.user.id.as_str()), "code": wrong_code()});
    for expected in ["invalid_grant"; 5].into_iter().chain(["throttled"]) {
        let answer = stack.send(Call::post("/auth/login/second", &body)).await;
        assert_eq!(answer.error(), expected);
    }
    let link = tests::reset_link(stack.user.id.as_str());
    let body = |code: String| json!({"token": link, "new_password": NEW_PASSWORD, "second_code": code});

    let wrong = stack.send(Call::post("/auth/reset", &body(wrong_code()))).await;
    let right = stack
        .send(Call::post("/auth/reset", &body(factor_code(stack.clock.now()))))
        .await;

    assert_eq!(wrong.error(), "invalid_grant");
    assert_eq!(right.status, StatusCode::NO_CONTENT, "{}", right.body);
}

#[tokio::test]
async fn a_device_is_remembered_if_the_deployment_permits_it_and_the_person_asks() {
    let stack = Stack::with(&[("RememberDeviceDays", "30")]).await;
    stack.add_factor().await;
    let required = stack.login().await;
    assert_eq!(required.json()["remember_days"], 30);
    let code = factor_code(stack.clock.now());
    let body = json!({"mfa_token": required.text("mfa_token"), "code": code, "remember": true});
    let done = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(claim(&done, "acr"), "aal2");
    let body = json!({"email": tests::EMAIL, "password": PASSWORD, "device_token": done.text("device_token")});

    let login = stack.send(Call::post("/auth/login", &body)).await;

    assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    assert_eq!(claim(&login, "acr"), "aal1");
    let call = Call::new(Method::DELETE, "/auth/factors/totp");
    let refused = stack.send(call.bearer(&login.text("access_token"))).await;
    assert_eq!(refused.error(), "insufficient_user_authentication");
    assert_eq!(stack.login().await.error(), "mfa_required", "another device");
}

/// Otherwise the owner would have one code less each time.
#[tokio::test]
async fn a_recovery_code_that_was_used_with_a_link_is_replaced_too() {
    let stack = Stack::start().await;
    stack.add_factor().await;
    let link = tests::reset_link(stack.user.id.as_str());
    let body = json!({"token": link, "new_password": NEW_PASSWORD, "recovery_code": RECOVERY_CODE});

    let reset = stack.send(Call::post("/auth/reset", &body)).await;

    assert_eq!(reset.status, StatusCode::OK, "{}", reset.body);
    let replacement = reset.text("recovery_code");
    assert!(replacement.starts_with("4-") && replacement != RECOVERY_CODE);
    let body = json!({"email": tests::EMAIL, "password": NEW_PASSWORD});
    let required = stack.send(Call::post("/auth/login", &body)).await;
    let body = json!({"mfa_token": required.text("mfa_token"), "recovery_code": replacement});
    let done = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

#[tokio::test]
async fn a_recovery_code_that_keeps_an_account_is_replaced_too() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let call = Call::post("/auth/account/delete", &json!({"password": PASSWORD}));
    stack.send(call.bearer(&login.text("access_token"))).await;
    stack.add_factor().await;
    let link = tests::keep_link(stack.user.id.as_str());
    let body = json!({"token": link, "password": PASSWORD, "recovery_code": RECOVERY_CODE});

    let kept = stack.send(Call::post("/auth/account/keep", &body)).await;

    assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
    let replacement = kept.text("recovery_code");
    let token = stack.login().await.text("mfa_token");
    let body = json!({"mfa_token": token, "recovery_code": replacement});
    let done = stack.send(Call::post("/auth/login/second", &body)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

#[tokio::test]
async fn no_seed_and_no_code_is_stored_or_logged() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let begun = stack
        .send(Call::post("/auth/factors/totp", &json!({})).bearer(&bearer))
        .await;
    let app = App::read(&begun.text("secret"));
    let code = app.code(&stack);
    let body = json!({"enrolment": begun.text("enrolment"), "code": code});
    let added = stack
        .send(Call::post("/auth/factors/totp/confirm", &body).bearer(&bearer))
        .await;
    let codes = added.json()["recovery_codes"].clone();
    let secrets: Vec<String> = codes
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();

    let mut seen = vec![format!("{:?}", stack.log.lines())];
    for table in [
        "FactorsTable",
        "UsersTable",
        "RefreshTokensTable",
        "AttemptsTable",
        "MailTable",
    ] {
        let scan = stack.client().scan().table_name(format!("{table}{}", stack.suffix()));
        seen.push(format!("{:?}", scan.send().await.unwrap().items()));
    }

    let seen = seen.concat();
    for secret in secrets.iter().chain([&begun.text("secret"), &begun.text("enrolment")]) {
        assert!(!seen.contains(secret.as_str()), "{secret}");
    }
    assert!(seen.contains("totp_sealed"));
}

/// An app that makes codes.
struct App(Seed);

impl App {
    /// Reads the seed as a person types it.
    fn read(secret: &str) -> Self {
        let bytes = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        Self(Seed::from_bytes(&bytes).unwrap())
    }

    /// Returns the present code.
    fn code(&self, stack: &Stack) -> String {
        self.0.code(Step::at(stack.clock.now().timestamp()))
    }
}

/// Returns a code that no app of a test shows at the beginning.
pub(crate) fn wrong_code() -> String {
    let right = [factor_code(NOW), factor_code(NOW.minus(Span::seconds(30)))];
    let mut codes = ["000000", "000001", "000002"].into_iter();
    codes
        .find(|code| !right.contains(&(*code).to_owned()))
        .unwrap()
        .to_owned()
}

/// Returns a claim of the access token in an answer.
fn claim(answer: &Answer, name: &str) -> Value {
    let token = answer.text("access_token");
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims[name].clone()
}
