//! Requesting a mail: to register, or to set a new password.
//!
//! The answer is the same for every address, because this use case cannot know whether a user has it: none of its ports
//! reads users.

use claims::{Moment, Span, TokenId};
use futures::future::try_join_all;
use rand::CryptoRng;

use crate::{
    attempts::{Admission, CountSources, Pseudonym, Throttling},
    error::StoreError,
    mail::{Language, MailKeys, MailTo, Purpose, QueueMail, QueuedMail, Queueing, Sealed},
    sealing::SealError,
    user::Email,
};

/// A request for a mail.
#[derive(Debug)]
pub struct MailRequest<'a> {
    /// Why the mail is requested.
    pub purpose: Purpose,
    /// Where it goes.
    pub email: Email,
    /// The language, if the client named one.
    pub language: Option<Language>,
    /// The IP address of the client, as the gateway saw it.
    pub ip: Option<&'a str>,
}

/// A mail that was requested. Nothing in it depends on whether a user has the address.
#[derive(Debug)]
pub struct MailRequested {
    /// The pseudonym of the address.
    pub address: Pseudonym,
    /// The request, with which a code from the mail is valid.
    pub request: Sealed,
}

/// Why no mail was requested.
#[derive(Debug, thiserror::Error)]
pub enum RequestMailError {
    /// There were too many requests from this source or for this address.
    #[error("too many requests by this {limit}")]
    Throttled {
        /// The pseudonym of the address.
        address: Pseudonym,
        /// The name of the limit that was reached.
        limit: &'static str,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The address could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues a mail. Another function decides later which letter it leads to, if any.
///
/// # Errors
/// If there were too many requests, or the store fails. If the store fails, the mail may be queued.
pub async fn request_mail(
    request: MailRequest<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &MailKeys,
    throttling: Throttling<'_>,
    outbox: &(impl QueueMail + CountSources),
) -> Result<MailRequested, RequestMailError> {
    let address = throttling.pseudonyms.hash_address(&request.email);
    let attempt = TokenId::draw(now, rng);
    let to = MailTo {
        email: request.email,
        language: request.language,
        asked_at: now,
    };
    let sealed = keys.seal(request.purpose, &to, rng)?;
    let throttled = |limit, retry_after| RequestMailError::Throttled {
        address: address.clone(),
        limit,
        retry_after,
    };

    if let Some(wait) = count_sources(request.ip, now, throttling, outbox).await? {
        return Err(throttled("source", wait));
    }
    let mail = QueuedMail {
        address: address.clone(),
        purpose: request.purpose,
        sealed,
        asked_at: now,
        attempt,
        user_id: None,
        grant: None,
    };
    match outbox.queue(&mail).await? {
        Queueing::Wait(wait) => Err(throttled("address", wait)),
        Queueing::Queued => Ok(MailRequested {
            address,
            request: mail.sealed,
        }),
    }
}

/// Counts the request for its sources. Returns how long to wait, if one of them has made too many requests.
async fn count_sources(
    ip: Option<&str>,
    now: Moment,
    throttling: Throttling<'_>,
    outbox: &impl CountSources,
) -> Result<Option<Span>, StoreError> {
    let sources = throttling.sources(ip);
    let closed = sources
        .iter()
        .filter_map(|(source, _)| throttling.closed.wait(source, now));
    if let Some(wait) = closed.max() {
        return Ok(Some(wait));
    }
    let counts = sources.iter().map(|(source, limit)| async move {
        let admission = outbox.count_source(source, *limit, now).await?;
        Ok::<_, StoreError>(match admission {
            Admission::Wait(wait) => {
                throttling.closed.close(source, now);
                Some(wait)
            }
            Admission::Admitted | Admission::Closed => None,
        })
    });
    Ok(try_join_all(counts).await?.into_iter().flatten().max())
}
