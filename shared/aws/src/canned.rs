//! A server on the loopback address that answers every call as told.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use aws_types::SdkConfig;

use crate::config::{Account, Keys, sdk_config};

/// Answers calls in order and remembers them; the last answer is given again and again.
pub(crate) struct Canned {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<String>>>,
}

/// One answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// 200 with this JSON.
    pub(crate) fn ok(body: &str) -> Self {
        Self { status: 200, body: body.to_owned() }
    }

    /// An error of the JSON protocols.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self { status, body: format!(r#"{{"__type":"{code}","message":"as told"}}"#) }
    }

    /// No answer at all: the connection ends after the request was read.
    pub(crate) fn lost() -> Self {
        Self { status: 0, body: String::new() }
    }
}

impl Canned {
    /// Listens until the process ends.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(body) = request(&stream) else { continue };
                let answer = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(body);
                    answers[(seen.len() - 1).min(answers.len() - 1)].clone()
                };
                if answer.status != 0 {
                    let length = answer.body.len();
                    let head = format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {length}", answer.status);
                    write!(stream, "{head}\r\n\r\n{}", answer.body).unwrap();
                }
            }
        });
        Self { address, bodies }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Clients of this server, as in production.
    pub(crate) fn config(&self) -> SdkConfig {
        let keys = Keys { id: "id".to_owned(), secret: "secret".into(), session: None };
        let endpoint = Some(self.address());
        sdk_config(&Account { region: "eu-west-1".to_owned(), endpoint, keys }).unwrap()
    }

    /// The bodies of all calls so far.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

fn request(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
