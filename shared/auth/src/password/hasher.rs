//! Hashing and checking passwords, one at a time.

use std::{panic::resume_unwind, sync::Arc};

use argon2::{Algorithm, Argon2, Params, Version, password_hash::phc};
use rand::CryptoRng;
use tokio::sync::Mutex;

use crate::password::{HashCost, Password, PasswordForm, PasswordHash, scratch::Scratch};

/// The length of the output of a new hash in bytes.
const OUTPUT: usize = 32;

/// Hashes and checks passwords on a thread that may block, one at a time and in memory that is reused. If a process has
/// only one hasher, a hundred concurrent logins therefore need the same memory as one.
#[derive(Clone, Debug)]
pub struct Hasher {
    cost: HashCost,
    decoy: PasswordHash,
    /// Locked while a password is hashed. Waiting callers get the lock in the order in which they asked for it.
    scratch: Arc<Mutex<Scratch>>,
}

/// Why a password could not be hashed or checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Argon2 failed, usually for lack of memory.
    #[error("cannot hash a password: {0}")]
    Argon2(#[from] argon2::Error),
    /// The process is about to end.
    #[error("the hashing of a password was cancelled")]
    Cancelled,
}

/// A random value that is hashed along with a password, so that two hashes of the same password differ. It is drawn
/// before the first await, so that no use case holds a random number generator across an await.
#[derive(Clone, Copy, Debug)]
pub struct Salt([u8; 16]);

impl Salt {
    /// Draws a new salt.
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl Hasher {
    /// Makes a hasher for new hashes of this cost. The hasher allocates no memory before [`Hasher::prepare`] or the
    /// first hash.
    #[must_use]
    pub fn new(cost: HashCost) -> Self {
        Self {
            cost,
            decoy: PasswordHash::decoy(cost),
            scratch: Arc::default(),
        }
    }

    /// Allocates the memory for hashes of this hasher's cost and touches its pages, before there is a request.
    /// Otherwise, the first request would have to wait for the memory. An error is ignored, because the first request
    /// tries again.
    pub async fn prepare(&self) {
        let count = usize::try_from(self.cost.memory()).unwrap_or(usize::MAX);
        let _ = self
            .run_exclusively(move |scratch| Ok(scratch.blocks(count).map(drop)?))
            .await;
    }

    /// Returns the cost of new hashes.
    #[must_use]
    pub const fn cost(&self) -> HashCost {
        self.cost
    }

    /// Returns the hash against which a password is checked if the user is unknown.
    #[must_use]
    pub const fn decoy(&self) -> &PasswordHash {
        &self.decoy
    }

    /// Hashes a password, which takes about 20 ms at the lowest cost.
    ///
    /// # Errors
    /// If there is not enough memory, or the process is about to end.
    pub async fn hash(&self, password: &Password, salt: Salt) -> Result<PasswordHash, HashError> {
        let (cost, password) = (self.cost, password.clone());
        self.run_exclusively(move |scratch| Ok(argon2id(cost, &password, salt, scratch)?))
            .await
    }

    /// Returns whether this is the hash of `password` in one of its forms. An unusable hash matches no password, but
    /// the check takes as long as one against the decoy.
    ///
    /// # Errors
    /// If there is not enough memory, or the process is about to end.
    pub async fn check(&self, hash: &PasswordHash, password: &Password) -> Result<bool, HashError> {
        Ok(self.form_of(hash, password).await?.is_some())
    }

    /// Returns the form of `password` that matches this hash, or `None`. It takes the same time as [`Hasher::check`].
    ///
    /// # Errors
    /// If there is not enough memory, or the process is about to end.
    pub async fn form_of(&self, hash: &PasswordHash, password: &Password) -> Result<Option<PasswordForm>, HashError> {
        let Ok(stored) = hash.stored().or_else(|_| self.decoy.stored()) else {
            return Ok(None);
        };
        let (stored, is_usable, password) = (Arc::clone(stored), hash.is_usable(), password.clone());
        self.run_exclusively(move |scratch| Ok(stored.form_of(&password, scratch)?.filter(|_| is_usable)))
            .await
    }

    /// Runs `work` while nothing else hashes. Once `work` has started, it completes even if the caller is cancelled. A
    /// panic in `work` continues in the caller, as if both ran on one thread.
    async fn run_exclusively<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Scratch) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let usual = self.cost.memory();
        let mut scratch = Arc::clone(&self.scratch).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&mut scratch);
            scratch.tidy(usual);
            done
        });
        done.await.unwrap_or_else(|error| {
            error
                .try_into_panic()
                .map_or(Err(HashError::Cancelled), |panic| resume_unwind(panic))
        })
    }
}

