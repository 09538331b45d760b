//! The body of an event: decoded once, and only when it is not too long.

use base64::{DecodeError, Engine as _, engine::general_purpose::STANDARD};
use lambda_http::Body;

/// The longest body in bytes.
pub(crate) const MAX_BODY: usize = 8 * 1024;
/// The longest text in base64 that such a body can have.
const MAX_BASE64: usize = MAX_BODY.div_ceil(3) * 4;

/// Why a body was dropped when its event was read. It stands in the request's extensions, since what the path allows
/// is checked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DroppedBody {
    /// It has more than [`MAX_BODY`] bytes.
    TooLong,
    /// It was said to be base64, and is not.
    NotBase64,
}

/// The bytes of a body as it stands in an event.
pub(crate) fn read(text: Option<String>, is_base64: bool) -> Result<Body, DroppedBody> {
    let Some(text) = text else {
        return Ok(Body::Empty);
    };
    let longest = if is_base64 { MAX_BASE64 } else { MAX_BODY };
    if text.len() > longest {
        return Err(DroppedBody::TooLong);
    }
    if !is_base64 {
        return Ok(Body::Text(text));
    }
    let bytes = STANDARD.decode(text).map_err(|_: DecodeError| DroppedBody::NotBase64)?;
    (bytes.len() <= MAX_BODY)
        .then_some(Body::Binary(bytes))
        .ok_or(DroppedBody::TooLong)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_body_is_text_or_bytes_or_nothing() {
        assert_eq!(read(None, true), Ok(Body::Empty));
        assert_eq!(read(Some("{}".into()), false), Ok(Body::Text("{}".into())));
        assert_eq!(read(Some("e30=".into()), true), Ok(Body::Binary(b"{}".into())));
    }

    #[rstest]
    #[case::text(&"a".repeat(8192), false, None)]
    #[case::text_too_long(&"a".repeat(8193), false, Some(DroppedBody::TooLong))]
    #[case::text_of_long_characters(&"\u{e4}".repeat(4097), false, Some(DroppedBody::TooLong))]
    #[case::base64(&STANDARD.encode([b'a'; 8192]), true, None)]
    #[case::base64_too_long(&STANDARD.encode([b'a'; 8193]), true, Some(DroppedBody::TooLong))]
    #[case::base64_far_too_long(&STANDARD.encode([b'a'; 9000]), true, Some(DroppedBody::TooLong))]
    #[case::too_long_to_be_looked_at(&"%".repeat(20_000), true, Some(DroppedBody::TooLong))]
    #[case::not_base64("%%%", true, Some(DroppedBody::NotBase64))]
    #[case::without_padding("e30", true, Some(DroppedBody::NotBase64))]
    #[case::of_the_url_alphabet("_-8=", true, Some(DroppedBody::NotBase64))]
    fn a_body_is_dropped_when_it_is_too_long_or_not_base64(
        #[case] text: &str,
        #[case] is_base64: bool,
        #[case] dropped: Option<DroppedBody>,
    ) {
        assert_eq!(read(Some(text.to_owned()), is_base64).err(), dropped);
    }
}
