//! The cursor of a list of sessions: an opaque string that marks where the next page starts.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::SessionId;

use crate::Failure;

/// The start of a decoded cursor. The session's id follows.
const BEFORE: &str = "before:";

/// Returns the cursor of the page that has the sessions older than the session `sid`.
pub(crate) fn encode(sid: &SessionId) -> String {
    URL_SAFE_NO_PAD.encode(format!("{BEFORE}{sid}"))
}

/// Returns the session id in a cursor. The next page has the sessions that are older than this session.
///
/// # Errors
/// If the string does not have the form of a cursor.
pub(crate) fn decode(cursor: &str) -> Result<SessionId, Failure> {
    let text = URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let sid = text.as_deref().and_then(|text| text.strip_prefix(BEFORE));
    sid.and_then(|sid| SessionId::parse(sid).ok())
        .ok_or_else(|| Failure::invalid_request("`cursor` must be the `next_cursor` of an earlier page"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_needs_no_encoding_in_a_query() {
        let sid = SessionId::parse("018bcfe5-6800-7000-8000-000000000003").unwrap();

        let cursor = encode(&sid);

        assert!(
            cursor
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
        assert_eq!(decode(&cursor).unwrap(), sid);
    }

    #[rstest]
    #[case::empty("")]
    #[case::not_base64("a b")]
    #[case::something_else("MDE4YmNmZTU")]
    #[case::no_session("YmVmb3JlOg")]
    #[case::not_utf8("_____w")]
    #[case::padded("YmVmb3JlOmE=")]
    #[case::a_session_id("018bcfe5-6800-7000-8000-000000000003")]
    #[case::a_space_in_it("YmVmb3JlOmEgYg")]
    fn anything_else_is_refused(#[case] cursor: &str) {
        assert_eq!(decode(cursor).unwrap_err().code, ErrorCode::InvalidRequest);
    }
}
