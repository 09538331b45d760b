//! The requests of clients, one of every kind. The tests of faults and of permissions send all of them. For a new
//! endpoint, it is enough to add an entry here.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use config::Environment;
use serde_json::{Value, json};
use site::Site;
use tests::{
    Answer, Call, Crossing, NOW, PASSWORD, RECOVERY_CODE, Stack, authenticator, confirmation_response, enrolment,
    factor_code, login_response, registration_response, second_step_response, second_token,
};

/// A request of a client that is logged in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// The name, by which a test can pick this request.
    pub(crate) name: &'static str,
    /// What has to happen before the request.
    before: Before,
    /// The number of seconds between the preparation and the request.
    wait: i64,
    /// Whether the request can succeed once only, so that a retry after a lost answer is refused.
    pub(crate) is_once: bool,
    /// Whether the last call only forgets earlier failures, so that its outage goes unnoticed.
    pub(crate) is_forgetting: bool,
    /// Makes the request with the tokens in the answer to the login.
    call: fn(&Answer) -> Call,
}

/// What has to happen before a request.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    /// Another login of the user.
    Login,
    /// A refresh with the token that the request sends.
    Refresh,
    /// The deletion of the user's account.
    Deletion,
    /// The user gets a second factor.
    Factor,
    /// The user gets a second factor, and proves it in the session of the request.
    ProvenFactor,
    /// The user gets a passkey.
    Passkey,
    /// The user gets a passkey, and the session of the request has proven a second factor.
    ProvenPasskey,
    /// The deletion of the account of a user with a second factor.
    DeletionWithFactor,
}

