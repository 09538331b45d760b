//! The cache of authorizers' answers. The template sets how long an answer is cached.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use claims::Moment;

use super::authorization::Authorization;

/// The cache key: the authorizer's name and the values of its identity sources. Documented: nothing else counts.
pub(crate) type CacheKey = (String, Vec<String>);

/// The number of cached answers that causes the removal of expired ones. An answer is cached for a minute at most, and
/// a local stack gets fewer answers than this number in a minute.
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

    /// Caches an answer, unless `life` is zero. Assumed: refusals are cached like permissions. An authorizer's errors
    /// are not cached.
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
