//! Sends: taken, not sent, or nobody knows.

use jiff::SignedDuration;
use numo_app::port::whatsapp::{AccountError, Messaging, SendAction, SendError, SenderAccess, Taken, WhatsappAccount};
use numo_domain::{
    id::{AttemptId, MediaId},
    language::Language,
    message::{Document, Message, Naming},
    template::{Purpose, Variant, WhyUnusable, template_for},
};
use numo_providers::whatsapp::graph::GraphClient;
use serde_json::{Value, json};

use crate::bench::{Bench, SHORT, first_text, harbour};

const ATTEMPT: &str = "018f0000-0000-7000-8000-000000000001";
const CUSTOMER: &str = "+971501234567";

/// A message with the examples of the pack filled in.
pub(crate) fn message() -> Message {
    let variables = first_text().variables().map(|(name, text)| (name, text.to_owned())).collect();
    Message {
        template: first_text().reference(),
        variant: Variant::Plain,
        naming: Naming::Named,
        variables,
        text: String::new(),
        pay_token: None,
        document: None,
    }
}

/// A simulator whose account has the pack.
async fn with_pack() -> Bench {
    let bench = Bench::start().await;
    let waba = "102290129340398".parse().unwrap();
    bench.graph().create_template(&waba, &harbour().token, &first_text()).await.unwrap();
    bench
}

async fn send(graph: &GraphClient, sender: &SenderAccess) -> Result<Taken, SendError> {
    let attempt: AttemptId = ATTEMPT.parse().unwrap();
    Messaging::send(graph, sender, &CUSTOMER.parse().unwrap(), attempt, &message()).await
}

