//! The bearer token in an `Authorization` header (RFC 6750 s2.1): exactly one.

/// The token in a header value: the scheme in any case, one space or more, then the token and nothing else.
///
/// API Gateway joins several headers with commas, and no token has one, so that a comma is a second token.
pub(crate) fn token(authorization: &str) -> Result<&str, &'static str> {
    let (scheme, rest) = authorization.split_once(' ').ok_or("no_token")?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err("other_scheme");
    }
    let token = rest.trim_start_matches(' ');
    if token.is_empty() {
        return Err("no_token");
    }
    if token.contains(',') {
        return Err("several_tokens");
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_bearer_token_is_taken() {
        for (header, expected) in [
            ("Bearer abc", Ok("abc")),
            ("bearer abc", Ok("abc")),
            ("BEARER    abc", Ok("abc")),
            ("abc", Err("no_token")),
            ("", Err("no_token")),
            ("Bearer ", Err("no_token")),
            ("Bearer", Err("no_token")),
            ("Basic abc", Err("other_scheme")),
            (" Bearer abc", Err("other_scheme")),
            ("Bearer\tabc", Err("no_token")),
            ("Bearer abc,Bearer def", Err("several_tokens")),
            ("Bearer abc, def", Err("several_tokens")),
            ("Bearer abc def", Ok("abc def")),
        ] {
            assert_eq!(token(header), expected, "{header:?}");
        }
    }
}
