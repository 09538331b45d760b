//! Tables in Markdown, which `docs/` quotes.

/// Prints a table with a heading.
pub(crate) fn print(heading: &str, head: &[&str], rows: &[Vec<String>]) {
    println!("\n### {heading}\n\n{}", table(head, rows));
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = format!("|{}", "---|".repeat(head.len()));
    let lines = [line(&head), rule].into_iter().chain(rows.iter().map(|row| line(row)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns a number with commas between its groups of three digits.
pub(crate) fn group(number: u64) -> String {
    let digits = number.to_string();
    let parts = digits.as_bytes().rchunks(3).rev();
    parts.map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_rule_below_its_head() {
        let rows = [vec!["one".to_owned(), "1".to_owned()]];

        assert_eq!(table(&["a", "b"], &rows), "| a | b |\n|---|---|\n| one | 1 |");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [7, 999, 1_000, 1_234_567].map(group),
            ["7", "999", "1,000", "1,234,567"]
        );
    }
}
