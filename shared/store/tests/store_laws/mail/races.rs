//! Many uses of one link at once, with the tables: exactly one takes effect.

use std::sync::{Arc, Mutex};

use auth::{
    attempts::PseudonymKey,
    factor::FactorKeys,
    keys::{KeySets, LinkKeys, RefreshKeys},
    mail::{
        Addressed, Delivered, Letter, MailKeys, Mailer, Proof, Proofs, Purpose, SendLetter, SendLetterError, deliver,
    },
    password::{FindPassword as _, HashCost, Hasher, Password, PasswordRule},
    register::{NewUserClaims, RegisterError, Registered, Registration, register},
    reset_password::{PasswordReset, ResetError, reset_password},
    session::{ClientDetails, Issuing},
    user::FindUser as _,
};
use claims::{Algorithm, Delivery, KeySet, Lifetimes, Span, Timestamp, TokenTerms, UserId};
use futures::future::join_all;
use rand::{SeedableRng as _, rngs::StdRng};

use super::{ADA, MAIL_KEYS, NOW, mail_for, pseudonyms};
use crate::{
    tables::Tables,
    users::{add, email, user},
};

/// How often a link is used at once.
const TIMES: u64 = 50;

#[tokio::test]
async fn of_fifty_registrations_with_one_link_one_adds_a_user() {
    let service = Service::new().await;
    let link = service.link(Purpose::Register).await;

    let outcomes = join_all((0..TIMES).map(|number| service.register(&link, number))).await;

    let winner = winner(&outcomes);
    let registered = outcomes.iter().flatten().next().unwrap();
    assert!(!registered.is_repeated);
    let users = &service.tables.users;
    let everyone = doubles::everyone(users).await.unwrap();
    assert_eq!(
        everyone.iter().map(|user| &user.id).collect::<Vec<_>>(),
        [&registered.user_id]
    );
    service.assert_password(winner).await;
}

#[tokio::test]
async fn of_fifty_resets_with_one_link_one_sets_a_password() {
    let service = Service::new().await;
    let ada = user(1);
    add(&service.tables.users, &ada, ADA).await;
    let link = service.link(Purpose::Reset).await;

    let outcomes = join_all((0..TIMES).map(|number| service.reset(&link, number))).await;

    let winner = winner(&outcomes);
    service.assert_password(winner).await;
    assert_eq!(service.tables.users.user(&ada.id).await.unwrap().unwrap().epoch, 1);
}

/// Returns the number of the only request that succeeded.
#[track_caller]
fn winner<T, E>(outcomes: &[Result<T, E>]) -> u64 {
    let successes = (0..).zip(outcomes).filter(|(_, outcome)| outcome.is_ok());
    let [winner] = successes
        .map(|(number, _)| number)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    winner
}

/// The tables with everything that is needed to use a link.
struct Service {
    tables: Tables,
    mail_keys: MailKeys,
    link_keys: LinkKeys,
    keys: KeySets,
    terms: TokenTerms,
    hasher: Hasher,
    rule: PasswordRule,
}

/// The last link that was sent.
#[derive(Default)]
struct Mailbox(Mutex<Option<String>>);

impl SendLetter for Mailbox {
    async fn send_letter(&self, addressed: &Addressed<'_>) -> Result<(), SendLetterError> {
        if let Letter::Register { link, .. } | Letter::Reset { link, .. } = addressed.letter {
            *self.0.lock().unwrap() = Some(link.expose().to_owned());
        }
        Ok(())
    }
}

