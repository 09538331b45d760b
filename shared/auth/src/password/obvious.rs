//! Obvious passwords: those that an attacker would try first, even if they are long (NIST SP 800-63B-4 s3.1.1.2).

use zeroize::Zeroizing;

use crate::{password::InvalidPassword, user::Email};

/// The minimum length of an obvious word, in characters.
const MIN: usize = 3;
/// A password with at least this many letters and digits outside of obvious words does not count as made of them.
const ENOUGH: usize = 6;
/// A password with more letters and digits than this does not count as made of obvious words. Nobody would try it
/// first.
const MAX: usize = 128;
/// The name of this service in every installation.
const NAME: &str = "gatehouse";
/// Rows of characters that are neighbours on keyboards or in the alphabet. Both directions count.
const ROWS: [&str; 35] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "abcdefghijklmnopqrstuvwxyz",
    "\u{439}\u{446}\u{443}\u{43a}\u{435}\u{43d}\u{433}\u{448}\u{449}\u{437}\u{445}\u{44a}",
    "\u{444}\u{44b}\u{432}\u{430}\u{43f}\u{440}\u{43e}\u{43b}\u{434}\u{436}\u{44d}",
    "\u{44f}\u{447}\u{441}\u{43c}\u{438}\u{442}\u{44c}\u{431}\u{44e}",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
    "qawsedrftgyhujikolp",
    "zaqxswcdevfrbgtnhymju",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik",
    "9ol",
    "qaz",
    "wsx",
    "edc",
    "rfv",
    "tgb",
    "yhn",
    "ujm",
    "147258369",
];

/// Returns why a password is obvious: it consists mostly of its user's address, of the service's names or of rows of
/// the keyboard, or it is one repeated word. Returns `None` if it is not obvious.
pub(crate) fn obvious_reason(password: &str, email: Option<&Email>, names: &[String]) -> Option<InvalidPassword> {
    let own: Vec<&str> = email.map_or(vec![], |email| vec![email.typed(), email.normalised()]);
    let service: Vec<&str> = std::iter::once(NAME).chain(names.iter().map(String::as_str)).collect();
    if is_repeated(password) {
        return Some(InvalidPassword::Repeated);
    }
    // The password is tried as it is written, then with letters in place of the digits and signs that look like them.
    SPELLINGS.into_iter().find_map(|spelling| {
        let text = Zeroizing::new(spelling(password));
        let (own, service) = (words(&own, spelling), words(&service, spelling));
        let rows = rows(spelling);
        if is_made_of(&text, &[&own]) {
            Some(InvalidPassword::OwnAddress)
        } else if is_made_of(&text, &[&service]) {
            Some(InvalidPassword::ServiceName)
        } else if is_made_of(&text, &[&rows]) {
            Some(InvalidPassword::Keyboard)
        } else if is_made_of(&text, &[&own, &rows]) || is_made_of(&text, &[&own, &service, &rows]) {
            Some(InvalidPassword::OwnAddress)
        } else {
            None
        }
    })
}

/// A function that returns the letters and digits of a string in lower case, in one of two spellings.
type Spelling = fn(&str) -> Vec<char>;

const SPELLINGS: [Spelling; 2] = [spell_as_written, spell_as_meant];

fn spell_as_written(text: &str) -> Vec<char> {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.filter(|character| character.is_alphanumeric()).collect()
}

fn spell_as_meant(text: &str) -> Vec<char> {
    let meant = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|character| match character {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            '8' => 'b',
            other => other,
        });
    meant.filter(|character| character.is_alphanumeric()).collect()
}

/// Returns the obvious words in these names: each name as a whole, the two sides of an address, and the parts between
/// punctuation.
fn words(names: &[&str], spelling: Spelling) -> Vec<Vec<char>> {
    let parts = names
        .iter()
        .flat_map(|name| name.split(|character: char| !character.is_alphanumeric()));
    let sides = names.iter().flat_map(|name| name.split('@'));
    let all = names.iter().copied().chain(sides).chain(parts).map(spelling);
    all.filter(|word| word.len() >= MIN).collect()
}

/// Returns every sequence of at least [`MIN`] neighbouring characters in every row, in both directions.
fn rows(spelling: Spelling) -> Vec<Vec<char>> {
    let mut pieces = Vec::new();
    for row in ROWS {
        let row = spelling(row);
        for length in MIN..=row.len() {
            for piece in row.windows(length) {
                pieces.push(piece.to_vec());
                pieces.push(piece.iter().rev().copied().collect());
            }
        }
    }
    pieces
}

/// Returns whether a string consists mostly of these words, with fewer than [`ENOUGH`] other characters.
fn is_made_of(text: &[char], words: &[&Vec<Vec<char>>]) -> bool {
    if text.len() > MAX {
        return false;
    }
    let left = count_uncovered(text, words);
    left < ENOUGH && text.len().saturating_sub(left) > left
}

