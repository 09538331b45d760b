//! What a letter must say, and the words that it must not have.

use letters::{LANGUAGES, Letter, Notice, render};
use rstest::rstest;

use crate::{
    rendered,
    samples::{self, AT, CODE, FORGOT, LINK, LOGIN, SERVICE},
};

#[test]
fn every_letter_contains_all_of_its_values_in_both_forms() {
    for (name, letter, rendered) in rendered() {
        let values = match letter {
            Letter::Register { code, .. } | Letter::Reset { code, .. } => {
                vec![Some(LINK), code].into_iter().flatten().collect()
            }
            Letter::Registered { .. } => vec![LOGIN, LINK],
            Letter::Invite { .. } | Letter::AddressOld { .. } | Letter::AddressNew { .. } => vec![LINK],
            Letter::AddressTaken { .. } | Letter::Test { .. } => vec![],
            Letter::Notice {
                what: Notice::AddressChanged,
                ..
            } => vec![AT],
            Letter::Notice { undo: Some(_), .. } => vec![AT, LINK],
            Letter::Notice { .. } => vec![AT, FORGOT],
        };

        assert!(rendered.subject.contains(SERVICE), "{name}");
        for value in values.into_iter().chain([SERVICE]) {
            assert!(rendered.text.contains(value), "{name}: {value}");
            assert!(rendered.html.contains(value), "{name}: {value}");
        }
        assert!(!rendered.html.contains("{{") && !rendered.text.contains("{{"), "{name}");
    }
}

#[test]
fn links_and_codes_have_their_own_lines() {
    for (name, _, rendered) in rendered() {
        for value in [LINK, CODE, LOGIN, FORGOT] {
            let lines = rendered.text.lines().filter(|line| line.contains(value));
            assert!(
                lines.clone().all(|line| line == value || line.starts_with(value)),
                "{name}"
            );
            assert!(lines.count() <= 2, "{name}");
        }
    }
}

#[test]
fn a_letter_without_a_code_does_not_mention_one() {
    for (name, letter, rendered) in rendered() {
        let has_code = match letter {
            Letter::Register { code, .. } | Letter::Reset { code, .. } => code.is_some(),
            // These are about codes that the person has already.
            Letter::Notice { what, .. } => matches!(
                what,
                Notice::FactorAdded
                    | Notice::RecoveryCodeUsed
                    | Notice::RecoveryCodesReplaced
                    | Notice::SecondFactorRefused
                    | Notice::FactorsReset
            ),
            Letter::Registered { .. }
            | Letter::Invite { .. }
            | Letter::AddressOld { .. }
            | Letter::AddressNew { .. }
            | Letter::AddressTaken { .. }
            | Letter::Test { .. } => false,
        };

        for text in [
            &rendered.text,
            &rendered.html.split("<body>").nth(1).unwrap().to_owned(),
        ] {
            let mentions = text.to_lowercase().replace("class=\"code\"", "").contains("code");
            assert_eq!(mentions, has_code, "{name}");
        }
        assert!(!rendered.text.contains("\n\n\n"), "{name}");
    }
}

#[rstest]
#[case("register", &["24 hours", "10 minutes"], &["24 Stunden", "10 Minuten"])]
#[case("register without a code", &["24 hours"], &["24 Stunden"])]
#[case("registered", &["30 minutes"], &["30 Minuten"])]
#[case("reset", &["30 minutes", "10 minutes"], &["30 Minuten", "10 Minuten"])]
#[case("reset without a code", &["30 minutes"], &["30 Minuten"])]
#[case("invite", &["7 days"], &["7 Tage"])]
#[case("address-old", &["1 hour"], &["1 Stunde"])]
#[case("address-new", &["1 hour"], &["1 Stunde"])]
fn a_letter_says_how_long_its_link_is_valid(#[case] name: &str, #[case] en: &[&str], #[case] de: &[&str]) {
    let letters = samples::letters();
    let (_, letter) = letters.iter().find(|(other, _)| *other == name).unwrap();

    for (language, lives) in [("en", en), ("de", de)] {
        let rendered = render(language, letter);

        for text in [on_one_line(&rendered.text), rendered.html] {
            assert!(
                lives.iter().all(|life| text.contains(life)),
                "{language}/{name}: {text}"
            );
        }
    }
}

