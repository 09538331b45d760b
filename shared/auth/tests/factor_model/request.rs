//! Requests in which a factor is presented. The use cases of production serve them.

use auth::{
    factor::{
        ConfirmError, Confirmation, ProveError, RecoveryCode, SecondProof, SecondStep, SecondStepError, confirm,
        second_step,
    },
    keys::{KeySets, Signer},
    mail::{Proof, Proofs},
    password::Password,
    reset_password::{PasswordReset, ResetError, reset_password},
    session::Issuing,
};
use claims::{
    Delivery, Draft, Link, LinkBinding, LinkClaims, Second, SecondClaims, SessionId, Span, Timestamp, Unverified,
};
use futures::future::BoxFuture;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{
    service::{NEW_PASSWORD, NOW, PASSWORD, SERVICE, client, owner},
    store::Store,
    world::{Opened, World},
};

/// The id of the session that the owner's last login has opened.
pub(crate) const USED: &str = "used";

/// A token of the first step, by the session that it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Token {
    /// A new token.
    New,
    /// Another new token.
    Another,
    /// The token that has opened the owner's session.
    Used,
    /// A new token that somebody got with the first password, whatever the password is by now.
    First,
}

/// What comes before the factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    /// The second step of a login.
    Login(Token),
    /// A link from a mail, for the request with this number.
    Reset(u8),
    /// The password again, in the owner's session.
    Confirm,
}

/// A factor, or what somebody presents instead of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Factor {
    Nothing,
    WrongCode,
    /// The code of a step, which is counted from the present one.
    Code(i64),
    Recovery(String),
}

/// A request in which a factor is presented.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Request {
    pub(crate) door: Door,
    pub(crate) factor: Factor,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was accepted. This is the recovery code that takes the place of the one that was presented, if the answer has
    /// one.
    Accepted(Option<String>),
    /// The factor was checked and is wrong.
    Wrong,
    /// There were too many wrong codes before.
    Throttled,
    /// Something else is wrong.
    Refused,
}

impl Store {
    /// Serves a request with the use case of production.
    pub(crate) fn serve(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let Request { door, factor } = request;
            let code = match &factor {
                Factor::Nothing | Factor::Recovery(_) => String::new(),
                Factor::WrongCode => SERVICE.wrong_code.clone(),
                Factor::Code(offset) => SERVICE.code(*offset),
            };
            let proof = match &factor {
                Factor::Nothing => None,
                Factor::WrongCode | Factor::Code(_) => Some(SecondProof::Code(&code)),
                Factor::Recovery(text) => Some(SecondProof::Recovery(text)),
            };
            match door {
                Door::Login(token) => self.log_in(token, proof.unwrap()).await,
                Door::Reset(number) => self.reset_with(number, proof).await,
                Door::Confirm => self.confirm_with(proof).await,
            }
        })
    }

    async fn log_in(&self, token: Token, proof: SecondProof<'_>) -> Outcome {
        let draft = first_step(&self.world(), token);
        let signed = Signer::<Second>::sign(&SERVICE.keys, &draft).await.unwrap();
        let token = Unverified::parse(signed.expose()).unwrap();
        let verifier = SERVICE.keys.refresh.second_steps();
        let claims = verifier.verify(&token, NOW.timestamp()).unwrap();
        let step = SecondStep {
            claims: &claims,
            proof,
            remembers: false,
            client: client(),
        };
        let (rng, issuing, keys) = (&mut self.rng(), &issuing(), &SERVICE.factor_keys);
        let done = second_step(step, NOW, rng, issuing, keys, self, self, self, self, 50, self, self);
        match done.await {
            Ok(done) => Outcome::Accepted(done.replacement.as_ref().map(text)),
            Err(SecondStepError::Refused {
                reason: "wrong_code", ..
            }) => Outcome::Wrong,
            Err(SecondStepError::Refused { .. }) => Outcome::Refused,
            Err(SecondStepError::Throttled { .. }) => Outcome::Throttled,
            Err(error) => panic!("{error}"),
        }
    }

    async fn reset_with(&self, number: u8, second: Option<SecondProof<'_>>) -> Outcome {
        let token = link(&self.world(), number);
        let token = SERVICE.link_keys.sign(&token).await.unwrap();
        let reset = PasswordReset {
            proof: Proof::Link(token.expose()),
            new_password: NEW_PASSWORD,
            rule: &SERVICE.password_rule,
            second,
        };
        let proofs = Proofs {
            mail_keys: &SERVICE.mail_keys,
            link_keys: &SERVICE.link_keys,
            pseudonyms: &SERVICE.pseudonyms,
            has_codes: true,
        };
        let (rng, hasher, keys) = (&mut self.rng(), &self.hasher, &SERVICE.factor_keys);
        let done = reset_password(
            reset, NOW, rng, proofs, hasher, keys, self, self, self, self, self, self,
        );
        match done.await {
            Ok(done) => Outcome::Accepted(done.replacement.as_ref().map(text)),
            Err(ResetError::Second(ProveError::Refused(_))) => Outcome::Wrong,
            Err(ResetError::Second(ProveError::Throttled(_))) => Outcome::Throttled,
            Err(ResetError::SecondRequired { .. } | ResetError::Refused(_)) => Outcome::Refused,
            Err(error) => panic!("{error}"),
        }
    }

    async fn confirm_with(&self, second: Option<SecondProof<'_>>) -> Outcome {
        let (user_id, sid, password) = (owner(), USED.parse().unwrap(), Password::parse(PASSWORD).unwrap());
        let confirmation = Confirmation {
            user_id: &user_id,
            sid: &sid,
            password: &password,
            second,
        };
        let (rng, issuing, hasher) = (&mut self.rng(), &issuing(), &self.hasher);
        let keys = &SERVICE.factor_keys;
        let done = confirm(
            confirmation,
            NOW,
            rng,
            issuing,
            hasher,
            keys,
            self,
            self,
            self,
            self,
            self,
        );
        match done.await {
            Ok(done) => Outcome::Accepted(done.replacement.as_ref().map(text)),
            Err(ConfirmError::Refused {
                reason: "wrong_code", ..
            }) => Outcome::Wrong,
            Err(ConfirmError::Refused { .. } | ConfirmError::SecondRequired { .. } | ConfirmError::Over(_)) => {
                Outcome::Refused
            }
            Err(ConfirmError::Throttled { .. }) => Outcome::Throttled,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a generator that draws the same replacement in the same state.
    fn rng(&self) -> StdRng {
        let spent = self.world().spent.len();
        StdRng::seed_from_u64(u64::try_from(spent).unwrap())
    }
}

fn issuing() -> Issuing<'static, KeySets> {
    Issuing {
        terms: &SERVICE.terms,
        signer: &SERVICE.keys,
    }
}

