//! A terminal in which a test runs a command, and types.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use tokio::process::{Child, Command};

/// How long a test waits for a text.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal with a running command.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
}

impl Terminal {
    /// Runs the command in a new terminal.
    pub(crate) fn run(mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = || Stdio::from(open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
        let child = command
            .stdin(theirs())
            .stdout(theirs())
            .stderr(theirs())
            .spawn()
            .unwrap();
        drop(command);
        let keyboard = File::from(ours);
        let (mut output, screen) = (keyboard.try_clone().unwrap(), Arc::new(Mutex::default()));
        let shown: Arc<Mutex<String>> = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..length]);
                shown.lock().unwrap().push_str(&text);
            }
        });
        Self {
            child,
            keyboard,
            screen,
        }
    }

    /// Waits until the command has written this, and returns everything that it has written.
    pub(crate) async fn wait_for(&self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap().clone();
            if screen.contains(text) {
                return screen;
            }
            assert!(began.elapsed() < PATIENCE, "no {text:?} in {screen:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\r").as_bytes()).unwrap();
    }

    /// Waits for the end of the command. Returns its exit code and everything that it has written.
    pub(crate) async fn finish(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().await.unwrap();
        // The thread may still read what the command wrote last.
        tokio::time::sleep(Duration::from_millis(100)).await;
        (status.code(), self.screen.lock().unwrap().clone())
    }
}