impl Service {
    async fn new() -> Self {
        let issuer: claims::Issuer = "https://issuer.example".parse().unwrap();
        let refresh = keygen::refresh_key_set(Timestamp::new(0), &mut rng(1));
        let access = keygen::access_key_set(Algorithm::ES256, Timestamp::new(0), &mut rng(2)).unwrap();
        Self {
            tables: Tables::new().await,
            mail_keys: MailKeys::from_json(MAIL_KEYS).unwrap(),
            link_keys: LinkKeys::new(KeySet::from_json(&refresh).unwrap(), &issuer),
            keys: KeySets {
                access: Arc::new(KeySet::from_json(&access).unwrap()),
                refresh: Arc::new(RefreshKeys::new(KeySet::from_json(&refresh).unwrap(), &issuer)),
            },
            terms: TokenTerms {
                issuer,
                audience: "dashboard".parse().unwrap(),
                client_id: "gatehouse".parse().unwrap(),
                lifetimes: Lifetimes {
                    access: Span::seconds(900),
                    idle: Span::seconds(3_600),
                    absolute: Span::seconds(6_000),
                },
            },
            hasher: Hasher::new(HashCost::MIN),
            rule: PasswordRule {
                min_length: 8,
                is_common: |_| false,
                service_names: Vec::new(),
            },
        }
    }

    /// Returns the link of a mail to [`ADA`].
    async fn link(&self, purpose: Purpose) -> String {
        let (mailbox, pseudonyms) = (Mailbox::default(), pseudonyms());
        let mailer = Mailer {
            mail_keys: &self.mail_keys,
            link_keys: &self.link_keys,
            pseudonyms: &pseudonyms,
            issuer: &self.terms.issuer,
            has_codes: true,
            registrations_per_hour: 9,
            mails_per_hour: 9,
        };
        let mail = mail_for(purpose, ADA, 1, NOW);
        let (users, outbox) = (&self.tables.users, &self.tables.mail);
        let delivered = deliver(&mail, NOW, mailer, users, outbox, &mailbox).await.unwrap();
        assert_eq!(delivered, Delivered::Sent);
        mailbox.0.into_inner().unwrap().unwrap()
    }

    async fn register(&self, link: &str, number: u64) -> Result<Registered, RegisterError> {
        let (tables, pseudonyms) = (&self.tables, pseudonyms());
        let registration = Registration {
            proof: Proof::Link(link),
            password: &password(number),
            rule: &self.rule,
            delivery: Delivery::Body,
            client: ClientDetails::default(),
        };
        let claims = NewUserClaims {
            role: "user".parse().unwrap(),
            scope: "".parse().unwrap(),
        };
        let issuing = Issuing {
            terms: &self.terms,
            signer: &self.keys,
        };
        register(
            registration,
            &claims,
            NOW,
            &mut rng(number),
            &issuing,
            self.proofs(&pseudonyms),
            &self.hasher,
            &tables.users,
            &tables.attempts,
            &tables.sessions,
            &tables.feed,
        )
        .await
    }

    async fn reset(&self, link: &str, number: u64) -> Result<UserId, ResetError> {
        let (tables, pseudonyms) = (&self.tables, pseudonyms());
        let reset = PasswordReset {
            proof: Proof::Link(link),
            new_password: &password(number),
            rule: &self.rule,
            second: None,
        };
        Box::pin(reset_password(
            reset,
            NOW,
            &mut rng(number),
            self.proofs(&pseudonyms),
            &self.hasher,
            &factor_keys(),
            &tables.users,
            &tables.resets,
            &tables.factors,
            &tables.attempts,
            &tables.mail,
            &tables.feed,
        ))
        .await
        .map(|done| done.user_id)
    }

    const fn proofs<'a>(&'a self, pseudonyms: &'a PseudonymKey) -> Proofs<'a> {
        Proofs {
            mail_keys: &self.mail_keys,
            link_keys: &self.link_keys,
            pseudonyms,
            has_codes: true,
        }
    }

    /// Checks that the stored password is that of this request.
    async fn assert_password(&self, number: u64) {
        let stored = self.tables.users.password_record(&email(ADA)).await.unwrap().unwrap();
        let password = Password::parse(&password(number)).unwrap();
        assert!(self.hasher.check(&stored.password_hash, &password).await.unwrap());
    }
}

fn password(number: u64) -> String {
    format!("a horse, a battery and a staple {number}")
}

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn factor_keys() -> FactorKeys {
    FactorKeys::from_json(r#"{"current":"0123456789abcdefghijklmnopqrstuv"}"#).unwrap()
}
