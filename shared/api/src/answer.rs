//! Answers of success.

use std::fmt;

use auth::{
    login::{HashUpgrade, LoggedIn},
    session::{EndedSessions, IssuedDevice, IssuedTokens, Logout, LogoutScope, Refreshed, RefreshedBy, SessionPage},
};
use claims::{Delivery, SessionId, UserId};
use lambda_http::http::StatusCode;
use runtime::{AuditEvent, Level};
use serde_json::{Map, Value, json};

use crate::{
    cookie, cursor,
    failure::{NO_CONTENT, OK},
};

/// An answer of success: what the caller gets, and what the log learns.
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) events: Vec<AuditEvent>,
}

impl Answer {
    /// JSON that no cache may keep.
    #[must_use]
    pub const fn json(body: Value) -> Self {
        Self {
            status: OK,
            body: Some(body),
            headers: Vec::new(),
            events: Vec::new(),
        }
    }

    /// JSON that every cache may keep for five minutes.
    #[must_use]
    pub fn public_json(body: Value) -> Self {
        Self {
            headers: vec![("cache-control", "public, max-age=300".to_owned())],
            ..Self::json(body)
        }
    }

    /// The tokens of a login (RFC 6749 s5.1).
    #[must_use]
    pub fn logged_in(login: &LoggedIn) -> Self {
        let event = AuditEvent::new("login.succeeded", Level::Info);
        let event = match &login.hash_upgrade {
            HashUpgrade::NotDue => event,
            HashUpgrade::Done => event.field("hash_upgrade", "done"),
            HashUpgrade::Overtaken => event.field("hash_upgrade", "overtaken"),
            HashUpgrade::NotHashed(error) => failed_upgrade(error),
            HashUpgrade::NotStored(error) => failed_upgrade(error),
        };
        let event = event.user(&login.user_id).session(&login.tokens.sid);
        let event = with_ended(event.field("lane", login.lane), &login.ended);
        let answer = Self::tokens(&login.tokens, event);
        answer.with_device(&login.device, login.tokens.delivery)
    }

    /// The tokens of a refresh (RFC 6749 s6).
    #[must_use]
    pub fn refreshed(refreshed: &Refreshed) -> Self {
        let event = match refreshed.by {
            RefreshedBy::Rotation => AuditEvent::new("refresh.rotated", Level::Info),
            RefreshedBy::Repetition => AuditEvent::new("refresh.repeated", Level::Info),
            RefreshedBy::Recovery => AuditEvent::new("refresh.recovered", Level::Warn),
        };
        let event = event.user(&refreshed.user_id).session(&refreshed.tokens.sid);
        Self::tokens(&refreshed.tokens, event)
    }

    /// The logout of every token that was shown, whatever it found to end: the same answer (RFC 7009 s2.2).
    #[must_use]
    pub fn logged_out(logouts: &[Logout], scope: LogoutScope, delivery: Delivery) -> Self {
        const IGNORED: &str = "logout.ignored";
        let event = |logout: &Logout| match logout {
            Logout::Ended(claims) => AuditEvent::new("logout", Level::Info)
                .user(claims.sub())
                .session(claims.sid())
                .field("scope", scope_name(scope)),
            Logout::Refused(refusal) => AuditEvent::refused_token(IGNORED, Level::Info, refusal),
            Logout::Ignored(reason) => AuditEvent::new(IGNORED, Level::Info).reason(reason),
        };
        let events = match logouts {
            [] => vec![AuditEvent::counted(IGNORED, Level::Info, "no_token")],
            some => some.iter().map(event).collect(),
        };
        Self {
            status: NO_CONTENT,
            body: None,
            headers: match scope {
                LogoutScope::Session | LogoutScope::All => cookie::deletion(delivery),
                LogoutScope::Others => Vec::new(),
            },
            events,
        }
    }

