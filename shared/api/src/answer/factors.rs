//! The answers to requests about second factors, and their failures.

use auth::{
    factor::{
        Demand, ENROLMENT_LIFE, Enrolled, Enrolment, FactorError, Factors, ProveError, RecoveryCodes,
        passkey::{AddedPasskey, Passkey},
    },
    user::FactorKinds,
};
use claims::UserId;
use runtime::{AuditEvent, Event};
use serde_json::{Value, json};

use crate::{Answer, ErrorCode, Failure, failure::BEARER};

impl Answer {
    /// Returns the answer with the caller's factors.
    #[must_use]
    pub fn factors(factors: &Factors) -> Self {
        let totp = factors.totp.as_ref().map(|totp| json!({"added_at": totp.added_at}));
        let passkeys: Vec<Value> = factors.passkeys.iter().map(passkey).collect();
        Self::json(json!({"totp": totp, "recovery_codes": factors.recovery.len(), "passkeys": passkeys}))
    }

    /// Returns the answer with the seed of an app.
    #[must_use]
    pub fn enrolment(enrolment: &Enrolment) -> Self {
        Self::json(json!({
            "secret": enrolment.secret.as_str(),
            "uri": enrolment.uri.as_str(),
            "enrolment": enrolment.enrolment,
            "expires_in": ENROLMENT_LIFE,
        }))
    }

    /// Returns the answer to a user who added an app.
    #[must_use]
    pub fn enrolled(enrolled: &Enrolled) -> Self {
        let event = AuditEvent::new(Event::FactorAdded).user(&enrolled.user_id);
        Self {
            events: vec![event.field("factor", "totp")],
            ..recovery_codes(enrolled.recovery.as_ref())
        }
    }

    /// Returns the answer to a user who removed their app.
    #[must_use]
    pub fn totp_removed(user_id: &UserId) -> Self {
        let event = AuditEvent::new(Event::FactorRemoved).user(user_id);
        Self {
            events: vec![event.field("factor", "totp")],
            ..Self::no_content()
        }
    }

    /// Returns the answer to a user who added a passkey.
    #[must_use]
    pub fn passkey_added(added: &AddedPasskey) -> Self {
        let event = AuditEvent::new(Event::FactorAdded).user(&added.user_id);
        let mut answer = recovery_codes(added.recovery.as_ref());
        if let Some(Value::Object(body)) = &mut answer.body {
            body.insert("id".to_owned(), json!(added.id.to_base64url()));
        }
        answer.events = vec![event.field("factor", "passkey")];
        answer
    }

    /// Returns the answer to a user who gave a passkey another name.
    #[must_use]
    pub fn passkey_renamed(user_id: &UserId) -> Self {
        Self {
            events: vec![AuditEvent::new(Event::FactorRenamed).user(user_id)],
            ..Self::no_content()
        }
    }

    /// Returns the answer to a user who removed a passkey.
    #[must_use]
    pub fn passkey_removed(user_id: &UserId) -> Self {
        let event = AuditEvent::new(Event::FactorRemoved).user(user_id);
        Self {
            events: vec![event.field("factor", "passkey")],
            ..Self::no_content()
        }
    }

    /// Adds an event if the counter of the passkey went back.
    pub(super) fn with_counter(mut self, went_back: bool, user_id: &UserId) -> Self {
        if went_back {
            self.events
                .push(AuditEvent::new(Event::FactorCounterWentBack).user(user_id));
        }
        self
    }

    /// Returns the answer to a user who replaced their recovery codes.
    #[must_use]
    pub fn recovery_renewed(user_id: &UserId, codes: &RecoveryCodes) -> Self {
        Self {
            events: vec![AuditEvent::new(Event::FactorCodesReplaced).user(user_id)],
            ..recovery_codes(Some(codes))
        }
    }
}

fn passkey(passkey: &Passkey) -> Value {
    json!({
        "id": passkey.credential.id.to_base64url(),
        "label": passkey.label,
        "added_at": passkey.added_at,
        "last_used_at": passkey.last_used_at,
        "synced": passkey.credential.backup_eligible,
    })
}

/// Returns an answer with recovery codes. This is the only time that they are shown.
fn recovery_codes(codes: Option<&RecoveryCodes>) -> Answer {
    let codes = codes.into_iter().flat_map(RecoveryCodes::as_slice);
    let codes: Vec<Value> = codes.map(|code| code.to_text().as_str().into()).collect();
    Answer::json(json!({"recovery_codes": codes}))
}

