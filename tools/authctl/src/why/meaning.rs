//! What a reason in a log means, and what to do about it.

use runtime::Event;

/// What happened, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) fact: String,
    pub(super) advice: Option<&'static str>,
}

impl Meaning {
    fn new(fact: impl Into<String>, advice: &'static str) -> Self {
        Self {
            fact: fact.into(),
            advice: Some(advice),
        }
    }
}

/// Returns what a reason of the authorizer means.
pub(super) fn of_denial(reason: &str) -> Meaning {
    let (fact, advice) = match reason {
        "no_token" => (
            "the request has no bearer token",
            "the client sends `Authorization: Bearer <access token>`",
        ),
        "other_scheme" => (
            "the Authorization header has another scheme than Bearer",
            "the client sends `Authorization: Bearer <access token>`",
        ),
        "several_tokens" => (
            "the request has several tokens",
            "the client sends one token, in one header or one parameter",
        ),
        "unknown_event" | "malformed_arn" => (
            "the gateway asked in a format that the authorizer does not know",
            "compare the settings of the API's authorizer with docs/attach.md",
        ),
        "expired" => (
            "the access token had expired",
            "the client refreshes, and sends the request once more; an HTTP API answers 403, not 401",
        ),
        "revoked" => (
            "the session, or all sessions of the user, had ended",
            "the user logs in again; the log of the session has what ended it: docs/queries.md",
        ),
        "insufficient_scope" => (
            "the token is valid, but the rules of the route require another role or scope",
            "compare functions/authorizer/routes.toml with the role and the scope in `authctl user show`",
        ),
        "insufficient_user_authentication" => (
            "the token is valid, but the rules of the route require a second factor or a more recent login",
            "the client lets the user confirm who they are: docs/routes.md",
        ),
        "unknown_key" => (
            "no key of this service has the id in the token's header",
            "the token is of another stack, older than the last rotation, or forged: `authctl token inspect -` shows it",
        ),
        "bad_signature" => (
            "the signature is not by the key that the token names",
            "the token was changed or forged; if it came from this service, run `authctl doctor`",
        ),
        "wrong_issuer" | "wrong_audience" => (
            "the token is for another service",
            "compare its iss and aud with Issuer and Audience: `authctl token inspect -`",
        ),
        "wrong_type" => (
            "the token is not an access token",
            "the client sends the access token, not the refresh token or an id token",
        ),
        "not_yet_valid" | "issued_in_future" => (
            "the token is valid only later",
            "correct the clock of the issuer; functions in Lambda have the right time",
        ),
        _ => {
            return Meaning::new(
                format!("the token is malformed ({reason})"),
                "the client sends the access token as the login returned it: `authctl token inspect -` shows it",
            );
        }
    };
    Meaning::new(fact, advice)
}

/// Returns what an event of a function means, with its reason and its cause.
pub(super) fn of_event(name: &str, reason: Option<&str>, cause: Option<&str>) -> Meaning {
    let event = Event::ALL.iter().find(|event| event.as_str() == name);
    let said = event.map_or(name, |event| event.meaning()).trim();
    let said = said.strip_suffix('.').unwrap_or(said);
    let details: Vec<_> = [reason, cause].into_iter().flatten().collect();
    let fact = match details.as_slice() {
        [] => lower_first(said),
        details => format!("{} ({})", lower_first(said), details.join(": ")),
    };
    let advice = match name {
        "authorizer.undecided" | "authorizer.feed_unread" | "request.failed" => {
            "run `authctl doctor`, and see docs/alarms-api.md"
        }
        "keys.unread" => "run `authctl doctor`, and see docs/alarms-keys.md",
        "login.failed" => "`authctl user show` shows whether the user is disabled or throttled",
        "login.throttled" | "login.second_throttled" | "password.throttled" => {
            "`authctl user show` shows until when, and `authctl user unlock` ends it"
        }
        "refresh.theft" => "see docs/alarms-users.md",
        _ => return Meaning { fact, advice: None },
    };
    Meaning::new(fact, advice)
}

/// Returns what the answer of a function means, of which there is no event.
pub(super) fn of_answer(status: u64) -> Meaning {
    match status {
        400.. => Meaning::new(
            "a function refused the request; such refusals are counted, and not logged one by one",
            "the body of the answer has the error code: docs/errors.md",
        ),
        _ => answered(),
    }
}

/// Returns what an answer means that the gateway gave by itself.
pub(super) fn of_status(status: u64, error: Option<&str>) -> Meaning {
    let (fact, advice) = match status {
        401 => (
            "the gateway refused the request: it has no Authorization header, or for a REST API no valid token",
            "the client sends `Authorization: Bearer <access token>`",
        ),
        404 => (
            "there is no such route",
            "compare the method and the path with docs/endpoints.md",
        ),
        429 => (
            "all callers together exceeded the rate of the route or of the account",
            "raise RouteRateLimit, or find who calls: the saved query `refused`",
        ),
        500.. => (
            "no function has answered",
            "`authctl doctor` shows the quota, and the saved query `functions` timeouts and crashes",
        ),
        400..500 => ("the gateway refused the request", "see docs/errors.md"),
        _ => return answered(),
    };
    let fact = match error {
        Some(error) => format!("{fact} ({error})"),
        None => fact.to_owned(),
    };
    Meaning::new(fact, advice)
}

fn answered() -> Meaning {
    Meaning {
        fact: "the request was answered".to_owned(),
        advice: None,
    }
}

fn lower_first(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        // A name such as "SES" stays as it is.
        Some(first) if !rest.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().collect::<String>() + rest.as_str()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("login.failed", Some("wrong_password"), None)]
    #[case("request.failed", Some("temporarily_unavailable"), Some("read user: timed out"))]
    #[case("of.a.later.version", None, None)]
    fn an_event_is_told_in_words(#[case] name: &str, #[case] reason: Option<&str>, #[case] cause: Option<&str>) {
        let Meaning { fact, .. } = of_event(name, reason, cause);

        for detail in [reason, cause].into_iter().flatten() {
            assert!(fact.contains(detail), "{fact}");
        }
        assert!(!fact.ends_with('.') && !fact.contains("  "), "{fact}");
    }

    /// The reasons that users meet.
    const KNOWN: [&str; 13] = [
        "no_token",
        "other_scheme",
        "several_tokens",
        "unknown_event",
        "expired",
        "revoked",
        "insufficient_scope",
        "insufficient_user_authentication",
        "unknown_key",
        "bad_signature",
        "wrong_issuer",
        "wrong_audience",
        "issued_in_future",
    ];

    #[test]
    fn a_denial_that_users_meet_is_told_in_words() {
        for reason in KNOWN {
            assert!(!of_denial(reason).fact.contains("malformed"), "{reason}");
        }
        assert!(of_denial("not_compact").fact.contains("malformed (not_compact)"));
    }

    #[test]
    fn advice_names_what_there_is() {
        let events = Event::ALL.iter().map(|event| of_event(event.as_str(), None, None));
        let all = KNOWN.into_iter().map(of_denial).chain(events);
        let all = all.chain((400..505).flat_map(|status| [of_answer(status), of_status(status, None)]));
        let advice: Vec<_> = all.filter_map(|meaning| meaning.advice).collect();

        crate::advice::check(&advice);
    }
}