    /// The caller's sessions, of which `current` is the one that asks, and where the list goes on.
    #[must_use]
    pub fn sessions(page: &SessionPage, current: &SessionId) -> Self {
        let shown = page.sessions.iter().map(|session| {
            json!({
                "sid": session.sid,
                "current": session.sid == *current,
                "created_at": session.created_at,
                "last_used_at": session.last_used_at,
                "ip": session.client.ip,
                "user_agent": session.client.user_agent,
                "label": session.client.label,
            })
        });
        let mut body = Map::from_iter([("sessions".to_owned(), shown.collect())]);
        let next = page.next.as_ref().map(cursor::of_older_than);
        body.extend(next.map(|cursor| ("next_cursor".to_owned(), cursor.into())));
        Self::json(Value::Object(body))
    }

    /// A session that its user ended.
    #[must_use]
    pub fn session_revoked(user_id: &UserId, sid: &SessionId) -> Self {
        Self {
            status: NO_CONTENT,
            body: None,
            headers: Vec::new(),
            events: vec![
                AuditEvent::new("session.revoked", Level::Info)
                    .user(user_id)
                    .session(sid),
            ],
        }
    }

    /// A password that its owner changed: what their device is known by from now on.
    #[must_use]
    pub fn password_changed(user_id: &UserId, sid: &SessionId, device: &IssuedDevice, delivery: Delivery) -> Self {
        let event = AuditEvent::new("password.changed", Level::Info);
        let (status, body) = match delivery {
            Delivery::Body => (OK, Some(json!({}))),
            Delivery::Cookie => (NO_CONTENT, None),
        };
        let answer = Self {
            status,
            body,
            headers: Vec::new(),
            events: vec![event.user(user_id).session(sid)],
        };
        answer.with_device(device, delivery)
    }

    fn tokens(tokens: &IssuedTokens, event: AuditEvent) -> Self {
        let mut body = Map::from_iter([
            ("access_token".to_owned(), json!(tokens.access.expose())),
            ("token_type".to_owned(), json!("Bearer")),
            ("expires_in".to_owned(), json!(tokens.expires_in)),
            ("refresh_expires_in".to_owned(), json!(tokens.refresh_expires_in)),
            ("scope".to_owned(), json!(tokens.scope)),
            ("sid".to_owned(), json!(tokens.sid)),
        ]);
        let headers = match tokens.delivery {
            Delivery::Body => {
                body.insert("refresh_token".to_owned(), json!(tokens.refresh.expose()));
                Vec::new()
            }
            Delivery::Cookie => vec![(
                "set-cookie",
                cookie::refresh(tokens.refresh.expose(), tokens.refresh_expires_in),
            )],
        };
        Self {
            headers,
            events: vec![event],
            ..Self::json(Value::Object(body))
        }
    }

    /// Adds what the device is known by from now on.
    fn with_device(mut self, device: &IssuedDevice, delivery: Delivery) -> Self {
        let token = device.token.expose();
        match (delivery, &mut self.body) {
            (Delivery::Body, Some(Value::Object(body))) => {
                body.insert("device_token".to_owned(), json!(token));
            }
            (Delivery::Body | Delivery::Cookie, _) => {
                self.headers
                    .push(("set-cookie", cookie::device(token, device.expires_in)));
            }
        }
        self
    }
}

/// The login succeeded all the same, but it shall be seen that the hash stays weak.
fn failed_upgrade(cause: &impl fmt::Display) -> AuditEvent {
    AuditEvent::new("login.succeeded", Level::Error)
        .field("hash_upgrade", "failed")
        .field("cause", &cause.to_string())
}

/// Adds which sessions ended because the user had too many. Those that did not end are the next login's to end, but it
/// shall be seen why.
fn with_ended(event: AuditEvent, ended: &EndedSessions) -> AuditEvent {
    let sids: Vec<&str> = ended.ended.iter().map(SessionId::as_str).collect();
    let event = match &sids[..] {
        [] => event,
        sids => event.field("evicted", &sids.join(" ")),
    };
    match &ended.failed {
        None => event,
        Some(error) => AuditEvent {
            level: Level::Error,
            ..event.field("eviction_failed", &error.to_string())
        },
    }
}

const fn scope_name(scope: LogoutScope) -> &'static str {
    match scope {
        LogoutScope::Session => "session",
        LogoutScope::Others => "others",
        LogoutScope::All => "all",
    }
}

