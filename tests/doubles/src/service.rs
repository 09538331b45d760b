//! A service of AWS on this machine, which gives prepared answers.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A service that listens on this machine. It answers one request on each connection, and keeps the requests.
#[derive(Clone, Debug)]
pub struct Service {
    endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A request that the service got.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

/// What the service does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It answers with this status and this JSON.
    Json(u16, String),
    /// It answers with an error of this status and with this code, as AWS does.
    Error(u16, &'static str),
    /// It sends these bytes, which need not be HTTP, and closes the connection.
    Bytes(&'static [u8]),
    /// It does not answer.
    Silence,
}

impl Service {
    /// Starts the service. It gives the replies one after the other, and repeats the last one.
    pub async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            requests: Arc::default(),
        };
        tokio::spawn(service.clone().serve(listener, replies));
        service
    }

    /// Returns the URL of the service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    async fn serve(self, listener: TcpListener, replies: Vec<Reply>) {
        let last = replies.last().cloned();
        let mut replies = replies.into_iter();
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read(&mut stream).await;
            self.requests.lock().unwrap().push(request);
            match replies.next().or_else(|| last.clone()) {
                Some(Reply::Json(status, json)) => write(&mut stream, status, "", &json).await,
                Some(Reply::Error(status, code)) => {
                    let header = format!("x-amzn-errortype: {code}\r\n");
                    let json = format!(r#"{{"__type":"{code}","message":"canary-4f1e"}}"#);
                    write(&mut stream, status, &header, &json).await;
                }
                Some(Reply::Bytes(bytes)) => stream.write_all(bytes).await.unwrap(),
                Some(Reply::Silence) | None => silent.push(stream),
            }
        }
    }
}

/// Reads a request whose body has a length.
async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase();
            let length = length
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Request {
                    head: head.to_owned(),
                    body: body.to_owned(),
                };
            }
        }
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request is not complete");
        bytes.extend(buffer.iter().take(read));
    }
}

async fn write(stream: &mut TcpStream, status: u16, headers: &str, json: &str) {
    let length = json.len();
    let answer = format!(
        "HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\
         {headers}\r\n{json}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}
