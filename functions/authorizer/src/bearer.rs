//! The bearer token of a request (RFC 6750 s2). There must be exactly one.

use crate::presented::Presented;

/// Returns the token of a request, or the reason for a refusal if there is not exactly one.
pub(crate) fn token(presented: &Presented) -> Result<&str, &'static str> {
    if !presented.understood {
        return Err("unknown_event");
    }
    match (presented.authorization.as_slice(), presented.parameter.as_slice()) {
        ([], []) => Err("no_token"),
        ([value], []) => parse_header(value),
        ([], [value]) => require_single(value),
        _ => Err("several_tokens"),
    }
}

/// Returns the token in a header value (RFC 6750 s2.1). The value must be the scheme in any case, one or more spaces,
/// and then only the token.
fn parse_header(value: &str) -> Result<&str, &'static str> {
    let (scheme, rest) = value.split_once(' ').ok_or("no_token")?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err("other_scheme");
    }
    require_single(rest.trim_start_matches(' '))
}

/// Returns the value if it is exactly one token, and otherwise the reason for a refusal. API Gateway joins several
/// values with commas, which no token contains.
fn require_single(token: &str) -> Result<&str, &'static str> {
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
            assert_eq!(parse_header(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_token_in_two_places_is_two_tokens() {
        let shown = |authorization: &[&str], parameter: &[&str]| Presented {
            understood: true,
            authorization: authorization.iter().map(|&text| text.to_owned()).collect(),
            parameter: parameter.iter().map(|&text| text.to_owned()).collect(),
        };
        for (presented, expected) in [
            (shown(&[], &[]), Err("no_token")),
            (shown(&["Bearer abc"], &[]), Ok("abc")),
            (shown(&[], &["abc"]), Ok("abc")),
            (shown(&[], &["abc,def"]), Err("several_tokens")),
            (shown(&[], &[""]), Err("no_token")),
            (shown(&["Bearer abc"], &["abc"]), Err("several_tokens")),
            (shown(&["Bearer abc", "Bearer abc"], &[]), Err("several_tokens")),
            (shown(&["Basic abc", "Bearer abc"], &[]), Err("several_tokens")),
            (shown(&[], &["abc", "abc"]), Err("several_tokens")),
            (Presented::default(), Err("unknown_event")),
        ] {
            assert_eq!(token(&presented), expected, "{presented:?}");
        }
    }
}
