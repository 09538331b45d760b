//! The syntax of paths, roles and API ids.

use std::collections::BTreeSet;

/// Returns whether this is a path as API Gateway writes it. A percent-encoded path is refused, because it is unknown
/// whether gateways decode the path of a request before they compare it.
pub(super) fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let mut names = BTreeSet::new();
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        let parameter = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let sound = match parameter {
            Some(name) => {
                let greedy = name.strip_suffix('+');
                let name = greedy.unwrap_or(name);
                (last || greedy.is_none()) && is_name(name) && names.insert(name)
            }
            None => is_literal(segment) || (path == "/" && segment.is_empty()),
        };
        if !sound {
            return false;
        }
    }
    true
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns whether a segment is literal: it has a normal form, and none of its characters is a star or needs encoding
/// in a path (RFC 3986 s3.3). A segment of dots has no normal form.
fn is_literal(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=:@".contains(&byte);
    let (name, _) = segment.split_once(';').unwrap_or((segment, ""));
    !name.trim_end_matches('.').is_empty() && segment.bytes().all(plain)
}

pub(super) fn is_api(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns whether this is a valid role, or a valid permission of at most 100 characters. This repeats the check for
/// roles in `claims`. The check of `claims` is not used here, because the authorizer's build script would then have to
/// compile that crate.
pub(super) fn is_word(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=100).contains(&word.len()) && word.bytes().all(plain)
}

pub(super) fn is_scope(scope: &str) -> bool {
    scope.split(' ').all(is_word)
}

#[cfg(test)]
mod tests {
    use claims::{Role, Scope};

    use super::*;

    #[test]
    fn roles_and_permissions_are_those_that_a_token_can_have() {
        let characters = (0..=255).map(|code: u8| char::from(code).to_string());
        let lengths = [0, 1, 99, 100, 101].map(|length| "x".repeat(length));
        for text in characters.chain(lengths) {
            assert_eq!(is_word(&text), Role::parse(text.as_str()).is_ok(), "{text:?}");
        }
        let longest = "x".repeat(100);
        for text in ["a", "a b", "a  b", " a", "a ", "a\"b", "a\tb", &longest] {
            assert_eq!(is_scope(text), Scope::parse(text).is_ok(), "{text:?}");
        }
    }
}
