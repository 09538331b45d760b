//! The form of the HTML: accessible, and without anything that a reader of mail would have to load or run.

use std::collections::BTreeMap;

use crate::{
    rendered, rendered_from,
    samples::{self, FORGOT, LINK, LOGIN},
};

/// The elements that have no end tag.
const VOID: [&str; 2] = ["meta", "br"];
/// The elements that a letter may have, with their attributes.
const ELEMENTS: [(&str, &[&str]); 13] = [
    ("a", &["href", "class"]),
    ("body", &[]),
    ("br", &[]),
    ("div", &["class", "role", "lang", "aria-label"]),
    ("h1", &[]),
    ("head", &[]),
    ("html", &["lang"]),
    ("meta", &["charset", "name", "content"]),
    ("p", &["class"]),
    ("span", &["class"]),
    ("strong", &[]),
    ("style", &[]),
    ("title", &[]),
];

#[test]
fn letters_have_only_elements_and_attributes_that_load_and_run_nothing() {
    let elements = BTreeMap::from(ELEMENTS);
    for (name, _, rendered) in rendered() {
        assert!(rendered.html.starts_with("<!doctype html>\n<html lang=\""), "{name}");
        let mut open = Vec::new();
        for tag in tags(&rendered.html) {
            if let Some(end) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(end), "{name}");
                continue;
            }
            let (element, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let allowed = elements.get(element).unwrap_or_else(|| panic!("{name}: {tag}"));
            for attribute in attribute_names(attributes) {
                assert!(allowed.contains(&attribute), "{name}: {tag}");
            }
            if !VOID.contains(&element) {
                open.push(element);
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
        for loaded in ["url(", "@import", "src", "http-equiv", "@font-face"] {
            assert!(!rendered.html.contains(loaded), "{name}: {loaded}");
        }
    }
}

#[test]
fn every_link_has_a_text_of_its_own_and_shows_its_address_besides() {
    for (name, _, rendered) in rendered() {
        let links: Vec<(&str, &str)> = rendered
            .html
            .split("<a ")
            .skip(1)
            .map(|link| {
                let (attributes, rest) = link.split_once('>').unwrap();
                let target = attributes.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
                (target, rest.split_once("</a>").unwrap().0)
            })
            .collect();

        for (target, text) in &links {
            assert!([LINK, LOGIN, FORGOT].contains(target), "{name}: {target}");
            // Frauds show an address that differs from the target.
            assert!(
                !text.contains("://") && !text.contains('.') && !text.contains('<'),
                "{name}: {text}"
            );
            assert!(text.split(' ').count() <= 5 && text.len() > 4, "{name}: {text}");
            let shown = format!("<span class=\"url\">{target}</span>");
            assert_eq!(rendered.html.matches(&shown).count(), 1, "{name}");
        }
        let has_none = ["address-taken", "test", "notice-address-changed"]
            .iter()
            .any(|kind| name.ends_with(kind));
        assert_eq!(links.is_empty(), has_none, "{name}");
        // Nothing but these links leads anywhere.
        assert_eq!(rendered.html.matches("://").count(), 2 * links.len(), "{name}");
    }
}

#[test]
fn a_letter_has_one_heading_and_both_colour_schemes() {
    for (name, _, rendered) in rendered() {
        let html = &rendered.html;

        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert!(
            html.contains("<meta name=\"color-scheme\" content=\"light dark\">"),
            "{name}"
        );
        assert!(html.contains(&format!("<title>{}</title>", rendered.subject)), "{name}");
        assert!(html.is_ascii() || html.contains("<meta charset=\"utf-8\">"), "{name}");
        // Gmail leaves out a style sheet of more than 16 KiB, and cuts off a mail after 102 KiB.
        assert!(html.len() < 16 * 1024, "{name}: {}", html.len());
    }
}

/// Every class in a letter has a rule, and the other way round.
#[test]
fn the_style_sheet_has_a_rule_for_each_class() {
    let mut used: Vec<String> = Vec::new();
    let mut styled: Vec<String> = Vec::new();
    for (_, _, rendered) in rendered() {
        let (head, body) = rendered.html.split_once("</head>").unwrap();
        used.extend(
            body.split("class=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned()),
        );
        let rules = head
            .lines()
            .filter_map(|line| line.strip_prefix('.')?.split(' ').next());
        styled.extend(rules.map(str::to_owned));
    }
    for classes in [&mut used, &mut styled] {
        classes.sort();
        classes.dedup();
    }

    assert_eq!(used, styled);
}

#[test]
fn hostile_values_stay_text() {
    let hostile = "\"><script>alert(1)</script><img src='x' onerror=\"y\">&amp;</title></style><!--";
    let harmless = samples::letters();
    let letters = samples::with(hostile, hostile, hostile, hostile, hostile, hostile);

    for ((name, _, rendered), (_, _, expected)) in rendered_from(&letters).into_iter().zip(rendered_from(&harmless)) {
        let names = |html: &str| -> Vec<String> {
            let tags = tags(html).into_iter();
            tags.map(|tag| tag.split(' ').next().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&rendered.html), names(&expected.html), "{name}");
        assert!(!rendered.html.contains("<!--"), "{name}");
        let escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&#39;x&#39; onerror=&quot;y&quot;\
                       &gt;&amp;amp;&lt;/title&gt;&lt;/style&gt;&lt;!--";
        assert!(rendered.html.contains(escaped), "{name}");
        // Plain text is not escaped.
        assert!(rendered.subject.contains(hostile), "{name}");
    }
}

/// Returns what is between `<` and `>`, without the doctype.
fn tags(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap());
    tags.filter(|tag| !tag.starts_with('!')).collect()
}

/// Returns the names of attributes, all of which must have a value in double quotes.
fn attribute_names(attributes: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = attributes.split('"').step_by(2).collect();
    assert_eq!(parts.pop(), Some(""), "{attributes}");
    parts
        .into_iter()
        .map(|name| name.trim().strip_suffix('=').unwrap())
        .collect()
}
