//! Authorizers' answers, kept for as long as the template says.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use claims::Millis;

use super::authorization::Authorization;

/// The authorizer's name and the values of its identity sources. Documented: these and nothing else.
pub(crate) type CacheKey = (String, Vec<String>);

/// How many answers are kept; more than anyone's machine sees in a minute.
const CAPACITY: usize = 10_000;

/// The answers, each with the moment at which it is forgotten.
#[derive(Debug, Default)]
pub(crate) struct AuthorizerCache {
    answers: Mutex<HashMap<CacheKey, (Millis, Authorization)>>,
}

impl AuthorizerCache {
    pub(crate) fn find(&self, key: &CacheKey, now: Millis) -> Option<Authorization> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .get(key)
            .filter(|(until, _)| now < *until)
            .map(|(_, answer)| answer.clone())
    }

    /// Keeps an answer. Assumed: refusals are kept like permissions; errors are not, they never get here.
    pub(crate) fn keep(&self, key: CacheKey, answer: Authorization, now: Millis, life: Duration) {
        let life = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        if life == 0 {
            return;
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= CAPACITY {
            answers.retain(|_, (until, _)| now < *until);
        }
        answers.insert(key, (Millis::new(now.get().saturating_add(life)), answer));
    }
}