/// The requests of clients, one of every kind.
pub(crate) const REQUESTS: &[Request] = &[
    Request::new("login", |_| {
        Call::post("/auth/login", &json!({"email": tests::EMAIL, "password": PASSWORD}))
    }),
    Request::new("refresh", refresh),
    // This request sends the token that was replaced last, as after a lost answer.
    Request::new("replay", refresh).after(Before::Refresh).waiting(60),
    Request::new("logout", |login| logout(login, "session")),
    Request::new("logout of others", |login| logout(login, "others")).after(Before::Login),
    Request::new("logout of all", |login| logout(login, "all")),
    Request::new("list", |login| {
        Call::get("/auth/sessions").bearer(&login.text("access_token"))
    }),
    Request::new("end", |login| {
        let path = format!("/auth/sessions/{}", login.text("sid"));
        Call::new(Method::DELETE, &path).bearer(&login.text("access_token"))
    }),
    Request::new("password", |login| {
        let body = json!({"current_password": PASSWORD, "new_password": "another horse battery staple"});
        Call::post("/auth/password", &body).bearer(&login.text("access_token"))
    }),
    Request::new("second step", |login| {
        let body = json!({"mfa_token": second_token(&sub(login)), "code": factor_code(NOW)});
        Call::post("/auth/login/second", &body)
    })
    .after(Before::Factor)
    .once()
    .forgetting(),
    Request::new("second step with a recovery code", |login| {
        let body = json!({"mfa_token": second_token(&sub(login)), "recovery_code": RECOVERY_CODE});
        Call::post("/auth/login/second", &body)
    })
    .after(Before::Factor)
    .once()
    .forgetting(),
    Request::new("confirmation", |login| {
        Call::post("/auth/confirm", &json!({"password": PASSWORD})).bearer(&login.text("access_token"))
    }),
    Request::new("confirmation with a recovery code", |login| {
        let body = json!({"password": PASSWORD, "recovery_code": RECOVERY_CODE});
        Call::post("/auth/confirm", &body).bearer(&login.text("access_token"))
    })
    .after(Before::Factor)
    .once()
    .forgetting(),
    Request::new("factors", |login| {
        Call::get("/auth/factors").bearer(&login.text("access_token"))
    }),
    Request::new("enrolment", |login| {
        Call::post("/auth/factors/totp", &json!({})).bearer(&login.text("access_token"))
    }),
    Request::new("confirmed enrolment", |login| {
        let enrolment = enrolment(&sub(login), &login.text("sid"));
        let body = json!({"enrolment": enrolment, "code": factor_code(NOW)});
        Call::post("/auth/factors/totp/confirm", &body).bearer(&login.text("access_token"))
    }),
    Request::new("removed app", |login| {
        Call::new(Method::DELETE, "/auth/factors/totp").bearer(&login.text("access_token"))
    })
    .after(Before::ProvenFactor)
    .once(),
    Request::new("new recovery codes", |login| {
        Call::post("/auth/factors/recovery", &json!({})).bearer(&login.text("access_token"))
    })
    .after(Before::ProvenFactor),
    Request::new("options of a login", |_| {
        Call::post("/auth/passkey/options", &json!({}))
    }),
    Request::new("login with a passkey", |_| {
        Call::post("/auth/passkey", &json!({"credential": login_response()}))
    })
    .after(Before::Passkey)
    .once(),
    Request::new("options of a second step", |login| {
        let body = json!({"mfa_token": second_token(&sub(login))});
        Call::post("/auth/login/second/options", &body)
    })
    .after(Before::Passkey),
    Request::new("second step with a passkey", |login| {
        let token = second_token(&sub(login));
        let passkey = second_step_response(claim(&token, "sid").as_str().unwrap());
        Call::post("/auth/login/second", &json!({"mfa_token": token, "passkey": passkey}))
    })
    .after(Before::Passkey)
    .once()
    .forgetting(),
    Request::new("options of a confirmation", |login| {
        Call::post("/auth/confirm/options", &json!({})).bearer(&login.text("access_token"))
    })
    .after(Before::Passkey),
    Request::new("confirmation with a passkey", |login| {
        let body = json!({"passkey": confirmation_response(&login.text("sid"))});
        Call::post("/auth/confirm", &body).bearer(&login.text("access_token"))
    })
    .after(Before::Passkey)
    .once(),
    Request::new("options of a passkey", |login| {
        Call::post("/auth/factors/passkeys/options", &json!({})).bearer(&login.text("access_token"))
    }),
    Request::new("new passkey", |login| {
        let body = json!({"credential": registration_response(&login.text("sid"))});
        Call::post("/auth/factors/passkeys", &body).bearer(&login.text("access_token"))
    }),
    Request::new("named passkey", |login| {
        let body = json!({"label": "old phone"});
        Call::patch(&passkey_path(), &body).bearer(&login.text("access_token"))
    })
    .after(Before::ProvenPasskey),
    Request::new("removed passkey", |login| {
        Call::new(Method::DELETE, &passkey_path()).bearer(&login.text("access_token"))
    })
    .after(Before::ProvenPasskey)
    .once(),
    Request::new("registration", |_| {
        Call::post("/auth/register", &json!({"email": "grace@example.com"}))
    }),
    Request::new("forgotten password", |_| {
        Call::post("/auth/forgot", &json!({"email": tests::EMAIL}))
    }),
    Request::new("confirmed registration", |_| {
        let body = json!({"token": tests::register_link("grace@example.com"), "password": NEW_PASSWORD});
        Call::post("/auth/register/confirm", &body)
    }),
    Request::new("reset", |login| {
        let body = json!({"token": tests::reset_link(&sub(login)), "new_password": NEW_PASSWORD});
        Call::post("/auth/reset", &body)
    }),
    Request::new("reset with a second factor", |login| {
        let token = tests::reset_link(&sub(login));
        let body = json!({"token": token, "new_password": NEW_PASSWORD, "second_code": factor_code(NOW)});
        Call::post("/auth/reset", &body)
    })
    .after(Before::Factor)
    .forgetting(),
    Request::new("address", |login| {
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        Call::post("/auth/address", &body).bearer(&login.text("access_token"))
    }),
    Request::new("confirmed address", |login| {
        let token = tests::address_link(&sub(login), "ada@example.org");
        Call::post("/auth/address/confirm", &json!({"token": token, "password": PASSWORD}))
    }),
    Request::new("deletion", deletion),
    Request::new("kept account", |login| {
        let token = tests::keep_link(&sub(login));
        Call::post("/auth/account/keep", &json!({"token": token, "password": PASSWORD}))
    })
    .after(Before::Deletion),
    Request::new("kept account with a second factor", |login| {
        let token = tests::keep_link(&sub(login));
        let body = json!({"token": token, "password": PASSWORD, "recovery_code": RECOVERY_CODE});
        Call::post("/auth/account/keep", &body)
    })
    .after(Before::DeletionWithFactor)
    .forgetting(),
    Request::new("me", |login| Call::get("/auth/me").bearer(&login.text("access_token"))),
    // The wait lets a retry after a fault succeed: a table that could not be read is not read again for 5 seconds.
    Request::new("keys", |_| Call::get("/.well-known/jwks.json")).waiting(5),
    Request::new("openid", |_| Call::get("/.well-known/openid-configuration")),
    Request::new("oauth", |_| Call::get("/.well-known/oauth-authorization-server")),
    Request::new("page of the login", |_| Call::get("/")),
    Request::new("page of the account", |_| Call::get("/account")),
    Request::new("page of the sessions", |_| Call::get("/account/sessions")),
    Request::new("page of the address", |_| Call::get("/account/address")),
    Request::new("page of a deletion", |_| Call::get("/account/delete")),
    Request::new("page of the link that keeps an account", |_| Call::get("/account/keep")),
    Request::new("page of the password", |_| Call::get("/account/password")),
    Request::new("page of second factors", |_| Call::get("/account/second-factor")),
    Request::new("page of the link to another address", |_| Call::get("/address/confirm")),
    Request::new("page of the registration", |_| Call::get("/register")),
    Request::new("page of the link to register", |_| Call::get("/register/confirm")),
    Request::new("page of a forgotten password", |_| Call::get("/forgot")),
    Request::new("page of the link to reset", |_| Call::get("/reset")),
    Request::new("contract", |_| Call::get("/openapi.json")),
    Request::new("asset", |_| Call::get(&asset("pages.css"))),
];

/// The new password of the requests that set one.
const NEW_PASSWORD: &str = "another horse battery staple";

