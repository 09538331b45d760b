//! The list of passwords that are too common. It takes 1.5 MB, and only programs that set passwords link it.
//!
//! ```
//! assert!(blocklist::is_common("PassWord"));
//! assert!(!blocklist::is_common("correct horse battery staple"));
//! ```

use passwords::analyzer::is_common_password;
use zeroize::Zeroizing;

/// Returns whether `password` is one of the 100,000 most common ones, as written or in lower case.
#[must_use]
pub fn is_common(password: &str) -> bool {
    is_common_password(password) || is_common_password(Zeroizing::new(password.to_lowercase()).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_people_chose_is_common() {
        // The first three are at the top of every list. The others have at least the default minimum length.
        for password in [
            "password",
            "12345678",
            "qwertyuiop",
            "1qaz2wsx3edc4rfv",
            "123456789012345",
            "111111111111111",
            "q1w2e3r4t5y6u7i8",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn another_case_makes_it_no_rarer() {
        assert!(is_common("PassWord"));
        assert!(is_common("1QAZ2WSX3EDC4RFV"));
    }

    #[test]
    fn an_unusual_password_is_not_common() {
        for password in [
            "",
            "correct horse battery staple",
            "bbku-6gpj-i4er-xcky-ajg6",
            "p\u{e4}ssword hunter two",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
