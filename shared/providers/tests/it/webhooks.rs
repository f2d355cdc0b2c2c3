//! Webhooks as they are posted: signature, split, statuses and replies.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

use numo_app::{
    delivery::{Delivery, Update},
    port::whatsapp::{Messaging, WhatsappAccount},
};
use numo_domain::{id::AttemptId, reminder::DeliveryStatus};
use numo_providers::whatsapp::{
    delivery::{parse, split},
    signature::verify_signature,
};
use serde_json::json;

use crate::{
    bench::{Bench, first_text, harbour},
    whatsapp_send::message,
};

const SECRET: &str = "app-secret";

/// A signature and the raw body it belongs to.
type Posted = (String, Vec<u8>);

/// An endpoint that takes every post and hands it over.
fn endpoint() -> (String, Receiver<Posted>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhooks/meta", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            if sender.send(taken(stream.unwrap())).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

fn taken(mut stream: TcpStream) -> Posted {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut signature, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("x-hub-signature-256") => signature = value.to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            Some(_) => {}
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    (signature, body)
}

/// Everything that was posted, verified and read.
/// What was posted, without the decisions about templates and the looks at the account that follow from them.
fn read(posts: &Receiver<Posted>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for (signature, body) in posts.try_iter() {
        assert!(verify_signature(&signature, &body, &[SECRET.into()]));
        assert!(!verify_signature(&signature, &body, &["other".into()]));
        let read = |(waba, changes)| parse(waba, &serde_json::to_string(&changes).unwrap());
        deliveries.extend(split(&body).unwrap().into_iter().map(read));
    }
    for delivery in &mut deliveries {
        delivery.updates.retain(|update| !matches!(update, Update::Template(_) | Update::Account(_)));
    }
    deliveries
}

async fn started() -> (Bench, Receiver<Posted>) {
    let bench = Bench::start().await;
    let waba = "102290129340398".parse().unwrap();
    bench.graph().create_template(&waba, &harbour().token, &first_text()).await.unwrap();
    let (url, posts) = endpoint();
    bench.control("meta/webhook", json!({ "url": url, "app_secret": SECRET })).await;
    let delivery = json!({ "read_percent": 100, "delay_ms": 0, "template_updates": false });
    bench.control("meta/delivery", delivery).await;
    (bench, posts)
}

#[tokio::test]
async fn the_statuses_of_a_send_come_back_with_its_attempt() {
    let (bench, posts) = started().await;
    let attempt: AttemptId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let to = "+971501234567".parse().unwrap();
    let taken = Messaging::send(&bench.graph(), &harbour(), &to, attempt, &message()).await.unwrap();
    bench.control("meta/settle?timeout_ms=20000", json!({})).await;
    let mut statuses = Vec::new();
    for delivery in read(&posts) {
        assert_eq!(delivery.waba.as_str(), "102290129340398");
        for update in delivery.updates {
            let Update::Status(update) = update else { panic!("{update:?}") };
            assert_eq!((update.attempt, &update.message), (Some(attempt), &taken.message));
            assert_eq!(update.phone_number_id, harbour().phone_number_id);
            statuses.push(update.status);
        }
    }
    let expected = [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read];
    assert_eq!((statuses.len(), expected.iter().all(|status| statuses.contains(status))), (3, true));
}

#[tokio::test]
async fn a_recipient_who_is_not_there_fails_with_metas_code() {
    let (bench, posts) = started().await;
    bench.control("meta/numbers", json!({ "not_on_whatsapp": ["+971501234567"] })).await;
    let attempt = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let to = "+971501234567".parse().unwrap();
    Messaging::send(&bench.graph(), &harbour(), &to, attempt, &message()).await.unwrap();
    bench.control("meta/settle?timeout_ms=20000", json!({})).await;
    let failed = |update: &Update| matches!(update, Update::Status(update) if update.status == DeliveryStatus::Failed { code: 131_026 });
    assert!(read(&posts).iter().any(|delivery| delivery.updates.iter().any(failed)));
}

#[tokio::test]
async fn a_reply_says_who_what_and_in_answer_to_what() {
    let (bench, posts) = started().await;
    let reply = json!({
        "phone_number_id": "106540352242922", "from": "+971501234567", "text": "Zürich \u{1f600} a@b.example",
        "context_wamid": "wamid.1", "name": "Ahmed",
    });
    bench.control("meta/inbound", reply).await;
    bench.control("meta/settle?timeout_ms=20000", json!({})).await;
    let updates: Vec<Update> = read(&posts).into_iter().flat_map(|delivery| delivery.updates).collect();
    let [Update::Inbound(message)] = updates.as_slice() else { panic!("{updates:?}") };
    assert_eq!(message.from, "+971501234567".parse().ok());
    assert_eq!(message.text.as_deref(), Some("Zürich \u{1f600} a@b.example"));
    assert_eq!(message.answers, "wamid.1".parse().ok());
}
