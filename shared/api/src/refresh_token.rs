//! Where a refresh token is found in a request: in the body, or in its cookie.

use claims::Delivery;
use config::Origins;
use cookie::Cookie;
use lambda_http::{Request, http::header};

use crate::{
    Failure, Fields, admit,
    cookie::NAME,
    request::{header_values, optional_body},
};

/// A refresh token as it came, not looked at yet.
#[derive(Debug)]
pub struct PresentedToken {
    /// The token's text; empty for a cookie that is there twice, which no browser sends.
    pub token: String,
    /// The way by which it came.
    pub delivery: Delivery,
    /// The rest of the body.
    pub fields: Fields,
}

/// Finds the refresh token of a `POST` request. One in the body goes before one in the cookie, which browsers add
/// unasked.
///
/// # Errors
/// When there is none, the body is malformed, or it came by cookie from where no cookie may come.
pub fn presented_token(request: &Request, origins: &Origins) -> Result<PresentedToken, Failure> {
    let fields = optional_body(request)?.unwrap_or_default();
    if let Some(token) = fields.optional_text("refresh_token")? {
        return Ok(PresentedToken {
            token: token.to_owned(),
            delivery: Delivery::Body,
            fields,
        });
    }
    let token = in_cookie(request)
        .ok_or_else(|| Failure::invalid_request("there is no refresh token in the body or the cookie"))?;
    admit(request, Delivery::Cookie, origins)?;
    Ok(PresentedToken {
        token,
        delivery: Delivery::Cookie,
        fields,
    })
}

fn in_cookie(request: &Request) -> Option<String> {
    let headers = header_values(request, &header::COOKIE);
    let mut found = headers
        .into_iter()
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == NAME)
        .map(|cookie| cookie.value().to_owned());
    let first = found.next()?;
    Some(if found.next().is_none() { first } else { String::new() })
}