impl Failure {
    /// Returns the refusal of a request for which the user has to authenticate again (RFC 9470 s3).
    pub(crate) fn demanded(demand: Demand, user_id: &UserId) -> Self {
        let code = ErrorCode::InsufficientUserAuthentication;
        let acr = demand.acr.map(|acr| format!(r#", acr_values="{}""#, acr.as_str()));
        let max_age = demand.max_age.map(|age| format!(r#", max_age="{}""#, age.get()));
        let more = [acr, max_age].map(Option::unwrap_or_default).concat();
        let challenge = format!(r#"{BEARER}, error="{}"{more}"#, code.as_str());
        let event = AuditEvent::new(Event::RequestRefused).reason(code.as_str());
        let failure = Self {
            event: event.user(user_id),
            ..Self::refused(code, "authenticate again at /auth/confirm, and repeat the request")
        }
        .with_header("www-authenticate", challenge);
        let failure = match demand.acr {
            None => failure,
            Some(acr) => failure.with_member("acr_values", acr.as_str()),
        };
        match demand.max_age {
            None => failure,
            Some(max_age) => failure.with_member("max_age", max_age.get()),
        }
    }

    /// Returns the answer to a request that lacks a second factor. Everything else in it was right.
    pub(crate) fn second_required(factors: FactorKinds, event: AuditEvent) -> Self {
        let names = [
            (factors.has_totp(), "totp"),
            (factors.has_passkey(), "passkey"),
            (!factors.is_none(), "recovery"),
        ];
        let names = names.into_iter().filter_map(|(has, name)| has.then_some(name));
        Self {
            event,
            ..Self::refused(ErrorCode::MfaRequired, "a second factor is required")
        }
        .with_header("www-authenticate", BEARER)
        .with_member("factors", names.collect::<Vec<_>>())
    }

    /// Returns the failure of a second factor. `refused` and `throttled` are the events of the endpoint.
    pub(crate) fn not_proven(error: ProveError, refused: AuditEvent, throttled: AuditEvent) -> Self {
        match error {
            ProveError::Refused(reason) => Self::invalid_grant(refused.reason(reason)),
            ProveError::Throttled(retry_after) => Self::throttled(retry_after, throttled.reason("second")),
            ProveError::Store(error) => error.into(),
        }
    }
}

impl From<FactorError> for Failure {
    fn from(error: FactorError) -> Self {
        let refused = |reason| AuditEvent::new(Event::FactorRefused).reason(reason);
        match error {
            FactorError::Over(user) => Self {
                event: refused("session_over").user(&user),
                ..Self::unauthorized()
            },
            FactorError::Demanded { user_id, demand } => Self::demanded(demand, &user_id),
            FactorError::Refused { user_id, reason } => Self::invalid_grant(refused(reason).user(&user_id)),
            FactorError::Conflict(user) => Self {
                event: refused("conflict").user(&user),
                ..Self::refused(
                    ErrorCode::Conflict,
                    "you have this already, or as many as you may have, so remove one first",
                )
            },
            FactorError::NotFound(user) => Self {
                event: refused("not_found").user(&user),
                ..Self::refused(ErrorCode::NotFound, "you have no such factor")
            },
            FactorError::Overtaken(_) => Self::unavailable("the user was changed at the same time"),
            FactorError::Seal(error) => Self::internal(&error.to_string()),
            FactorError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use claims::{Acr, Span};
    use rstest::rstest;

    use super::{super::samples::user, *};

    #[rstest]
    #[case(
        Some(Acr::Aal2),
        Some(600),
        r#"Bearer realm="gatehouse", error="insufficient_user_authentication", acr_values="aal2", max_age="600""#
    )]
    #[case(
        Some(Acr::Aal2),
        None,
        r#"Bearer realm="gatehouse", error="insufficient_user_authentication", acr_values="aal2""#
    )]
    #[case(
        None,
        Some(600),
        r#"Bearer realm="gatehouse", error="insufficient_user_authentication", max_age="600""#
    )]
    fn a_demand_is_a_challenge_of_rfc_9470(
        #[case] acr: Option<Acr>,
        #[case] max_age: Option<u64>,
        #[case] challenge: &str,
    ) {
        let demand = Demand {
            acr,
            max_age: max_age.map(Span::seconds),
        };

        let failure = Failure::demanded(demand, &user());

        assert_eq!(
            failure.shown(),
            (
                ErrorCode::InsufficientUserAuthentication,
                vec![("www-authenticate", challenge)]
            )
        );
        assert_eq!(
            failure.members.unwrap().len(),
            [acr.is_some(), max_age.is_some()].iter().filter(|has| **has).count()
        );
    }

    #[rstest]
    #[case(FactorKinds::Totp, json!(["totp", "recovery"]))]
    #[case(FactorKinds::Passkey, json!(["passkey", "recovery"]))]
    #[case(FactorKinds::Both, json!(["totp", "passkey", "recovery"]))]
    fn a_missing_factor_is_named(#[case] kinds: FactorKinds, #[case] names: Value) {
        let failure = Failure::second_required(kinds, AuditEvent::new(Event::LoginSecondRequired));

        assert_eq!(
            (failure.code, &failure.members.unwrap()["factors"]),
            (ErrorCode::MfaRequired, &names)
        );
    }
}
