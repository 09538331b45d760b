//! A reader of Markdown's headings and links, for the checks of the pages.

/// The text of a Markdown file, without its code blocks.
#[derive(Debug)]
pub(crate) struct Markdown {
    /// The lines outside code blocks.
    lines: Vec<String>,
}

impl Markdown {
    /// Reads a file's text.
    pub(crate) fn new(text: &str) -> Self {
        let mut is_code = false;
        let mut lines = Vec::new();
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                is_code = !is_code;
            } else if !is_code {
                lines.push(line.to_owned());
            }
        }
        Self { lines }
    }

    /// Returns the anchors of the headings, as GitHub makes them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let headings = self.lines.iter().filter(|line| line.starts_with('#'));
        let anchors: Vec<String> = headings.map(|line| anchor(line.trim_start_matches('#'))).collect();
        let numbered = |(place, anchor): (usize, &String)| {
            let earlier = anchors.iter().take(place).filter(|earlier| *earlier == anchor).count();
            match earlier {
                0 => anchor.clone(),
                number => format!("{anchor}-{number}"),
            }
        };
        anchors.iter().enumerate().map(numbered).collect()
    }

    /// Returns the targets of the links, unchanged.
    pub(crate) fn links(&self) -> Vec<String> {
        let text = self.lines.join("\n");
        // Code between two backticks contains no links.
        let prose: String = text.split('`').step_by(2).collect();
        let targets = prose.split("](").skip(1);
        targets
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target.to_owned())
            .collect()
    }
}

/// Returns the anchor of a heading: in lower case, with hyphens for spaces, without punctuation.
pub(crate) fn anchor(heading: &str) -> String {
    let heading = heading.trim().to_lowercase();
    let kept = |character: &char| character.is_alphanumeric() || [' ', '-', '_'].contains(character);
    heading.chars().filter(kept).collect::<String>().replace(' ', "-")
}

#[test]
fn links_are_found_in_prose_and_not_in_code() {
    let page = Markdown::new("a [b](c.md#d) and `[e](f)`\n```\n[g](h)\n```\n[`i`](j.md)\n[over\nlines](k.md)\n");

    assert_eq!(page.links(), ["c.md#d", "j.md", "k.md"]);
}

#[test]
fn anchors_are_those_of_github() {
    let page = Markdown::new("# One, two\n```\n# no heading\n```\n## `GET /auth/me`\n## Again\n## Again\n");

    assert_eq!(page.anchors(), ["one-two", "get-authme", "again", "again-1"]);
}
