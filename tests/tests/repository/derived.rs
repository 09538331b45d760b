//! Text that is derived from other files. A test compares a file with the derived text, or writes the text if `BLESS`
//! is set.

use crate::{path, read};

/// The command that writes everything that is derived.
const COMMAND: &str = "BLESS=1 cargo test --workspace --test repository";

/// Asserts that `derive` returns the text of a file unchanged. If `BLESS` is set, writes the result to the file
/// instead.
pub(crate) fn assert_derived(file: &str, derive: impl FnOnce(&str) -> String) {
    let found = read(file);
    let derived = derive(&found);
    if found == derived {
        return;
    }
    let lines = found.lines().chain([""]).zip(derived.lines().chain([""]));
    let (old, new) = lines.into_iter().find(|(old, new)| old != new).unwrap_or_default();
    assert!(
        is_blessed(),
        "{file} is out of date, run `{COMMAND}`:\n- {old}\n+ {new}"
    );
    std::fs::write(path(file), derived).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of these tests, and no setting of a function"
)]
fn is_blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Replaces the lines between the line `start` and the next line `end`.
pub(crate) fn with_lines(text: &str, start: &str, end: &str, lines: impl IntoIterator<Item = String>) -> String {
    let start = format!("\n{start}\n");
    let (before, rest) = text
        .split_once(&start)
        .unwrap_or_else(|| panic!("no line is {start:?}"));
    let rest = rest.split_inclusive('\n');
    let after: String = rest.skip_while(|line| line.trim_end_matches('\n') != end).collect();
    let lines: String = lines.into_iter().map(|line| line + "\n").collect();
    [before, &start, &lines, &after].concat()
}

/// A row of a table in a page. Its line is found by the name in the first cell.
#[derive(Debug)]
pub(crate) struct Row {
    /// The name, which stands in backticks.
    pub(crate) name: String,
    /// The other cells.
    pub(crate) cells: Vec<Cell>,
}

/// A cell of a row.
#[derive(Debug)]
pub(crate) enum Cell {
    /// The cell has exactly this text.
    Exactly(String),
    /// The cell has this text when its row is added. Later edits by hand are kept.
    AtFirst(String),
}

/// Replaces the rows of the first table under a heading. Existing rows keep their order and the text that people wrote.
/// A new row is inserted after the row that precedes it in `wanted`. A row that is not in `wanted` is removed.
pub(crate) fn with_rows(text: &str, heading: &str, wanted: &[Row]) -> String {
    let head = text.lines().skip_while(|line| *line != heading);
    let start = head.into_iter().find(|line| line.starts_with("|---"));
    let start = start.unwrap_or_else(|| panic!("no table is under {heading:?}"));
    let (before, section) = text.split_once(heading).unwrap_or_default();
    let (_, after) = section.split_once(start).unwrap_or_default();
    let mut rows: Vec<(String, String)> = after
        .trim_start()
        .lines()
        .take_while(|line| line.starts_with('|'))
        .map(|line| (line.split('`').nth(1).unwrap_or_default().to_owned(), line.to_owned()))
        .filter(|(name, _)| wanted.iter().any(|row| row.name == *name))
        .collect();
    let mut last = None;
    for row in wanted {
        if let Some((_, line)) = rows.iter_mut().find(|(name, _)| *name == row.name) {
            *line = row.changed(line);
        } else {
            let place = rows.iter().position(|(name, _)| Some(name) == last);
            let place = place.map_or(0, |place| place.saturating_add(1));
            rows.insert(place, (row.name.clone(), row.first()));
        }
        last = Some(&row.name);
    }
    let table = rows.into_iter().map(|(_, line)| line);
    // The page may have other tables with the same head, so the replacement starts at the heading.
    let section = with_lines(section, start, "", table);
    [before, heading, &section].concat()
}

impl Row {
    /// Returns the line of a new row.
    fn first(&self) -> String {
        let cells = self.cells.iter().map(|cell| match cell {
            Cell::Exactly(text) | Cell::AtFirst(text) => text.clone(),
        });
        line(
            &std::iter::once(format!("`{}`", self.name))
                .chain(cells)
                .collect::<Vec<_>>(),
        )
    }

    /// Returns the line `old` of the row, with the text of each [`Cell::Exactly`] in its cell.
    fn changed(&self, old: &str) -> String {
        if !self.cells.iter().any(|cell| matches!(cell, Cell::Exactly(_))) {
            return old.to_owned();
        }
        let cells = old.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        let mut cells: Vec<String> = cells.collect();
        assert_eq!(cells.len().checked_sub(1), Some(self.cells.len()), "the cells of {old}");
        for (cell, wanted) in cells.iter_mut().skip(1).zip(&self.cells) {
            if let Cell::Exactly(text) = wanted {
                text.clone_into(cell);
            }
        }
        line(&cells)
    }
}

fn line(cells: &[String]) -> String {
    let cells = cells.iter().map(|cell| {
        if cell.is_empty() {
            " ".to_owned()
        } else {
            format!(" {cell} ")
        }
    });
    format!("|{}|", cells.collect::<Vec<_>>().join("|"))
}

#[test]
fn a_table_keeps_what_people_wrote_and_gets_what_is_derived() {
    let page = "# A\n\n## B\n\n| x | y | z |\n|---|---|---|\n| `c`, or `d` | 1 | old |\n| `e` | 2 | |\n\nEnd\n";
    let row = |name: &str| Row {
        name: name.to_owned(),
        cells: vec![Cell::Exactly("3".to_owned()), Cell::AtFirst("new".to_owned())],
    };

    let changed = with_rows(page, "## B", &[row("c"), row("f")]);

    let rows = "| `c`, or `d` | 3 | old |\n| `f` | 3 | new |\n";
    assert_eq!(
        changed,
        format!("# A\n\n## B\n\n| x | y | z |\n|---|---|---|\n{rows}\nEnd\n")
    );
}
