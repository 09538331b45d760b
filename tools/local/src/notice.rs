//! Output to the contributor's terminal.

/// Prints a line.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub fn print_line(text: &str) {
    println!("{text}");
}

/// Prints several lines, after an empty line.
pub fn print_text(text: &str) {
    print_line(&format!("\n{text}"));
}

/// Prints an error that keeps the stack from running.
#[expect(clippy::print_stderr, reason = "this goes to the contributor's terminal")]
pub fn print_error(text: &str) {
    eprintln!("error: {text}");
}