fn not_sent(outcome: Result<Taken, SendError>) -> (u32, SendAction) {
    match outcome {
        Err(SendError::NotSent { code, action }) => (code, action),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_taken_and_carries_its_attempt() {
    let bench = with_pack().await;
    let taken = send(&bench.graph(), &harbour()).await.unwrap();
    let received = bench.shown("meta/messages").await;
    let rows = received.as_array().unwrap();
    let facts: Vec<&Value> =
        ["to", "attempt", "template", "language", "outcome", "wamid"].map(|name| &rows[0][name]).into();
    let expected =
        [CUSTOMER, ATTEMPT, "numo_upcoming_v1", "en", "accepted", taken.message.as_str()].map(|text| json!(text));
    assert_eq!((facts, rows.len(), taken.held), (expected.iter().collect(), 1, false));
}

#[tokio::test]
async fn a_lost_answer_is_ambiguous_and_the_message_went_out_once() {
    let bench = with_pack().await;
    let graph = bench.graph().with_timeout(SHORT);
    bench.fault("meta", json!({ "kind": "timeout", "after_processing": true, "hold_ms": 5_000 })).await;
    assert!(matches!(send(&graph, &harbour()).await, Err(SendError::Ambiguous(_))));
    assert_eq!(bench.sim.handle.meta_summary()["accepted"], 1);
}

#[tokio::test]
async fn every_unclear_outcome_is_ambiguous() {
    let bench = with_pack().await;
    let graph = bench.graph().with_timeout(SHORT);
    for fault in [
        json!({ "kind": "truncate" }),
        json!({ "kind": "timeout", "hold_ms": 5_000 }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
        json!({ "kind": "status", "status": 500, "code": 131_000 }),
        json!({ "kind": "status", "status": 503, "code": 2 }),
        json!({ "kind": "status", "status": 400, "code": 1 }),
        json!({ "kind": "status", "status": 500, "code": 777 }),
    ] {
        bench.fault("meta", fault.clone()).await;
        assert!(matches!(send(&graph, &harbour()).await, Err(SendError::Ambiguous(_))), "{fault}");
    }
}

#[tokio::test]
async fn a_code_says_that_nothing_was_sent_and_what_to_do() {
    let bench = with_pack().await;
    let graph = bench.graph();
    let retry_after = Some(SignedDuration::from_secs(9));
    for (status, code, action) in [
        (400, 4, SendAction::WaitForApp { retry_after }),
        (400, 130_429, SendAction::SlowDown { retry_after }),
        (500, 131_057, SendAction::Wait { retry_after }),
        (401, 190, SendAction::Reconnect),
        (403, 368, SendAction::StopSender),
        (400, 131_026, SendAction::SkipRecipient),
        (400, 131_056, SendAction::WaitForRecipient),
        (400, 132_015, SendAction::StopTemplate(WhyUnusable::Paused)),
        (400, 132_012, SendAction::FixMessage),
        (400, 777, SendAction::FixMessage),
    ] {
        bench.fault("meta", json!({ "kind": "status", "status": status, "code": code, "retry_after_s": 9 })).await;
        assert_eq!(not_sent(send(&graph, &harbour()).await), (code, action));
    }
    assert_eq!(bench.sim.handle.meta_summary()["accepted"], 0);
}

#[tokio::test]
async fn a_template_that_is_not_there_or_paused_is_stopped() {
    let bench = Bench::start().await;
    assert_eq!(
        not_sent(send(&bench.graph(), &harbour()).await),
        (132_001, SendAction::StopTemplate(WhyUnusable::Missing))
    );
    let bench = with_pack().await;
    bench.control("meta/templates", json!({ "name": "numo_upcoming_v1", "status": "PAUSED" })).await;
    assert_eq!(
        not_sent(send(&bench.graph(), &harbour()).await),
        (132_015, SendAction::StopTemplate(WhyUnusable::Paused))
    );
}

#[tokio::test]
async fn a_dead_token_asks_for_a_new_connection() {
    let bench = with_pack().await;
    let dead = SenderAccess { token: "dead".into(), ..harbour() };
    assert_eq!(not_sent(send(&bench.graph(), &dead).await), (190, SendAction::Reconnect));
}

#[tokio::test]
async fn an_invoice_is_given_to_meta_once_and_stands_above_messages_of_its_number_alone() {
    let bench = Bench::start().await;
    let (graph, waba) = (bench.graph(), "102290129340398".parse().unwrap());
    let text = template_for(Purpose::Upcoming, Language::English, Variant::PdfReplies);
    graph.create_template(&waba, &harbour().token, &text).await.unwrap();
    let media = graph.upload_pdf(&harbour(), b"%PDF-1.4 an invoice").await.unwrap();
    let with = |media: MediaId| Message {
        template: text.reference(),
        document: Some(Document { media, file_name: String::from("INV-1042.pdf") }),
        ..message()
    };
    let attempt: AttemptId = ATTEMPT.parse().unwrap();
    for _ in 0..2 {
        let sent = Messaging::send(&graph, &harbour(), &CUSTOMER.parse().unwrap(), attempt, &with(media.clone())).await;
        assert!(sent.is_ok(), "{sent:?}");
    }
    let received = bench.shown("meta/messages").await;
    let header = json!({ "type": "header", "parameters": [
        { "type": "document", "document": { "id": media.as_str(), "filename": "INV-1042.pdf" } },
    ] });
    assert_eq!(received[0]["components"][0], header);
    let foreign = with("1".parse().unwrap());
    let refused = Messaging::send(&graph, &harbour(), &CUSTOMER.parse().unwrap(), attempt, &foreign).await;
    assert_eq!(not_sent(refused), (131_009, SendAction::FixMessage));
    let without = Message { template: text.reference(), ..message() };
    let refused = Messaging::send(&graph, &harbour(), &CUSTOMER.parse().unwrap(), attempt, &without).await;
    assert_eq!(not_sent(refused), (132_012, SendAction::FixMessage));
}

#[tokio::test]
async fn a_file_that_is_no_pdf_or_finds_meta_out_of_order_is_not_taken() {
    let bench = Bench::start().await;
    let graph = bench.graph().with_timeout(SHORT);
    let refused = graph.upload_pdf(&harbour(), b"<html>").await;
    assert!(matches!(refused, Err(AccountError::Rejected(131_053))), "{refused:?}");
    bench.fault("meta", json!({ "kind": "status", "status": 500 })).await;
    let failed = graph.upload_pdf(&harbour(), b"%PDF-1.4").await;
    assert!(matches!(failed, Err(AccountError::Unavailable(_))), "{failed:?}");
    let dead = SenderAccess { token: "dead".into(), ..harbour() };
    assert!(matches!(graph.upload_pdf(&dead, b"%PDF-1.4").await, Err(AccountError::Refused)));
}
