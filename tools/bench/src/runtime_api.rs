//! A stub of the Lambda Runtime API for one process at a time.

use std::{
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use rustix::event::{PollFd, PollFlags, poll};

use crate::http::{Message, answer};

/// The maximum time that a process may take to report something.
const PATIENCE: Duration = Duration::from_secs(30);
const INVOCATIONS: &str = "/2018-06-01/runtime/invocation/";
const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";

/// What a process reports.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The process is ready for an invocation.
    Next,
    /// The process has answered an invocation with this body.
    Answered(String),
    /// The process has failed to start or to answer, with this error.
    Failed(String),
}

impl Report {
    /// Returns what a request of the process reports, or `None` if the request is unknown.
    fn of(request: &Message) -> Option<Self> {
        match request.target() {
            ("POST", INIT_ERROR) => Some(Self::Failed(request.text())),
            (method, path) => match (method, path.strip_prefix(INVOCATIONS)?.split_once('/')) {
                ("GET", None) if path.ends_with("/next") => Some(Self::Next),
                ("POST", Some((_, "response"))) => Some(Self::Answered(request.text())),
                ("POST", Some((_, "error"))) => Some(Self::Failed(request.text())),
                _ => None,
            },
        }
    }
}

/// A stub of the Lambda Runtime API that one process uses.
#[derive(Debug)]
pub(crate) struct Stub {
    listener: TcpListener,
    connections: Vec<TcpStream>,
    /// The index of the connection that waits for an invocation, if one does.
    waiting: Option<usize>,
    invocations: u64,
}

impl Stub {
    /// Opens a stub on a free port.
    ///
    /// # Errors
    /// If no port can be opened.
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind("127.0.0.1:0")?,
            connections: Vec::new(),
            waiting: None,
            invocations: 0,
        })
    }

    /// Returns the stub's address, which is the value of `AWS_LAMBDA_RUNTIME_API` for the process.
    ///
    /// # Errors
    /// If the system cannot return the address.
    pub(crate) fn address(&self) -> io::Result<String> {
        Ok(self.listener.local_addr()?.to_string())
    }

    /// Waits for the next report, and returns it with the time at which it was complete.
    ///
    /// # Errors
    /// If the process ends, is silent for too long, breaks off a request, or sends an unknown one.
    pub(crate) fn wait(&mut self, lives: impl Fn() -> bool) -> anyhow::Result<(Instant, Report)> {
        let began = Instant::now();
        loop {
            let Some(ready) = self.ready()? else {
                if !lives() {
                    bail!("the process ended");
                }
                if began.elapsed() > PATIENCE {
                    bail!("the process did not answer for {} s", PATIENCE.as_secs());
                }
                continue;
            };
            let Some(request) = Message::read(&mut self.connections[ready])? else {
                self.connections.remove(ready);
                // The connections behind it have moved up.
                let waiting = self.waiting.filter(|&waiting| waiting != ready);
                self.waiting = waiting.map(|waiting| waiting - usize::from(waiting > ready));
                continue;
            };
            let now = Instant::now();
            let report = Report::of(&request).with_context(|| format!("an unknown request: {}", request.head))?;
            if report == Report::Next {
                self.waiting = Some(ready);
            } else {
                let accepted = answer(
                    "202 Accepted",
                    "content-type: application/json\r\n",
                    "{\"status\":\"OK\"}",
                );
                self.connections[ready].write_all(&accepted)?;
            }
            return Ok((now, report));
        }
    }

    /// Sends an invocation to the waiting process, and returns the time just before it was sent.
    ///
    /// # Errors
    /// If no process waits, or the connection fails.
    pub(crate) fn invoke(&mut self, event: &str) -> anyhow::Result<Instant> {
        let waiting = self.waiting.take().context("no process waits")?;
        self.invocations += 1;
        let head = format!(
            "content-type: application/json\r\n\
             lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-{:012x}\r\n\
             lambda-runtime-deadline-ms: 4102444800000\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:measured\r\n\
             lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0\r\n",
            self.invocations
        );
        let sent = answer("200 OK", &head, event);
        let now = Instant::now();
        self.connections[waiting].write_all(&sent)?;
        Ok(now)
    }

    /// Waits up to a tenth of a second, and accepts a new connection if there is one. Returns the index of an older
    /// connection that has something to read, if there is one.
    fn ready(&mut self) -> anyhow::Result<Option<usize>> {
        let tick = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 100_000_000,
        };
        let (any, connection) = {
            let mut polled = vec![PollFd::new(&self.listener, PollFlags::IN)];
            polled.extend(self.connections.iter().map(|stream| PollFd::new(stream, PollFlags::IN)));
            poll(&mut polled, Some(&tick))?;
            let mut ready = polled.iter().map(|each| !each.revents().is_empty());
            (ready.next().unwrap_or_default(), ready.position(|ready| ready))
        };
        if any {
            let (stream, _) = self.listener.accept()?;
            stream.set_nodelay(true)?;
            self.connections.push(stream);
        }
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn request(line: &str, body: &str) -> Vec<u8> {
        format!("{line} HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    #[test]
    fn a_process_gets_its_invocation_and_reports_its_answer() {
        let mut stub = Stub::open().unwrap();
        let address = stub.address().unwrap();
        let process = thread::spawn(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream
                .write_all(&request("GET /2018-06-01/runtime/invocation/next", ""))
                .unwrap();
            let event = Message::read(&mut stream).unwrap().unwrap();
            let id = event.header("lambda-runtime-aws-request-id").unwrap();
            let path = format!("POST {INVOCATIONS}{id}/response");
            stream.write_all(&request(&path, "\"done\"")).unwrap();
            let accepted = Message::read(&mut stream).unwrap().unwrap();
            (event.text(), accepted.target().1.to_owned())
        });

        let (_, first) = stub.wait(|| true).unwrap();
        stub.invoke("{\"a\":1}").unwrap();
        let (_, second) = stub.wait(|| true).unwrap();

        assert_eq!((first, second), (Report::Next, Report::Answered("\"done\"".to_owned())));
        assert_eq!(process.join().unwrap(), ("{\"a\":1}".to_owned(), "202".to_owned()));
    }

    #[test]
    fn errors_of_a_start_and_of_an_invocation_are_failures() {
        for path in [INIT_ERROR, "/2018-06-01/runtime/invocation/id/error"] {
            let sent = request(&format!("POST {path}"), "why");
            let message = Message::read(&mut sent.as_slice()).unwrap().unwrap();

            assert_eq!(Report::of(&message), Some(Report::Failed("why".to_owned())));
        }
    }

    #[test]
    fn another_path_is_no_report() {
        let sent = request("GET /2018-06-01/runtime/invocation/id/next", "");
        let message = Message::read(&mut sent.as_slice()).unwrap().unwrap();

        assert_eq!(Report::of(&message), None);
    }

    #[test]
    fn without_a_waiting_process_nothing_is_invoked() {
        assert!(Stub::open().unwrap().invoke("{}").is_err());
    }

    #[test]
    fn a_process_that_ended_is_noticed() {
        let error = Stub::open().unwrap().wait(|| false).unwrap_err();

        assert_eq!(error.to_string(), "the process ended");
    }
}
