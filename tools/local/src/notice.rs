//! What the contributor sees in the terminal.

/// Shows a line.
#[expect(clippy::print_stdout, reason = "what the command is run for")]
pub fn line(text: &str) {
    println!("{text}");
}

/// Shows a text of several lines, set apart.
pub fn text(text: &str) {
    line(&format!("\n{text}"));
}

/// Shows what keeps the stack from running.
#[expect(clippy::print_stderr, reason = "the contributor is at the other end")]
pub fn error(text: &str) {
    eprintln!("error: {text}");
}
