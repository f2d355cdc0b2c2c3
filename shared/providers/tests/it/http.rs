//! Servers that misbehave below the level of any provider.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use numo_app::port::{
    ledger::{LedgerAccess, LedgerError, reader::LedgerReader},
    whatsapp::{Messaging, SendAction, SendError},
};
use numo_domain::meta_code::NO_CONNECTION;
use numo_providers::{http, whatsapp::graph::GraphClient, xero::reader::XeroReader};

use crate::{bench::harbour, whatsapp_send::message};

/// Answers one connection with some bytes after its request was read, and hangs up.
fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 16_384];
        // A request of this size arrives in one piece on the loopback.
        let _n_bytes = stream.read(&mut request).unwrap();
        // The client may stop reading when it has had enough.
        drop(stream.write_all(&answer));
    });
    address
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn read(base: &str) -> LedgerError {
    let reader = XeroReader::new(http::client("numo-test").unwrap(), base.parse().unwrap());
    let access = LedgerAccess { tenant: "t".parse().unwrap(), token: "hush".into() };
    reader.organisation(&access).await.unwrap_err()
}

async fn send(base: &str) -> SendError {
    let graph = GraphClient::new(
        http::client("numo-test").unwrap(),
        base.parse().unwrap(),
        "v25.0",
        "1",
        "https://numo.example",
    );
    let attempt = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    Messaging::send(&graph, &harbour(), &"+971501234567".parse().unwrap(), attempt, &message()).await.unwrap_err()
}

#[tokio::test]
async fn an_endless_body_is_not_read_to_its_end() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\"".to_vec();
    answer.resize(17 * 1024 * 1024, b'x');
    let error = read(&server(answer)).await;
    assert_eq!(error.to_string(), "the ledger's answer cannot be read: the answer exceeds 16777216 bytes");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".to_vec();
    assert!(matches!(read(&server(answer)).await, LedgerError::Rejected(302)));
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_unavailable_and_a_send_ambiguous() {
    assert!(matches!(read(&server(Vec::new())).await, LedgerError::Unavailable(_)));
    assert!(matches!(send(&server(Vec::new())).await, SendError::Ambiguous(_)));
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    assert!(matches!(read(&nobody()).await, LedgerError::Unavailable(_)));
    let wait = SendAction::Wait { retry_after: None };
    assert!(matches!(send(&nobody()).await, SendError::NotSent { code: NO_CONNECTION, action } if action == wait));
}

/// A success with a body, whole as far as HTTP can tell.
fn success(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn an_answer_that_is_no_whole_json_is_unavailable_for_a_read_and_ambiguous_for_a_send() {
    for body in ["<html>", "<?xml version=\"1.0\"?><Response/>", "Service overloaded", "", "{\"Id\":"] {
        assert!(matches!(read(&server(success(body))).await, LedgerError::Unavailable(_)), "{body}");
        assert!(matches!(send(&server(success(body))).await, SendError::Ambiguous(_)), "{body}");
    }
}

#[tokio::test]
async fn whole_json_of_another_shape_is_malformed() {
    for body in ["[]", "{}", "{\"Organisations\":7}"] {
        assert!(matches!(read(&server(success(body))).await, LedgerError::Malformed(_)), "{body}");
    }
}

#[tokio::test]
async fn no_error_tells_the_address_or_the_token() {
    for error in [read(&nobody()).await, read(&server(Vec::new())).await] {
        let text = format!("{error:?}");
        assert!(!text.contains("hush") && !text.contains("Organisation"), "{text}");
    }
}
