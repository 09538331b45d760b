//! The least that a function in Rust can do: a loop over a socket, and the bare check of a signature with `ring`. It
//! reads no claims, so it cannot serve as an authorizer. Without `JWKS` and `SECRET`, it checks nothing.

use std::{
    error::Error,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use base64::{Engine as _, engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL}};
use ring::{
    hmac,
    signature::{self, RsaPublicKeyComponents, UnparsedPublicKey},
};

const ANSWER: &str = r#"{"isAuthorized":true,"context":{}}"#;

/// A key that checks signatures.
enum Key {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    Public(UnparsedPublicKey<Vec<u8>>),
    Secret(hmac::Key),
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = read_key()?;
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let mut stream = TcpStream::connect(&api)?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    let mut answer = Vec::with_capacity(1024);
    loop {
        write!(stream, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {api}\r\n\r\n")?;
        let (head, event) = receive(&mut stream, &mut buffer)?;
        let id = member(head, "lambda-runtime-aws-request-id: ", "\r\n").ok_or("no request id")?;
        if let Some(key) = &key {
            let token = member(event, "\"authorization\":\"Bearer ", "\"").ok_or("no token")?;
            key.check(token)?;
        }
        answer.clear();
        write!(
            answer,
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: {api}\r\ncontent-length: {}\r\n\r\n{ANSWER}",
            ANSWER.len()
        )?;
        stream.write_all(&answer)?;
        receive(&mut stream, &mut buffer)?;
    }
}

/// Receives a message with a content length, and returns its head and its body.
fn receive<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Result<(&'a str, &'a str), Box<dyn Error>> {
    buffer.clear();
    let mut chunk = [0; 8192];
    let (head, length) = loop {
        let received = stream.read(&mut chunk)?;
        if received == 0 {
            return Err("the connection ended".into());
        }
        buffer.extend_from_slice(&chunk[..received]);
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end + 4])?;
            let length = member(head, "content-length: ", "\r\n").unwrap_or("0").parse::<usize>()?;
            break (end + 4, length);
        }
    };
    while buffer.len() < head + length {
        let received = stream.read(&mut chunk)?;
        if received == 0 {
            return Err("the connection ended".into());
        }
        buffer.extend_from_slice(&chunk[..received]);
    }
    let (head, body) = buffer.split_at(head);
    Ok((std::str::from_utf8(head)?, std::str::from_utf8(body)?))
}

fn read_key() -> Result<Option<Key>, Box<dyn Error>> {
    if let Ok(secret) = std::env::var("SECRET") {
        return Ok(Some(Key::Secret(hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret)?))));
    }
    let Ok(jwks) = std::env::var("JWKS") else {
        return Ok(None);
    };
    let part = |name: &str| -> Result<Vec<u8>, Box<dyn Error>> {
        let text = member(&jwks, &format!("\"{name}\":\""), "\"").ok_or("a part of the key is missing")?;
        Ok(BASE64URL.decode(text)?)
    };
    Ok(Some(match member(&jwks, "\"kty\":\"", "\"") {
        Some("RSA") => Key::Rsa(RsaPublicKeyComponents { n: part("n")?, e: part("e")? }),
        Some("EC") => {
            let point = [vec![4], part("x")?, part("y")?].concat();
            Key::Public(UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point))
        }
        Some("OKP") => Key::Public(UnparsedPublicKey::new(&signature::ED25519, part("x")?)),
        _ => return Err("unknown type of key".into()),
    }))
}

impl Key {
    fn check(&self, token: &str) -> Result<(), Box<dyn Error>> {
        let (input, signature) = token.rsplit_once('.').ok_or("not a token")?;
        let (input, signature) = (input.as_bytes(), BASE64URL.decode(signature)?);
        match self {
            Self::Rsa(key) => key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, input, &signature),
            Self::Public(key) => key.verify(input, &signature),
            Self::Secret(key) => hmac::verify(key, input, &signature),
        }
        .map_err(|_| "the signature is wrong".into())
    }
}

/// Returns the text between the first `start` and the next `end`, or `None` if one of them is missing.
fn member<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let from = text.find(start)? + start.len();
    let rest = &text[from..];
    Some(&rest[..rest.find(end)?])
}
