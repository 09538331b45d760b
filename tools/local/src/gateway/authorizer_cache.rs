//! The cache of authorizers' answers. The template sets how long an answer is cached.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use claims::Moment;

use super::authorization::Authorization;

/// The cache key: the authorizer's name and the values of its identity sources, and nothing else (documented).
pub(crate) type CacheKey = (String, Vec<String>);

/// The number of cached answers at which the expired ones are removed. The template permits a cache time of at most a
/// minute, and a local stack gets fewer answers than this number in a minute.
const CAPACITY: usize = 10_000;

/// The answers, each with its expiry.
#[derive(Debug, Default)]
pub(crate) struct AuthorizerCache {
    answers: Mutex<HashMap<CacheKey, (Moment, Authorization)>>,
}

impl AuthorizerCache {
    pub(crate) fn find(&self, key: &CacheKey, now: Moment) -> Option<Authorization> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .get(key)
            .filter(|(until, _)| now < *until)
            .map(|(_, answer)| answer.clone())
    }

    /// Caches an answer, unless `life` is zero. Refusals are cached like permissions, but errors of an authorizer are
    /// not (assumed).
    pub(crate) fn keep(&self, key: CacheKey, answer: Authorization, now: Moment, life: Duration) {
        let life = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        if life == 0 {
            return;
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= CAPACITY {
            answers.retain(|_, (until, _)| now < *until);
        }
        answers.insert(key, (Moment::new(now.get().saturating_add(life)), answer));
    }
}
