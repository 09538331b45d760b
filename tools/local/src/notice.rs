//! Output to the contributor's terminal.

/// Prints a line.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub fn line(text: &str) {
    println!("{text}");
}

/// Prints several lines, after an empty line.
pub fn text(text: &str) {
    line(&format!("\n{text}"));
}

/// Prints an error that keeps the stack from running.
#[expect(clippy::print_stderr, reason = "this goes to the contributor's terminal")]
pub fn error(text: &str) {
    eprintln!("error: {text}");
}
