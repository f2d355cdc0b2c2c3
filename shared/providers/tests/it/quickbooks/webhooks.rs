//! Webhooks as Intuit posts them.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
};

use numo_domain::id::LedgerTenantId;
use numo_providers::quickbooks::{signature::verify_signature, webhook::news};
use serde_json::{Value, json};

use crate::{bench::Bench, quickbooks::books::consent};

const TOKEN: &str = "verifier-token";

/// The signature and the body of a delivery.
type Delivery = (String, Vec<u8>);

/// An address that accepts every delivery and hands it on.
fn receiver() -> (String, Receiver<Delivery>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhooks/quickbooks", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let delivery = loop {
                let mut piece = [0; 4_096];
                let n_bytes = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..n_bytes]);
                if let Some(delivery) = whole(&request) {
                    break delivery;
                }
            };
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if sender.send(delivery).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

fn whole(request: &[u8]) -> Option<Delivery> {
    let at = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..at]).into_owned();
    let field = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("", |(_, value)| value.trim()).to_owned()
    };
    let body = request[at + 4..].to_vec();
    let length: usize = field("content-length").parse().unwrap();
    (body.len() == length).then(|| (field("intuit-signature"), body))
}

async fn delivered(format: &str, asked: Value) -> (Bench, Vec<Delivery>) {
    let bench = Bench::start().await;
    let (url, receiver) = receiver();
    bench.control("intuit/webhook", json!({ "url": url, "verifier_token": TOKEN, "format": format })).await;
    bench.control("intuit/event", asked).await;
    bench.control("intuit/settle", json!({})).await;
    (bench, receiver.try_iter().collect())
}

fn event(realm: &str, entity: &str, operation: &str) -> Value {
    json!({ "realm": realm, "entity": entity, "operation": operation, "id": "7" })
}

#[tokio::test]
async fn both_formats_name_the_companies_under_a_signature_that_fits() {
    for format in ["cloudevents", "legacy"] {
        let events = json!([
            event("demo", "Invoice", "Void"),
            event("other", "Payment", "Delete"),
            event("sandbox", "Vendor", "Update"),
            event("demo", "CreditMemo", "Create"),
        ]);
        let (bench, deliveries) = delivered(format, json!({ "events": events })).await;
        let [(signature, body)] = deliveries.as_slice() else { panic!("{format}: {}", deliveries.len()) };
        assert!(verify_signature(signature, body, &["old".into(), TOKEN.into()]), "{format}");
        assert!(!verify_signature(signature, &[body.as_slice(), b" "].concat(), &[TOKEN.into()]), "{format}");
        let news = news(body);
        let mut expected: BTreeSet<LedgerTenantId> = BTreeSet::new();
        for company in ["demo", "other"] {
            expected.extend(consent(&bench, company).await.realm);
        }
        assert_eq!((news.tenants, news.n_ignored), (expected, 1), "{format}");
    }
}

#[tokio::test]
async fn a_spoiled_signature_does_not_fit() {
    let asked = json!({ "events": [event("demo", "Invoice", "Update")], "spoil_signature": true });
    let (_bench, deliveries) = delivered("cloudevents", asked).await;
    let (signature, body) = &deliveries[0];
    assert!(!verify_signature(signature, body, &[TOKEN.into()]));
}
