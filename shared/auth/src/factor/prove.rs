//! Checking a second factor, with its limits.

use claims::{Moment, Span, Timestamp, TokenId, UserId};
use rand::CryptoRng;
use tokio::time::timeout;

use crate::{
    attempts::{Admission, CountAttempts, FREE_FAILURES, Lane, MAX_WAIT, ReadFailures, TAKE_BACK},
    error::StoreError,
    factor::{
        FactorKeys, FindFactors, SecondProof, SpareCode, Spend,
        spend::{Accepted, accept},
    },
    mail::{Notice, QueueNotice, QueuedNotice},
};

/// What came before the second factor. It decides in which lane codes are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The password, which was set at this time.
    Password(Timestamp),
    /// A link or a code from a mail, for the request with this id.
    Mail(String),
}

/// Why a second factor was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The code is wrong or was used before. The reason is for the log only.
    #[error("the second factor is refused: {0}")]
    Refused(&'static str),
    /// There were too many wrong codes.
    #[error("too many wrong codes")]
    Throttled(Span),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A second factor that was proven. Whatever it permits uses up `spend`.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) accepted: Accepted,
    /// The lane whose failures are forgotten once `spend` is used up.
    lane: Lane,
}

/// The ids and secrets of a check, which are drawn before the first await.
pub(crate) struct Prover {
    attempt: TokenId,
    spare: SpareCode,
}

impl Prover {
    pub(crate) fn draw(now: Moment, rng: &mut impl CryptoRng) -> Self {
        Self {
            attempt: TokenId::draw(now, rng),
            spare: SpareCode::draw(rng),
        }
    }

    /// Checks a proof of this user. A code is counted as a failure before it is checked. A recovery code cannot be
    /// guessed, so it is not counted.
    ///
    /// The owner is told by mail from the fifth failure on, because anyone who fails knows the password or reads the mail.
    #[expect(
        clippy::too_many_arguments,
        reason = "the signature is the whole list of dependencies"
    )]
    pub(crate) async fn prove(
        &self,
        proof: SecondProof<'_>,
        user_id: &UserId,
        way: &Way,
        now: Moment,
        keys: &FactorKeys,
        factors: &impl FindFactors,
        attempts: &(impl CountAttempts + ReadFailures),
        outbox: &impl QueueNotice,
    ) -> Result<Proven, ProveError> {
        let lane = way.lane(user_id);
        let is_counted = matches!(proof, SecondProof::Code(_));
        let count = async {
            if is_counted {
                attempts.count(&lane, &self.attempt, now).await
            } else {
                Ok(Admission::Admitted)
            }
        };
        let (factors, admission) = futures::join!(factors.factors(user_id), count);
        match admission? {
            Admission::Admitted => {}
            Admission::Wait(wait) => return Err(ProveError::Throttled(wait)),
            Admission::Closed => return Err(ProveError::Throttled(MAX_WAIT)),
        }
        let factors = match factors {
            Ok(factors) => factors,
            Err(error) => {
                if is_counted {
                    drop(timeout(TAKE_BACK, attempts.take_back(&lane, &self.attempt)).await);
                }
                return Err(error.into());
            }
        };
        if let Some(accepted) = accept(proof, user_id, &factors, keys, now.timestamp(), &self.spare) {
            return Ok(Proven { accepted, lane });
        }
        if is_counted && attempts.failures(&lane).await? >= FREE_FAILURES {
            let notice = QueuedNotice::new(user_id.clone(), Notice::SecondFactorRefused, now);
            outbox.queue_notice(&notice).await?;
        }
        Err(ProveError::Refused("wrong_code"))
    }
}

impl Proven {
    /// Returns what is used up.
    pub(crate) const fn spend(&self) -> &Spend {
        &self.accepted.spend
    }

    /// Forgets the failures before this proof, which has been used up. An error is ignored: what the proof permits has
    /// happened, and the next proof forgets them too.
    pub(crate) async fn clear(&self, attempts: &impl CountAttempts) {
        drop(timeout(TAKE_BACK, attempts.clear(&self.lane)).await);
    }
}

impl Way {
    fn lane(&self, user_id: &UserId) -> Lane {
        match self {
            Self::Password(changed_at) => Lane::second(user_id.clone(), *changed_at),
            Self::Mail(request) => Lane::Reset {
                user_id: user_id.clone(),
                request: request.clone(),
            },
        }
    }
}
