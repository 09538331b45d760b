//! The normal form of a path: all spellings that a router may read as the same path have the same normal form, or none.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The maximum number of rounds of decoding. The last round must change nothing. No honest client encodes a path this
/// many times.
const ROUNDS: usize = 5;

/// The normal form of a request path, if it has one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NormalForm {
    /// The normal form. A router may use this form of the path, the path as it is written, or a form between the two.
    Path(String),
    /// No normal form: the path has characters that routers treat differently, such as an encoded `?`.
    Uncertain,
    /// No normal form: a router may take the path for any other path, because it has dot segments, empty segments or
    /// control characters, or because it cannot be decoded.
    Elsewhere,
}

impl NormalForm {
    /// Returns the normal form of a path. The path is decoded until decoding no longer changes it. Case, combining
    /// marks and the differences between compatible characters (NFKD) are removed. Each segment loses its parameters
    /// (`;x=1`), the spaces around it and the dots at its end.
    pub(crate) fn from_path(path: &str) -> Self {
        let Some(decoded) = decode_fully(path) else {
            return Self::Elsewhere;
        };
        let Some(relative) = decoded.strip_prefix(['/', '\\']) else {
            return Self::Elsewhere;
        };
        let segments: Vec<&str> = relative.split(['/', '\\']).collect();
        let names: Vec<&str> = segments.iter().map(|segment| name(segment)).collect();
        let ends = names.len().saturating_sub(1);
        let is_slash_at_the_end =
            |place: usize| place == ends && segments.get(place).is_some_and(|last| last.is_empty());
        let is_lost = |(place, name): (usize, &&str)| name.is_empty() && !is_slash_at_the_end(place);
        if names.iter().enumerate().any(is_lost) || decoded.contains(char::is_control) {
            Self::Elsewhere
        } else if decoded.contains(['%', '?', '#', '\\']) {
            Self::Uncertain
        } else {
            Self::Path(format!("/{}", names.join("/")))
        }
    }
}

/// Returns a segment without the parts that some routers ignore. For a dot segment, the result is empty.
fn name(segment: &str) -> &str {
    let (name, _) = segment.split_once(';').unwrap_or((segment, ""));
    name.trim_start()
        .trim_end_matches(|end: char| end == '.' || end.is_whitespace())
}

/// Returns the path fully decoded and without differences in case, or `None` if it is not UTF-8 or needs more than
/// [`ROUNDS`] rounds of decoding.
fn decode_fully(path: &str) -> Option<String> {
    let mut text = path.to_owned();
    for _ in 0..ROUNDS {
        let next = fold_case(&percent_decode(&text)?);
        if next == text {
            return Some(text);
        }
        text = next;
    }
    None
}