/// Returns how many characters are left over if as many as possible are covered by these words.
fn count_uncovered(text: &[char], words: &[&Vec<Vec<char>>]) -> usize {
    // The number of characters left over in each prefix of the string.
    let mut left = vec![0_usize];
    for end in 1..=text.len() {
        let before = text.get(..end).unwrap_or_default();
        let by_itself = left.last().copied().unwrap_or_default().saturating_add(1);
        let in_words = words.iter().copied().flatten().filter(|word| before.ends_with(word));
        let least = in_words
            .filter_map(|word| left.get(end.checked_sub(word.len())?).copied())
            .min();
        left.push(least.map_or(by_itself, |least| least.min(by_itself)));
    }
    left.last().copied().unwrap_or_default()
}

/// Returns whether a string is one word repeated, with or without digits at its ends.
fn is_repeated(text: &str) -> bool {
    let written = Zeroizing::new(spell_as_written(text));
    let without_digits: Zeroizing<String> = Zeroizing::new(written.iter().collect());
    let trimmed = Zeroizing::new(
        without_digits
            .trim_matches(char::is_numeric)
            .chars()
            .collect::<Vec<_>>(),
    );
    let signs = Zeroizing::new(text.chars().filter(|sign| !sign.is_whitespace()).collect::<Vec<_>>());
    is_periodic(&written) || is_periodic(&trimmed) || is_periodic(&signs)
}

fn is_periodic(text: &[char]) -> bool {
    let repeats = |period: usize| {
        text.iter()
            .zip(text.iter().skip(period))
            .all(|(one, other)| one == other)
    };
    (1..=text.len() / 2).any(repeats)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_address("ada.lovelace@analytical.example", InvalidPassword::OwnAddress)]
    #[case::in_another_case("ADA.Lovelace@analytical", InvalidPassword::OwnAddress)]
    #[case::its_parts("lovelace, ada (analytical)", InvalidPassword::OwnAddress)]
    #[case::with_a_year("ada-lovelace-1815", InvalidPassword::OwnAddress)]
    #[case::with_other_signs("@d@l0v3lac3 1815", InvalidPassword::OwnAddress)]
    #[case::with_a_row("lovelace12345678", InvalidPassword::OwnAddress)]
    #[case::the_service("gatehouse-login 1!", InvalidPassword::ServiceName)]
    #[case::the_services_host("Login.Engines.Example", InvalidPassword::ServiceName)]
    #[case::the_services_name("my Engine Room 2026", InvalidPassword::ServiceName)]
    #[case::a_word_twice("butterfly butterfly", InvalidPassword::Repeated)]
    #[case::a_word_thrice("Monkey-Monkey-Monkey1", InvalidPassword::Repeated)]
    #[case::a_letter("aaaaaaaaaaaaaaaa", InvalidPassword::Repeated)]
    #[case::signs("!?!?!?!?!?!?!?!?", InvalidPassword::Repeated)]
    #[case::letters_of_another_script(
        "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
        InvalidPassword::Repeated
    )]
    #[case::a_row("qwertyuiop123456", InvalidPassword::Keyboard)]
    #[case::rows_backwards("poiuytrewq lkjhgfdsa", InvalidPassword::Keyboard)]
    #[case::columns("1qaz 2wsx 3edc 4rfv!", InvalidPassword::Keyboard)]
    #[case::another_keyboard("azertyuiopqsdfghjklm", InvalidPassword::Keyboard)]
    #[case::the_alphabet("abcdefghijklmnop", InvalidPassword::Keyboard)]
    fn what_anybody_would_try_is_obvious(#[case] password: &str, #[case] expected: InvalidPassword) {
        assert_eq!(obvious_of(password), Some(expected));
    }

    #[rstest]
    #[case("correct horse battery staple")]
    #[case("bbku-6gpj-i4er-xcky-ajg6")]
    #[case("ada lovelace wrote the first program")]
    #[case("the gatehouse is painted green")]
    #[case("qwerty is what I never type")]
    #[case("lovelace 8472 9105 3367 0921")]
    #[case("butterfly butterfly on the wall")]
    #[case(
        "\u{6b63}\u{78ba}\u{306a}\u{99ac}\u{306e}\u{96fb}\u{6c60}\u{306e}\u{30db}\u{30c1}\u{30ad}\u{30b9}\u{306e}\u{91dd}\u{3002}"
    )]
    fn what_has_more_to_it_is_not(#[case] password: &str) {
        assert_eq!(obvious_of(password), None);
    }

    #[test]
    fn an_address_is_obvious_to_its_own_user_alone() {
        let grace = Email::parse("grace@hopper.example").unwrap();

        assert_eq!(obvious_reason("ada-lovelace-1815", Some(&grace), &[]), None);
        assert_eq!(obvious_reason("ada-lovelace-1815", None, &[]), None);
    }

    #[test]
    fn a_long_password_is_only_obvious_where_it_repeats_itself() {
        let many = ["ada", "lovelace", "analytical", "qwerty"].into_iter().cycle().take(25);
        let many: String = many.chain(["example"]).collect();

        assert_eq!(
            obvious_of(&"correct horse ".repeat(73)),
            Some(InvalidPassword::Repeated)
        );
        assert_eq!(obvious_of(&many), None);
    }

    fn obvious_of(password: &str) -> Option<InvalidPassword> {
        let ada = Email::parse("Ada.Lovelace@analytical.example").unwrap();
        let names = ["My Engine Room", "login.engines.example"].map(str::to_owned);
        obvious_reason(password, Some(&ada), &names)
    }
}