fn argon2id(
    cost: HashCost,
    password: &Password,
    Salt(salt): Salt,
    scratch: &mut Scratch,
) -> Result<PasswordHash, argon2::Error> {
    let params = Params::new(cost.memory(), cost.passes(), 1, Some(OUTPUT))?;
    let blocks = scratch.blocks(params.block_count())?;
    let mut output = [0; OUTPUT];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password.expose(),
        &salt,
        &mut output,
        blocks,
    )?;
    let salt = phc::Salt::new(&salt).map_err(|_| argon2::Error::SaltTooShort)?;
    let output = phc::Output::new(&output).map_err(|_| argon2::Error::OutputTooShort)?;
    Ok(PasswordHash::argon2id(cost, salt, output))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    #[tokio::test]
    async fn a_hash_verifies_its_password_and_no_other() {
        let hasher = Hasher::new(HashCost::MIN);
        let (right, wrong) = (password("correct horse battery staple"), password("correct horse"));

        let hash = hasher.hash(&right, salt(1)).await.unwrap();

        assert!(
            hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.expose()
        );
        assert!(hasher.check(&hash, &right).await.unwrap());
        assert!(!hasher.check(&hash, &wrong).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_has_the_cost_that_its_hasher_was_given() {
        let cost = HashCost::new(20_480, 3);
        let hasher = Hasher::new(cost);
        let password = password("correct horse battery staple");

        let hash = hasher.hash(&password, salt(1)).await.unwrap();

        assert!(
            hash.expose().starts_with("$argon2id$v=19$m=20480,t=3,p=1$"),
            "{}",
            hash.expose()
        );
        assert!(!hash.is_weaker_than(cost) && !hash.is_weaker_than(HashCost::MIN));
        assert!(hasher.check(&hash, &password).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_hashes_differently_each_time() {
        let hasher = Hasher::new(HashCost::MIN);
        let password = password("correct horse battery staple");

        let one = hasher.hash(&password, salt(1)).await.unwrap();
        let other = hasher.hash(&password, salt(2)).await.unwrap();

        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn neither_the_decoy_nor_what_cannot_be_used_verifies_anything() {
        let hasher = Hasher::new(HashCost::MIN);

        for stored in [
            hasher.decoy().expose(),
            "",
            "garbage",
            "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAA",
        ] {
            let hash = PasswordHash::from_stored(stored.to_owned());

            assert!(!hasher.check(&hash, &password("anything")).await.unwrap(), "{stored}");
        }
    }

    #[tokio::test]
    async fn one_hash_is_made_at_a_time() {
        let hasher = Hasher::new(HashCost::MIN);
        let password = password("one");
        let held = hasher.scratch.lock().await;
        let mut waiting = pin!(hasher.hash(&password, salt(1)));

        assert!(futures::poll!(waiting.as_mut()).is_pending());
        assert_eq!(Arc::strong_count(&hasher.scratch), 2);
        drop(held);

        assert!(waiting.await.is_ok());
    }

    #[tokio::test]
    async fn two_hundred_checks_need_the_memory_of_one() {
        let hasher = Hasher::new(HashCost::MIN);
        let first = hasher.hash(&password("one"), salt(1)).await.unwrap();
        let blocks = hasher.scratch.lock().await.blocks(1).unwrap().as_ptr().addr();

        let checks = (0..200).map(|number| {
            let (hasher, hash) = (hasher.clone(), first.clone());
            async move { hasher.check(&hash, &password(&number.to_string())).await }
        });
        let verified = futures::future::try_join_all(checks).await.unwrap();

        assert!(!verified.contains(&true));
        assert_eq!(hasher.scratch.lock().await.blocks(1).unwrap().as_ptr().addr(), blocks);
    }

    #[tokio::test]
    #[should_panic(expected = "the bench is broken")]
    async fn a_panic_continues_in_the_waiting_task() {
        let hasher = Hasher::new(HashCost::MIN);

        let _ = hasher.run_exclusively::<()>(|_| panic!("the bench is broken")).await;
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    fn salt(seed: u64) -> Salt {
        Salt::new(&mut StdRng::seed_from_u64(seed))
    }
}