/// Returns the id of the user who is logged in.
fn sub(login: &Answer) -> String {
    claim(&login.text("access_token"), "sub").as_str().unwrap().to_owned()
}

/// Returns a claim of a token.
fn claim(token: &str, name: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims[name].clone()
}

fn passkey_path() -> String {
    format!("/auth/factors/passkeys/{}", authenticator().id())
}

impl Request {
    const fn new(name: &'static str, call: fn(&Answer) -> Call) -> Self {
        Self {
            name,
            before: Before::Nothing,
            wait: 0,
            is_once: false,
            is_forgetting: false,
            call,
        }
    }

    const fn after(self, before: Before) -> Self {
        Self { before, ..self }
    }

    const fn forgetting(self) -> Self {
        Self {
            is_forgetting: true,
            ..self
        }
    }

    const fn once(self) -> Self {
        Self { is_once: true, ..self }
    }

    const fn waiting(self, wait: i64) -> Self {
        Self { wait, ..self }
    }

    /// Returns the request with this name.
    pub(crate) fn named(name: &str) -> Self {
        *REQUESTS.iter().find(|request| request.name == name).unwrap()
    }

    /// Does what has to happen before the request of a client with this login.
    pub(crate) async fn prepare(self, stack: &Stack, login: &Answer) {
        match self.before {
            Before::Nothing => {}
            Before::Login => assert!(stack.login().await.status.is_success()),
            Before::Deletion => assert!(stack.send(deletion(login)).await.status.is_success()),
            Before::Factor => stack.add_factor().await,
            Before::ProvenFactor => {
                stack.add_factor().await;
                stack.prove_factor(&login.text("sid")).await;
            }
            Before::Passkey => stack.add_passkey().await,
            Before::ProvenPasskey => {
                stack.add_passkey().await;
                stack.prove_factor(&login.text("sid")).await;
            }
            Before::DeletionWithFactor => {
                assert!(stack.send(deletion(login)).await.status.is_success());
                stack.add_factor().await;
            }
            Before::Refresh => assert!(stack.refresh(&login.text("refresh_token")).await.status.is_success()),
        }
    }

    /// Advances the clock by the request's wait, and sends the request of a client with this login.
    pub(crate) async fn send(self, stack: &Stack, login: &Answer) -> Answer {
        stack.clock.advance(self.wait);
        stack.send((self.call)(login)).await
    }

    /// Returns the calls that the request's function makes to the store if nothing fails, in order. A transaction
    /// counts as one call and is returned as its first write.
    pub(crate) async fn calls(self) -> Vec<Crossing> {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        self.send_alone(|stack| {
            stack.wire.fail(move |call| {
                seen.lock().unwrap().push(call.clone());
                None
            });
        })
        .await;
        let calls = std::mem::take(&mut *calls.lock().unwrap());
        calls.into_iter().filter(is_of_request).collect()
    }

    /// Returns the operations on the store for which the request's function needs permissions. Each write of a
    /// transaction is one of them.
    pub(crate) async fn crossings(self) -> Vec<Crossing> {
        let stack = self.send_alone(|stack| drop(stack.wire.take())).await;
        stack.wire.take().into_iter().filter(is_of_request).collect()
    }

    /// Sends the request to a new stack and returns the stack. Calls `watch` with the stack just before the request is
    /// sent.
    async fn send_alone(self, watch: impl FnOnce(&Stack)) -> Stack {
        let stack = Stack::start().await;
        let login = stack.login().await;
        self.prepare(&stack, &login).await;
        watch(&stack);

        let answer = self.send(&stack, &login).await;

        assert!(answer.status.is_success(), "{}: {}", self.name, answer.body);
        stack
    }
}

/// Returns the path of an asset of the pages.
pub(crate) fn asset(name: &str) -> String {
    let accent = Environment::from_iter([("", "")]).accent_colour().unwrap();
    let site = Site::new(accent);
    let mut paths = site.paths();
    paths.find(|path| path.ends_with(name)).unwrap().to_owned()
}

fn is_of_request(crossing: &Crossing) -> bool {
    crossing.function != "authorizer"
}

fn refresh(login: &Answer) -> Call {
    Call::post("/auth/refresh", &json!({"refresh_token": login.text("refresh_token")}))
}

fn deletion(login: &Answer) -> Call {
    let call = Call::post("/auth/account/delete", &json!({"password": PASSWORD}));
    call.bearer(&login.text("access_token"))
}

fn logout(login: &Answer, scope: &str) -> Call {
    let body = json!({"refresh_token": login.text("refresh_token"), "scope": scope});
    Call::post("/auth/logout", &body)
}

#[tokio::test]
async fn every_route_has_a_request() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let calls: Vec<Call> = REQUESTS.iter().map(|request| (request.call)(&login)).collect();

    for route in tests::template(&[]).api().unwrap().routes {
        let is_called = calls.iter().any(|call| call.goes_to(&route));
        assert!(
            is_called,
            "tests/end_to_end/requests.rs needs an entry for {}",
            route.key()
        );
    }
}
