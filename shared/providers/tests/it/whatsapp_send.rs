//! Sends: taken, not sent, or nobody knows.

use jiff::SignedDuration;
use numo_app::port::whatsapp::{Messaging, SendAction, SendError, SenderAccess, Taken, WhatsappAccount};
use numo_domain::{
    id::AttemptId,
    language::Language,
    message::Message,
    template::{WhyUnusable, texts_in},
};
use numo_providers::whatsapp::graph::GraphClient;
use serde_json::{Value, json};

use crate::bench::{Bench, SHORT, harbour};

const ATTEMPT: &str = "018f0000-0000-7000-8000-000000000001";
const CUSTOMER: &str = "+971501234567";

/// A message with the examples of the pack filled in.
pub(crate) fn message() -> Message {
    let variables = texts_in(Language::English)[0].variables().map(|(name, text)| (name, text.to_owned())).collect();
    Message { template: &texts_in(Language::English)[0], variables, text: String::new(), pay_token: None }
}

/// A simulator whose account has the pack.
async fn with_pack() -> Bench {
    let bench = Bench::start().await;
    let waba = "102290129340398".parse().unwrap();
    bench.graph().create_template(&waba, &harbour().token, &texts_in(Language::English)[0]).await.unwrap();
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
    let wait = SendAction::Wait { retry_after: Some(SignedDuration::from_secs(9)) };
    for (status, code, action) in [
        (400, 130_429, wait),
        (401, 190, SendAction::Reconnect),
        (403, 368, SendAction::StopSender),
        (400, 131_026, SendAction::SkipRecipient),
        (400, 131_056, SendAction::SkipRecipient),
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