/// Decodes percent-encoding once (RFC 3986 s2.1). Returns `None` for invalid UTF-8, and for `%u`, which some servers
/// decode too.
fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    if bytes.len() == text.len() {
        return Some(Cow::Borrowed(text));
    }
    for part in parts {
        let escape = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(part.get(2..)?.as_bytes());
            }
            None if part.starts_with(['u', 'U']) => return None,
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Removes case, combining marks and the differences between compatible characters. Letters become upper case first,
/// because some letters, such as the dotless i and the long s, are equal to others only in upper case.
fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let compatible = text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !is_invisible(*letter));
    compatible
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkd()
        .collect()
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::root("/", "/")]
    #[case::as_it_stands("/admin/users", "/admin/users")]
    #[case::slash_at_the_end("/admin/", "/admin/")]
    #[case::upper_case("/Admin/USERS", "/admin/users")]
    #[case::encoded("/%61dmin/users", "/admin/users")]
    #[case::encoded_twice("/%2561dmin/users", "/admin/users")]
    #[case::encoded_four_times("/%25252561dmin/users", "/admin/users")]
    #[case::encoded_slash("/admin%2Fusers", "/admin/users")]
    #[case::encoded_slash_twice("/admin%252fusers", "/admin/users")]
    #[case::path_parameter("/admin;x=1/users;y", "/admin/users")]
    #[case::encoded_path_parameter("/admin%3Bx=1/users", "/admin/users")]
    #[case::dot_at_the_end("/admin./users...", "/admin/users")]
    #[case::space("/admin%20/%20users%20.", "/admin/users")]
    #[case::no_break_space("/admin%C2%A0/users", "/admin/users")]
    #[case::full_width("/%EF%BD%81dmin/users", "/admin/users")]
    #[case::full_width_upper_case("/\u{ff21}dmin/users", "/admin/users")]
    #[case::full_width_slash("/admin\u{ff0f}users", "/admin/users")]
    #[case::full_width_percent("/\u{ff05}61dmin/users", "/admin/users")]
    #[case::kelvin("/to\u{212a}en", "/token")]
    #[case::dotless_i("/adm\u{131}n", "/admin")]
    #[case::dotted_i("/adm\u{130}n", "/admin")]
    #[case::long_s("/u\u{17f}ers", "/users")]
    #[case::ligature("/\u{fb01}les", "/files")]
    #[case::sharp_s("/stra\u{df}e", "/strasse")]
    #[case::mark("/\u{e1}dmin", "/admin")]
    #[case::invisible("/ad\u{200b}min", "/admin")]
    #[case::another_script("/\u{7ba1}\u{7406}/x", "/\u{7ba1}\u{7406}/x")]
    #[case::dot_within("/.well-known/a.b..c", "/.well-known/a.b..c")]
    #[case::template("/reports/{Id}/{proxy+}", "/reports/{id}/{proxy+}")]
    fn all_spellings_of_a_path_have_one_form(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(NormalForm::from_path(path), NormalForm::Path(expected.to_owned()));
    }

    #[rstest]
    #[case::percent("/a/100%25")]
    #[case::percent_that_is_not_encoded("/a%")]
    #[case::query("/admin%3Fx")]
    #[case::fragment("/admin%23x")]
    #[case::backslash("/admin\\users")]
    #[case::encoded_backslash("/admin%5Cusers")]
    fn paths_with_some_characters_are_uncertain(#[case] path: &str) {
        assert_eq!(NormalForm::from_path(path), NormalForm::Uncertain);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::no_slash("admin")]
    #[case::empty_segment("//admin")]
    #[case::encoded_empty_segment("/a/%2Fadmin")]
    #[case::empty_segment_at_the_end("/admin//")]
    #[case::dot("/./admin")]
    #[case::dot_dot("/x/../admin")]
    #[case::encoded_dot_dot("/x/%2e%2E/admin")]
    #[case::dot_dot_encoded_twice("/x/%252e%252e/admin")]
    #[case::dot_dot_at_the_end("/x/..")]
    #[case::dot_dot_with_a_parameter("/x/..;a/admin")]
    #[case::dot_dot_with_a_space("/x/..%20/admin")]
    #[case::dot_dot_behind_an_encoded_slash("/x%2f..%2fadmin")]
    #[case::dot_dot_behind_a_backslash("/x\\..\\admin")]
    #[case::full_width_dots("/x/\u{ff0e}\u{ff0e}/admin")]
    #[case::leader("/x/\u{2025}/admin")]
    #[case::parameter_alone("/;x/admin")]
    #[case::space_alone("/%20/admin")]
    #[case::null("/admin%00")]
    #[case::tab("/ad%09min")]
    #[case::not_utf_8("/x/%c0%ae%c0%ae/admin")]
    #[case::percent_u("/%u0061dmin")]
    #[case::encoded_very_often("/%25252525252561dmin")]
    fn some_paths_may_lead_anywhere(#[case] path: &str) {
        assert_eq!(NormalForm::from_path(path), NormalForm::Elsewhere);
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(path in "(/[a-zA-Z0-9 .;%\u{e4}\u{df}\u{ff21}\u{212a}]{0,4}){1,4}") {
            if let NormalForm::Path(normal) = NormalForm::from_path(&path) {
                prop_assert_eq!(NormalForm::from_path(&normal), NormalForm::Path(normal));
            }
        }
    }
}