/// Returns the id of a session as the state has it.
pub(crate) fn sid(sid: &SessionId) -> &'static str {
    let all = [Token::New, Token::Another, Token::Used, Token::First].map(name);
    all.into_iter().find(|name| *name == sid.as_str()).unwrap()
}

/// Returns the id of the session that a token opens.
const fn name(token: Token) -> &'static str {
    match token {
        Token::New => "new",
        Token::Another => "another",
        Token::Used => USED,
        Token::First => "first",
    }
}

/// Returns what the first step of a login has signed.
fn first_step(world: &World, token: Token) -> Draft<Second> {
    let present = Opened {
        epoch: world.epoch,
        changed_at: world.changed_at,
    };
    let seen = match token {
        Token::New | Token::Another => present,
        Token::Used => world.sessions.get(USED).copied().unwrap(),
        Token::First => World::first_password(),
    };
    let issuer = &SERVICE.terms.issuer;
    let iat = NOW.timestamp();
    Draft {
        iss: issuer.clone(),
        aud: issuer.as_second_audience(),
        sub: owner(),
        jti: "first-step".parse().unwrap(),
        iat,
        exp: iat.plus(Span::seconds(300)),
        own: SecondClaims {
            sid: name(token).parse().unwrap(),
            password_changed_at: Timestamp::new(seen.changed_at),
            epoch: seen.epoch,
            delivery: Delivery::Body,
            label: None,
            device: "device".parse().unwrap(),
            is_known_device: true,
        },
    }
}

/// Returns the link that a letter to the owner has.
fn link(world: &World, number: u8) -> Draft<Link> {
    let issuer = &SERVICE.terms.issuer;
    let iat = NOW.timestamp();
    Draft {
        iss: issuer.clone(),
        aud: issuer.as_link_audience(),
        sub: owner(),
        jti: format!("mail-{number}").parse().unwrap(),
        iat,
        exp: iat.plus(Span::seconds(900)),
        own: LinkClaims::Reset(LinkBinding {
            password_changed_at: Timestamp::new(world.changed_at),
            address: SERVICE.pseudonyms.hash_address(&SERVICE.email).as_str().to_owned(),
        }),
    }
}

fn text(code: &RecoveryCode) -> String {
    code.to_text().to_string()
}
