//! Issuing the access token and the refresh token at the end of a login or a refresh.

use claims::{
    Access, AccessClaims, Delivery, Draft, Moment, Refresh, RefreshClaims, Scope, SessionId, SignError, SignedToken,
    Span, TokenId, TokenTerms,
};

use crate::{
    keys::Signer,
    session::{Issuing, Session},
    user::User,
};

/// The tokens in the response to a login or a refresh (RFC 6749 s5.1).
#[derive(Debug)]
pub struct IssuedTokens {
    /// The access token.
    pub access: SignedToken<Access>,
    /// How long the access token is valid, from its issue.
    pub expires_in: Span,
    /// The refresh token.
    pub refresh: SignedToken<Refresh>,
    /// How long the refresh token is valid, from this response.
    pub refresh_expires_in: Span,
    /// How the refresh token is delivered.
    pub delivery: Delivery,
    /// The permissions in the access token.
    pub scope: Scope,
    /// The id of the session.
    pub sid: SessionId,
}

/// Signs the refresh token of the session's current generation, which is the same token each time, and a new access
/// token with the user's current claims.
pub(crate) async fn issue<S: Signer<Access> + Signer<Refresh>>(
    user: &User,
    session: &Session,
    delivery: Delivery,
    now: Moment,
    token_id: TokenId,
    issuing: &Issuing<'_, S>,
) -> Result<IssuedTokens, SignError> {
    let Issuing { terms, signer } = issuing;
    let refresh = signer.sign(&refresh_draft(session, delivery, terms)).await?;
    let access = signer.sign(&access_draft(user, session, now, token_id, terms)).await?;
    Ok(IssuedTokens {
        access,
        expires_in: terms.lifetimes.access,
        refresh,
        refresh_expires_in: session.idle_expires_at.since(now.timestamp()),
        delivery,
        scope: user.scope.clone(),
        sid: session.sid.clone(),
    })
}

/// Returns the draft of an access token for a session, with the user's current claims.
#[must_use]
pub fn access_draft(user: &User, session: &Session, now: Moment, jti: TokenId, terms: &TokenTerms) -> Draft<Access> {
    let iat = now.timestamp();
    Draft {
        iss: terms.issuer.clone(),
        aud: terms.audience.clone(),
        sub: user.id.clone(),
        jti,
        iat,
        exp: iat.plus(terms.lifetimes.access),
        own: AccessClaims {
            sid: session.sid.clone(),
            client_id: terms.client_id.clone(),
            scope: user.scope.clone(),
            role: user.role.clone(),
            email: user.email.clone(),
            auth_time: session.auth_time,
            amr: session.amr,
            acr: session.amr.acr(),
            epoch: session.epoch,
            custom: user.custom_claims.clone(),
        },
    }
}

fn refresh_draft(session: &Session, delivery: Delivery, terms: &TokenTerms) -> Draft<Refresh> {
    Draft {
        iss: terms.issuer.clone(),
        aud: terms.issuer.as_audience(),
        sub: session.user_id.clone(),
        jti: TokenId::from_generation(&session.sid, session.generation),
        iat: session.issued_at,
        exp: session.idle_expires_at,
        own: RefreshClaims {
            sid: session.sid.clone(),
            generation: session.generation,
            delivery,
        },
    }
}
