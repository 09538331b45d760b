//! Values of any kind, which an operator typed or a person caused.

use letters::{LANGUAGES, render};

use crate::{rendered_from, samples};

#[test]
fn a_subject_is_one_line_with_any_name_of_the_service() {
    for service in [
        "Example\r\nBcc: ada@example.com",
        "Example\n\n<p>",
        "a\u{0}b\u{7}\u{1b}[2J\u{7f}\u{9b}",
        "a\u{85}b\u{2028}c\u{2029}d",
        "",
        "\t",
        "{{link}}{{if code}}",
    ] {
        let letters = samples::with(samples::LINK, "1", "2", "3", "4", service);
        for (name, _, rendered) in rendered_from(&letters) {
            let is_clean = |character: char| !character.is_control() && !"\u{2028}\u{2029}".contains(character);
            assert!(rendered.subject.chars().all(is_clean), "{name}: {:?}", rendered.subject);
            assert!(!rendered.subject.contains("  "), "{name}: {:?}", rendered.subject);
            let is_text = |character: char| character == '\n' || is_clean(character);
            assert!(rendered.text.chars().all(is_text), "{name}: {:?}", rendered.text);
        }
    }
}

#[test]
fn a_value_that_looks_like_a_variable_is_text() {
    let letters = samples::with(samples::LINK, "1", "2", "3", "4", "{{link}} {{if code}}");

    for (name, _, rendered) in rendered_from(&letters) {
        assert!(rendered.subject.contains("{{link}} {{if code}}"), "{name}");
    }
}

#[test]
fn text_with_a_long_name_of_the_service_is_filled_again() {
    let service = "The Society of the Friends of Rather Long Names of Small Services by the Sea";
    let letters = samples::with(samples::LINK, "1", "2", "3", "4", service);

    for (name, _, rendered) in rendered_from(&letters) {
        let lines: Vec<&str> = rendered.text.lines().collect();
        for line in &lines {
            assert!(
                line.starts_with("https://") || line.chars().count() <= 78,
                "{name}: {line}"
            );
        }
        // A line ends where its next word no longer fits.
        for pair in lines
            .windows(2)
            .filter(|pair| !pair[0].is_empty() && !pair[1].is_empty())
        {
            let next = pair[1].split(' ').next().unwrap();
            assert!(
                pair[0].chars().count() + 1 + next.chars().count() > 76,
                "{name}: {pair:?}"
            );
        }
    }
}

#[test]
fn the_same_letter_has_the_same_bytes() {
    for (name, letter) in samples::letters() {
        for language in LANGUAGES {
            assert_eq!(
                render(language, &letter),
                render(language, &letter),
                "{language}/{name}"
            );
        }
    }
}