#[test]
fn a_letter_says_what_to_do_if_someone_else_asked() {
    for (name, _, rendered) in rendered() {
        // What someone who did not cause the letter reads, or what someone who did reads, if the letter is about them.
        let conditions: &[&str] = if name.starts_with("en/") {
            &["If it was not you,", "If you did not expect", "If you do not know why,"]
        } else {
            &[
                "Wenn Sie das nicht sind,",
                "Wenn Sie das nicht waren,",
                "nicht erwartet haben,",
                "Wenn Sie den Grund nicht kennen,",
            ]
        };

        for text in [on_one_line(&rendered.text), rendered.html] {
            assert!(
                conditions.iter().any(|condition| text.contains(condition)),
                "{name}: {text}"
            );
        }
    }
}

/// Filters of mail, and people, take such words for those of a fraud.
#[test]
fn no_letter_urges_or_shouts() {
    let urgent = [
        "urgent",
        "immediately",
        "at once",
        "click",
        "act now",
        "verify",
        "suspend",
        "alert",
        "warning",
        "dringend",
        "sofort",
        "umgehend",
        "klick",
        "unverzüglich",
        "gesperrt",
        "warnung",
        "achtung",
    ];
    for (name, _, rendered) in rendered() {
        let page = rendered.html.split("<body>").nth(1).unwrap();
        for text in [
            &rendered.subject,
            &without_values(&rendered.text),
            &without_values(page),
        ] {
            let words: Vec<&str> = text.split(|character: char| !character.is_alphanumeric()).collect();

            let lower = format!(" {}", words.join(" ").to_lowercase());
            let found = urgent.iter().find(|word| lower.contains(&format!(" {word}")));
            assert_eq!(found, None, "{name}: {text}");
            let shouted = words
                .iter()
                .find(|word| word.len() > 1 && word.chars().all(char::is_uppercase));
            assert_eq!(shouted, None, "{name}: {text}");
            assert!(!text.contains('!'), "{name}: {text}");
        }
    }
}

#[test]
fn lines_are_short_except_for_links() {
    for (name, _, rendered) in rendered() {
        for line in rendered.text.lines() {
            let is_url = line.starts_with("https://") && !line.contains(' ');
            assert!(is_url || line.chars().count() <= 78, "{name}: {line}");
        }
        assert!(
            rendered.text.ends_with('\n') && rendered.text.is_ascii() | name.starts_with("de/"),
            "{name}"
        );
    }
}

#[test]
fn both_forms_say_the_same() {
    for (name, _, rendered) in rendered() {
        let text: Vec<String> = paragraphs(&rendered.text);
        let (_, body) = rendered.html.split_once("</h1>").unwrap();
        let html = body
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        let html = on_one_line(&html.collect::<String>());

        for paragraph in text.iter().skip(1) {
            // A sentence after the salutation begins with a small letter in German.
            let rest: String = paragraph.chars().skip(1).collect();
            assert!(html.contains(&rest), "{name}: {paragraph}\n{html}");
        }
    }
}

#[test]
fn every_language_differs_from_the_others() {
    assert_eq!(LANGUAGES, ["de", "en"]);
    for (name, letter) in samples::letters() {
        let (de, en) = (render("de", &letter), render("en", &letter));

        assert_ne!(de.subject, en.subject, "{name}");
        assert!(
            de.html.contains("lang=\"de\"") && en.html.contains("lang=\"en\""),
            "{name}"
        );
        assert_eq!(render("de-AT", &letter), de, "{name}");
        assert_eq!(render("xx", &letter), en, "{name}");
        // German without umlauts would be a sign of a broken encoding.
        assert!(de.text.contains(['ä', 'ö', 'ü', 'ß']), "{name}");
    }
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(on_one_line).collect()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_values(text: &str) -> String {
    [LINK, AT, CODE, LOGIN, FORGOT]
        .iter()
        .fold(text.to_owned(), |text, value| text.replace(value, ""))
}
