//! A world with mail: its keys, its outbox and its mailboxes.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use auth::{
    attempts::{CountSources, Throttling},
    factor::SecondProof,
    keys::LinkKeys,
    mail::{
        Addressed, DeliverError, Delivered, Language, Letter, MailKeys, Mailer, Proof, Proofs, Purpose, QueueMail,
        QueuedMail, SendLetter, SendLetterError, deliver,
    },
    password::PasswordRule,
    register::{NewUserClaims, RegisterError, Registered, Registration},
    request_mail::{MailRequest, MailRequested, RequestMailError},
    reset_password::{PasswordReset, ResetError},
};
use claims::{Delivery, KeySet, Refresh, Timestamp, UserId};
use rand::{SeedableRng as _, rngs::StdRng};

use crate::world::{At, World, after, client, email, factor_keys, rng};

/// A key that seals addresses.
const MAIL_KEYS: &str = r#"{"current":"0123456789abcdefghijklmnopqrstuv"}"#;

/// A world with mail.
pub(crate) struct Post {
    pub(crate) world: World,
    pub(crate) mail_keys: MailKeys,
    pub(crate) link_keys: LinkKeys,
    /// The same keys, as an operator has them.
    pub(crate) grant_keys: KeySet<Refresh>,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) has_codes: bool,
    pub(crate) registrations_per_hour: u64,
    pub(crate) mails_per_hour: u64,
    seeds: AtomicU64,
}

/// All mailboxes, and whether the provider accepts letters.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    letters: Mutex<Vec<Sent>>,
    pub(crate) fault: Mutex<Option<SendLetterError>>,
}

/// A letter in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) to: String,
    pub(crate) language: Option<String>,
    pub(crate) id: String,
    /// Which letter it is.
    pub(crate) name: &'static str,
    pub(crate) link: Option<String>,
    pub(crate) code: Option<String>,
}

impl SendLetter for Mailboxes {
    async fn send_letter(&self, addressed: &Addressed<'_>) -> Result<(), SendLetterError> {
        if let Some(fault) = self.fault.lock().unwrap().clone() {
            return Err(fault);
        }
        let (name, link, code) = match addressed.letter {
            Letter::Register { link, code } => ("register", Some(link), code.as_ref()),
            Letter::Registered { link } => ("registered", Some(link), None),
            Letter::Reset { link, code } => ("reset", Some(link), code.as_ref()),
            Letter::Invite { link } => ("invite", Some(link), None),
            Letter::AddressOld { link } => ("address_old", Some(link), None),
            Letter::AddressNew { link } => ("address_new", Some(link), None),
            Letter::AddressTaken => ("address_taken", None, None),
            Letter::Test => ("test", None, None),
            Letter::Notice { undo, .. } => ("notice", undo.as_ref(), None),
        };
        self.letters.lock().unwrap().push(Sent {
            to: addressed.to.typed().to_owned(),
            language: addressed.language.map(|language| language.as_str().to_owned()),
            id: addressed.id.to_string(),
            name,
            link: link.map(|link| link.expose().to_owned()),
            code: code.map(|code| code.as_str().to_owned()),
        });
        Ok(())
    }
}

