//! Output to the contributor's terminal.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

/// The maximum number of offered lines that wait to be printed.
const WAITING: usize = 1_000;

/// Prints the lines of [`offer_line`].
static PRINTER: LazyLock<Printer> = LazyLock::new(|| Printer::start(print_line));

/// Prints a line.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub fn print_line(text: &str) {
    println!("{text}");
}

/// Prints a line soon. If nobody reads the output, lines are left out: the stack must not wait for a reader.
pub fn offer_line(text: &str) {
    PRINTER.offer(text);
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

/// A thread that prints lines.
struct Printer {
    lines: SyncSender<String>,
    /// The number of lines that were left out since a line was printed.
    left_out: Arc<AtomicU64>,
}

impl Printer {
    fn start(print: impl Fn(&str) + Send + 'static) -> Self {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        let left_out = Arc::new(AtomicU64::new(0));
        let missing = Arc::clone(&left_out);
        thread::spawn(move || {
            for line in waiting {
                print(&line);
                let number = missing.swap(0, Ordering::Relaxed);
                if number > 0 {
                    print(&format!("{number} lines were left out, because nobody read the output"));
                }
            }
        });
        Self { lines, left_out }
    }

    fn offer(&self, text: &str) {
        if self.lines.try_send(text.to_owned()).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc::channel};

    use super::*;

    #[test]
    fn a_reader_who_does_not_read_holds_up_nobody_and_learns_what_is_missing() {
        let (go, wait) = channel::<()>();
        let (seen, lines) = channel();
        let wait = Mutex::new(wait);
        let printer = Printer::start(move |line| {
            wait.lock().unwrap().recv().unwrap_or_default();
            seen.send(line.to_owned()).unwrap_or_default();
        });

        for number in 0..2 * WAITING {
            printer.offer(&number.to_string());
        }
        drop(go);

        assert_eq!(lines.recv().unwrap(), "0");
        assert!(
            lines
                .recv()
                .unwrap()
                .ends_with("lines were left out, because nobody read the output")
        );
        assert_eq!(lines.recv().unwrap(), "1");
    }
}