/// Bodies and cookies carry tokens: only the names of headers and members are shown.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        let members = self.body.as_ref().and_then(Value::as_object);
        let members: Vec<&String> = members.into_iter().flat_map(Map::keys).collect();
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &headers)
            .field("body", &members)
            .field("events", &self.events)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use auth::{
        error::StoreError,
        password::HashError,
        session::{ClientDetails, ListedSession},
    };
    use claims::{
        Access, AccessClaims, Algorithm, Device, DeviceClaims, DeviceId, Draft, Issuer, KeyId, KeySet, Refresh,
        RefreshClaims, Seconds, SignedToken, SigningInput, Timestamp, TokenKind, Verifier,
    };
    use rstest::rstest;

    use super::*;

    const IAT: Timestamp = Timestamp::new(1_700_000_000);

    #[test]
    fn a_token_answer_by_body_has_exactly_the_members_of_the_contract() {
        let answer = Answer::logged_in(&login(Delivery::Body));

        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.body.unwrap(),
            json!({
                "access_token": access_token().expose(),
                "token_type": "Bearer",
                "expires_in": 900,
                "refresh_token": refresh_token(Delivery::Body).expose(),
                "refresh_expires_in": 604_800,
                "scope": "reports:read",
                "sid": "session-1",
                "device_token": device_token().expose(),
            })
        );
        assert!(answer.headers.is_empty());
    }

    #[test]
    fn a_refresh_token_by_cookie_is_never_in_the_body() {
        let answer = Answer::logged_in(&login(Delivery::Cookie));

        let token = refresh_token(Delivery::Cookie);
        let body = answer.body.unwrap();
        for secret in [token.expose(), device_token().expose()] {
            assert!(!body.to_string().contains(secret));
        }
        let mut names: Vec<&String> = body.as_object().unwrap().keys().collect();
        names.sort_unstable();
        let expected = [
            "access_token",
            "expires_in",
            "refresh_expires_in",
            "scope",
            "sid",
            "token_type",
        ];
        assert_eq!(names, expected);
        let refresh = cookie::refresh(token.expose(), Seconds::new(604_800));
        let device = cookie::device(device_token().expose(), Seconds::new(15_552_000));
        assert_eq!(answer.headers, [("set-cookie", refresh), ("set-cookie", device)]);
    }

    #[rstest]
    #[case::body(Delivery::Body)]
    #[case::cookie(Delivery::Cookie)]
    fn a_changed_password_is_answered_with_a_device_token_by_the_way_of_the_request(#[case] delivery: Delivery) {
        let device = login(delivery).device;
        let [token, cookie] = [
            device.token.expose().to_owned(),
            cookie::device(device.token.expose(), device.expires_in),
        ];

        let answer = Answer::password_changed(&user(), &SessionId::parse("session-1").unwrap(), &device, delivery);

        let (status, body, headers) = match delivery {
            Delivery::Body => (StatusCode::OK, Some(json!({"device_token": token})), vec![]),
            Delivery::Cookie => (StatusCode::NO_CONTENT, None, vec![("set-cookie", cookie)]),
        };
        assert_eq!((answer.status, answer.body, answer.headers), (status, body, headers));
        assert_eq!(answer.events[0].name, "password.changed");
    }

    #[rstest]
    #[case::not_due(HashUpgrade::NotDue, Level::Info, None)]
    #[case::done(HashUpgrade::Done, Level::Info, Some("done"))]
    #[case::overtaken(HashUpgrade::Overtaken, Level::Info, Some("overtaken"))]
    #[case::failed(HashUpgrade::NotHashed(HashError::Cancelled), Level::Error, Some("failed"))]
    fn what_became_of_a_weak_hash_is_for_the_log_alone(
        #[case] hash_upgrade: HashUpgrade,
        #[case] level: Level,
        #[case] logged: Option<&str>,
    ) {
        let expected = Answer::logged_in(&login(Delivery::Body)).body;

        let answer = Answer::logged_in(&LoggedIn {
            hash_upgrade,
            ..login(Delivery::Body)
        });

        assert_eq!((answer.status, answer.body), (StatusCode::OK, expected));
        let event = answer.events[0].clone();
        assert_eq!((event.name, event.level), ("login.succeeded", level));
        assert_eq!(event.fields.get("hash_upgrade").and_then(Value::as_str), logged);
    }

    #[test]
    fn the_sessions_that_ended_for_a_login_are_for_the_log_alone() {
        let expected = Answer::logged_in(&login(Delivery::Body)).body;
        let ended = EndedSessions {
            ended: vec!["session-8".parse().unwrap(), "session-9".parse().unwrap()],
            failed: None,
        };
        let failed = EndedSessions {
            ended: Vec::new(),
            failed: Some(StoreError::Malformed { operation: "announce" }),
        };

        let [ended, failed] = [ended, failed].map(|ended| {
            Answer::logged_in(&LoggedIn {
                ended,
                ..login(Delivery::Body)
            })
        });

        assert_eq!((&ended.body, &failed.body), (&expected, &expected));
        let event = ended.events[0].clone();
        assert_eq!(
            (event.level, &event.fields["evicted"]),
            (Level::Info, &json!("session-8 session-9"))
        );
        assert!(!event.fields.contains_key("eviction_failed"));
        let event = failed.events[0].clone();
        assert_eq!(event.level, Level::Error);
        assert_eq!(
            event.fields["eviction_failed"],
            json!("announce: the stored item is malformed")
        );
        assert!(!event.fields.contains_key("evicted"));
    }

    #[test]
    fn a_list_says_where_it_goes_on_if_it_does() {
        let session = ListedSession {
            sid: "session-1".parse().unwrap(),
            created_at: IAT,
            last_used_at: IAT.plus(Seconds::new(1)),
            client: ClientDetails::default(),
        };
        let next = Some(session.sid.clone());
        let [last, other] = [None, next].map(|next| {
            let sessions = vec![session.clone()];
            Answer::sessions(&SessionPage { sessions, next }, &"session-1".parse().unwrap()).body
        });

        let sessions = json!([{
            "sid": "session-1", "current": true, "created_at": IAT, "last_used_at": IAT.get() + 1, "ip": null,
            "user_agent": null, "label": null,
        }]);
        assert_eq!(last.unwrap(), json!({"sessions": sessions}));
        let cursor = cursor::of_older_than(&"session-1".parse().unwrap());
        assert_eq!(other.unwrap(), json!({"sessions": sessions, "next_cursor": cursor}));
    }

    #[rstest]
    #[case(RefreshedBy::Rotation, "refresh.rotated", Level::Info)]
    #[case(RefreshedBy::Repetition, "refresh.repeated", Level::Info)]
    #[case(RefreshedBy::Recovery, "refresh.recovered", Level::Warn)]
    fn a_refresh_is_answered_like_a_login_and_logged_as_what_it_did(
        #[case] by: RefreshedBy,
        #[case] event: &str,
        #[case] level: Level,
    ) {
        let refreshed = Refreshed {
            user_id: user(),
            by,
            tokens: tokens(Delivery::Body),
        };

        let answer = Answer::refreshed(&refreshed);

        let mut login = Answer::logged_in(&login(Delivery::Body));
        let of_login = login.body.as_mut().and_then(Value::as_object_mut).unwrap();
        assert!(of_login.remove("device_token").is_some());
        assert_eq!((answer.status, answer.body), (login.status, login.body));
        let logged = answer.events[0].clone();
        assert_eq!((logged.name, logged.level), (event, level));
    }

    #[rstest]
    #[case::body(Delivery::Body)]
    #[case::cookie(Delivery::Cookie)]
    fn a_logout_is_answered_the_same_whatever_it_found(#[case] delivery: Delivery) {
        let answer = |logouts: &[Logout]| Answer::logged_out(logouts, LogoutScope::Session, delivery);

        let ended = answer(&[Logout::Ended(claims())]);
        let ignored = answer(&[Logout::Ignored("expired")]);
        let both = answer(&[Logout::Ended(claims()), Logout::Ignored("expired")]);
        let none = answer(&[]);

        for answer in [&ended, &ignored, &both, &none] {
            assert_eq!((answer.status, &answer.body), (StatusCode::NO_CONTENT, &None));
            assert_eq!(answer.headers, cookie::deletion(delivery));
        }
        let names = |answer: &Answer| -> Vec<_> { answer.events.iter().map(|event| event.name).collect() };
        assert_eq!(names(&ended), ["logout"]);
        assert_eq!(names(&ignored), ["logout.ignored"]);
        assert_eq!(names(&both), ["logout", "logout.ignored"]);
        assert_eq!(names(&none), ["logout.ignored"]);
    }

    #[test]
    fn only_public_documents_are_for_caches() {
        let headers = Answer::public_json(json!({})).headers;

        assert_eq!(headers, [("cache-control", "public, max-age=300".to_owned())]);
        assert!(Answer::json(json!({})).headers.is_empty());
    }

    #[rstest]
    #[case(Delivery::Body)]
    #[case(Delivery::Cookie)]
    fn tokens_are_not_shown(#[case] delivery: Delivery) {
        let shown = format!("{:?}", Answer::logged_in(&login(delivery)));

        assert!(shown.contains("access_token"), "{shown}");
        assert!(!shown.contains(access_token().expose()), "{shown}");
        assert!(!shown.contains(refresh_token(delivery).expose()), "{shown}");
    }

    fn login(delivery: Delivery) -> LoggedIn {
        LoggedIn {
            user_id: user(),
            tokens: tokens(delivery),
            hash_upgrade: HashUpgrade::NotDue,
            ended: EndedSessions::default(),
            lane: "address",
            device: IssuedDevice {
                token: device_token(),
                expires_in: Device::LONGEST_LIFE,
            },
        }
    }

    fn tokens(delivery: Delivery) -> IssuedTokens {
        IssuedTokens {
            access: access_token(),
            expires_in: Seconds::new(900),
            refresh: refresh_token(delivery),
            refresh_expires_in: Seconds::new(604_800),
            delivery,
            scope: "reports:read".parse().unwrap(),
            sid: "session-1".parse().unwrap(),
        }
    }

    /// Signed by nobody: an answer does not look into it.
    fn access_token() -> SignedToken<Access> {
        let draft = draft::<Access>(AccessClaims {
            client_id: "gatehouse".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
            role: "analyst".parse().unwrap(),
            email: "a@example.com".into(),
            auth_time: IAT,
            epoch: 0,
            custom: Map::new(),
        });
        let input = SigningInput::new(&draft, &KeyId::parse("one").unwrap(), Algorithm::RS256).unwrap();
        input.join(b"signature").unwrap()
    }

    fn refresh_token(delivery: Delivery) -> SignedToken<Refresh> {
        let draft = draft(RefreshClaims {
            generation: 1,
            delivery,
        });
        refresh_keys().sign(&draft).unwrap()
    }

    fn device_token() -> SignedToken<Device> {
        let draft = draft(DeviceClaims {
            device: DeviceId::parse("device-1").unwrap(),
            password_changed_at: IAT,
        });
        refresh_keys().sign(&draft).unwrap()
    }

    fn claims() -> claims::Claims<Refresh> {
        let verifier = Verifier::refresh(issuer(), refresh_keys().verifying_keys());
        verifier.verify(refresh_token(Delivery::Body).expose(), IAT).unwrap()
    }

    fn refresh_keys() -> KeySet<Refresh> {
        KeySet::from_json(
            r#"{"keys":[{"kid":"one","alg":"HS256","activates_at":0,"k":"mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU"}]}"#,
        )
        .unwrap()
    }

    fn draft<K: TokenKind>(own: K::Claims) -> Draft<K> {
        Draft {
            iss: issuer(),
            aud: issuer().as_audience(),
            sub: user(),
            sid: "session-1".parse().unwrap(),
            jti: "token-1".parse().unwrap(),
            iat: IAT,
            exp: IAT.plus(Seconds::new(900)),
            own,
        }
    }

    fn issuer() -> Issuer {
        "https://issuer.example".parse().unwrap()
    }

    fn user() -> UserId {
        "user-1".parse().unwrap()
    }
}