impl Post {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let set = keygen::refresh_key_set(Timestamp::new(0), &mut rng());
        Self {
            mail_keys: MailKeys::from_json(MAIL_KEYS).unwrap(),
            link_keys: LinkKeys::new(KeySet::from_json(&set).unwrap(), &world.terms.issuer),
            grant_keys: KeySet::from_json(&set).unwrap(),
            world,
            mailboxes: Mailboxes::default(),
            has_codes: true,
            registrations_per_hour: 100,
            mails_per_hour: 500,
            seeds: AtomicU64::new(1_000),
        }
    }

    /// Returns random numbers that differ from all others.
    pub(crate) fn rng(&self) -> StdRng {
        StdRng::seed_from_u64(self.seeds.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) const fn proofs(&self) -> Proofs<'_> {
        Proofs {
            mail_keys: &self.mail_keys,
            link_keys: &self.link_keys,
            pseudonyms: &self.world.pseudonyms,
            has_codes: self.has_codes,
        }
    }

    pub(crate) const fn mailer(&self) -> Mailer<'_> {
        Mailer {
            mail_keys: &self.mail_keys,
            link_keys: &self.link_keys,
            pseudonyms: &self.world.pseudonyms,
            issuer: &self.world.terms.issuer,
            has_codes: self.has_codes,
            registrations_per_hour: self.registrations_per_hour,
            mails_per_hour: self.mails_per_hour,
        }
    }

    pub(crate) async fn ask(
        &self,
        purpose: Purpose,
        address: &str,
        seconds: u64,
    ) -> Result<MailRequested, RequestMailError> {
        self.ask_by(purpose, address, None, seconds, &self.world.store).await
    }

    /// Requests a mail from this IP address. `outbox` is all that the request can read or write.
    pub(crate) async fn ask_by(
        &self,
        purpose: Purpose,
        address: &str,
        ip: Option<&str>,
        seconds: u64,
        outbox: &(impl QueueMail + CountSources),
    ) -> Result<MailRequested, RequestMailError> {
        let throttling = Throttling {
            pseudonyms: &self.world.pseudonyms,
            source_limit: self.world.source_limit,
            closed: &self.world.closed,
        };
        let request = MailRequest {
            purpose,
            email: email(address),
            language: Some(Language::parse("de").unwrap()),
            ip,
        };
        let (now, keys) = (after(seconds), &self.mail_keys);
        auth::request_mail::request_mail(request, now, &mut self.rng(), keys, throttling, outbox).await
    }

    /// Delivers a mail. Changes of what happens to it start from a copy.
    pub(crate) async fn deliver(&self, mail: &QueuedMail, seconds: u64) -> Result<Delivered, DeliverError> {
        let store = &self.world.store;
        deliver(mail, after(seconds), self.mailer(), store, store, &self.mailboxes).await
    }

    /// Delivers all mails that wait, and returns what became of each.
    pub(crate) async fn deliver_all(&self, seconds: u64) -> Vec<Delivered> {
        let mut delivered = Vec::new();
        for mail in self.world.store.queued_mails() {
            delivered.push(self.deliver(&mail, seconds).await.unwrap());
        }
        delivered
    }

    /// Returns all letters that were sent, from the first to the last.
    pub(crate) fn letters(&self) -> Vec<Sent> {
        self.mailboxes.letters.lock().unwrap().clone()
    }

    /// Requests a mail and delivers it. Returns the letter, and the request with which its code is valid.
    pub(crate) async fn letter(&self, purpose: Purpose, address: &str, seconds: u64) -> (Sent, String) {
        let requested = self.ask(purpose, address, seconds).await.unwrap();
        assert_eq!(self.deliver_all(seconds).await, [Delivered::Sent]);
        (self.letters().pop().unwrap(), requested.request.to_base64())
    }

    /// Does what [`Post::letter`] does while other mails wait that are over their budget.
    pub(crate) async fn letter_beside(&self, purpose: Purpose, address: &str, seconds: u64) -> (Sent, String) {
        let requested = self.ask(purpose, address, seconds).await.unwrap();
        assert!(self.deliver_all(seconds).await.contains(&Delivered::Sent));
        (self.letters().pop().unwrap(), requested.request.to_base64())
    }

    /// An operator moves a user to another address.
    pub(crate) async fn moves(&self, from: &str, to: &str, seconds: u64) {
        let store = &self.world.store;
        auth::accounts::set_email(&email(from), &email(to), &At(seconds), store, store)
            .await
            .unwrap();
    }

    pub(crate) async fn register(
        &self,
        proof: Proof<'_>,
        password: &str,
        seconds: u64,
    ) -> Result<Registered, RegisterError> {
        let (world, store) = (&self.world, &self.world.store);
        let registration = Registration {
            proof,
            password,
            rule: &rule(),
            delivery: Delivery::Body,
            client: client(),
        };
        let claims = NewUserClaims {
            role: "user".parse().unwrap(),
            scope: "dashboard:read".parse().unwrap(),
        };
        auth::register::register(
            registration,
            &claims,
            after(seconds),
            &mut self.rng(),
            &world.issuing(&world.keys),
            self.proofs(),
            &world.hasher,
            store,
            store,
            store,
            store,
        )
        .await
    }

    pub(crate) async fn reset(&self, proof: Proof<'_>, password: &str, seconds: u64) -> Result<UserId, ResetError> {
        self.reset_with(proof, password, None, seconds).await
    }

    /// Sets a new password, with a second factor if there is one.
    pub(crate) async fn reset_with(
        &self,
        proof: Proof<'_>,
        password: &str,
        second: Option<SecondProof<'_>>,
        seconds: u64,
    ) -> Result<UserId, ResetError> {
        let store = &self.world.store;
        let reset = PasswordReset {
            proof,
            new_password: password,
            rule: &rule(),
            second,
        };
        let (now, hasher) = (after(seconds), &self.world.hasher);
        auth::reset_password::reset_password(
            reset,
            now,
            &mut self.rng(),
            self.proofs(),
            hasher,
            &factor_keys(),
            store,
            store,
            store,
            store,
            store,
            store,
        )
        .await
        .map(|done| done.user_id)
    }

    /// Returns whether a login with this password succeeds.
    pub(crate) async fn logs_in(&self, address: &str, password: &str) -> bool {
        let store = &self.world.store;
        self.world.login(address, password, store, store).await.is_ok()
    }
}

fn rule() -> PasswordRule {
    PasswordRule {
        min_length: 12,
        is_common: |_| false,
        service_names: Vec::new(),
    }
}
