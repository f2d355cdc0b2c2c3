use numo_app::store::{
    conversation::Talk,
    inbound::{Inbound, InboundEffect, Ingested},
};
use numo_domain::conversation::{Content, Heard, Line, Recipient, Said};
use serde_json::{Value, json};

use crate::{
    seed::{ATTEMPT_A, CONNECTION_A, at, contact_ref, org},
    world::World,
};

/// An id that a form gives its answer.
const ANSWER: &str = "018f0000-0000-7000-8000-0000000000e1";

impl World {
    /// `c-1` of organisation A writes.
    pub(crate) async fn says(&self, id: &str, at_text: &str, text: &str) {
        self.hears(at_text, heard(id, text)).await;
    }

    /// The same, with more than words.
    pub(crate) async fn hears(&self, at_text: &str, heard: Heard) {
        let (number, at, message) = ("key-c-1".parse().unwrap(), at(at_text), heard.message.clone());
        let talk = Talk {
            sender: "200".parse().unwrap(),
            to: Recipient::Number("+971501234567".parse().unwrap()),
            line: Line { at, said: Said::Customer(heard) },
            automatic: None,
        };
        let contacts = [contact_ref(CONNECTION_A, "c-1")];
        let effect = InboundEffect { contacts: &contacts, change: None, replies: &[], talk: Some(&talk) };
        let inbound = Inbound { message, at, intent: "unread".to_owned() };
        let ingested = self.store.ingest_inbound(&org("org_a"), &number, &inbound, effect, at).await.unwrap();
        assert_eq!(ingested, Ingested::New);
    }
}

pub(crate) fn heard(id: &str, text: &str) -> Heard {
    Heard {
        message: id.parse().unwrap(),
        content: Content::Text,
        text: Some(text.to_owned()),
        understood_as: "unread".to_owned(),
        edits: None,
        revoked_at: None,
    }
}

fn shown(unread: u32, answered_at: Value, is_open: bool) -> Value {
    json!({
        "number": "key-c-1", "sender": "200", "number_masked": "+971•••••67",
        "customers": [{"connection": CONNECTION_A, "contact": "c-1"}], "heard_at": "2026-11-24T05:00:00Z",
        "answered_at": answered_at, "unread": unread, "is_open": is_open, "window_ends_at": "2026-11-25T05:00:00Z",
        "can_answer_until": is_open.then_some("2026-11-25T05:00:00Z"),
        "price": {"answer": {"free_per_month": 1_000, "then": null}, "template": null},
    })
}

#[tokio::test]
async fn conversations_are_listed_and_one_is_shown_with_who_said_what() {
    let world = World::with_two_organisations().await;
    assert_eq!(world.get("member-a", "/v1/conversations").await.json(), json!({"conversations": [], "unread": 0}));
    world.says("wamid.1", "2026-11-24T04:00:00Z", "hello?").await;
    world.says("wamid.2", "2026-11-24T05:00:00Z", "anybody?").await;
    let listed = json!({"conversations": [shown(2, Value::Null, true)], "unread": 2});
    assert_eq!(world.get("member-a", "/v1/conversations").await.json(), listed);
    let form = json!({"id": ANSWER, "text": "Here we are."});
    let accepted = world.post("admin-a", "/v1/conversations/key-c-1/200/answers", &form).await;
    assert_eq!((accepted.status.as_u16(), accepted.json()), (202, json!({"id": ANSWER})));
    let line = |at: &str, text: &str| json!({"at": at, "by": "customer", "text": text, "content": "text", "understood_as": "unread"});
    let answer = json!({
        "at": "2026-11-24T06:00:00Z", "by": "member", "user": "user_ann", "text": "Here we are.", "id": ANSWER,
        "state": "waiting",
    });
    let expected = json!({
        "conversation": shown(2, Value::Null, true),
        "next": [],
        "lines": [line("2026-11-24T04:00:00Z", "hello?"), line("2026-11-24T05:00:00Z", "anybody?"), answer],
    });
    assert_eq!(world.get("member-a", "/v1/conversations/key-c-1/200").await.json(), expected);
    let jobs: Vec<&'static str> = world.queue.jobs().iter().map(|job| job.work.name()).collect();
    assert_eq!(jobs, ["send_answer.v1"]);
    let log = world.get("admin-a", "/v1/activity").await.json();
    assert_eq!(log["activity"][0]["action"], "conversation.answered");
    assert!(!log.to_string().contains("Here we are"));
}

#[tokio::test]
async fn what_a_customer_wrote_anew_or_deleted_says_so() {
    let world = World::with_two_organisations().await;
    let edited = Heard { edits: "wamid.1".parse().ok(), ..heard("wamid.2", "on Friday") };
    world.hears("2026-11-24T04:00:00Z", edited).await;
    let deleted = Heard { text: None, revoked_at: Some(at("2026-11-24T05:30:00Z")), ..heard("wamid.3", "") };
    world.hears("2026-11-24T05:00:00Z", deleted).await;
    let line = |at: &str| json!({"at": at, "by": "customer", "content": "text", "understood_as": "unread"});
    let (mut edited, mut deleted) = (line("2026-11-24T04:00:00Z"), line("2026-11-24T05:00:00Z"));
    (edited["text"], edited["is_edited"]) = (json!("on Friday"), json!(true));
    (deleted["text"], deleted["deleted_by_customer_at"]) = (Value::Null, json!("2026-11-24T05:30:00Z"));
    assert_eq!(world.get("member-a", "/v1/conversations/key-c-1/200").await.json()["lines"], json!([edited, deleted]));
}

#[tokio::test]
async fn whoever_handles_a_customer_has_read_the_conversation() {
    let world = World::with_two_organisations().await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/file");
    assert_eq!(world.post("admin-a", &path, &json!({"edit": "handled"})).await.status, 200);
    let listed = world.get("member-a", "/v1/conversations").await.json();
    assert_eq!(listed, json!({"conversations": [shown(0, Value::Null, true)], "unread": 0}));
}

#[tokio::test]
async fn an_answer_that_may_not_go_out_is_refused_and_nothing_is_kept_of_it() {
    let world = World::with_two_organisations().await;
    world.says("wamid.1", "2026-11-23T05:00:00Z", "hello?").await;
    let path = "/v1/conversations/key-c-1/200/answers";
    world.table.take_counts();
    let late = "the customer wrote more than 24 hours ago: only a reminder may be sent now";
    let answer = world.post("admin-a", path, &json!({"id": ANSWER, "text": "Hello"})).await;
    // A reminder may go out in its place, by this address.
    let next = json!([{
        "send_now": format!("/v1/customers/{CONNECTION_A}/c-1/send-now"), "currency": "AED", "is_allowed": true,
        "next_at": null,
    }]);
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": late, "next": next})));
    let shown = world.get("member-a", "/v1/conversations/key-c-1/200").await.json();
    assert_eq!((&shown["next"], &shown["conversation"]["can_answer_until"]), (&next, &Value::Null));
    for (form, field, message) in [
        (json!({"id": ANSWER, "text": " "}), "text", "1 to 4096 characters are needed"),
        (json!({"id": "mine", "text": "Hello"}), "id", ""),
        (json!({"text": "Hello"}), "", ""),
    ] {
        let (status, error) = world.post("admin-a", path, &form).await.error();
        assert_eq!((status, &error["code"]), (400, &json!("invalid")), "{form}");
        assert!(field.is_empty() || error["field"] == field, "{error}");
        assert!(message.is_empty() || error["message"] == message, "{error}");
    }
    let absent =
        world.post("admin-a", "/v1/conversations/key-9/200/answers", &json!({"id": ATTEMPT_A, "text": "x"})).await;
    assert_eq!(absent.error(), (404, json!({"code": "not_found", "message": "conversation not found"})));
    assert_eq!(world.table.take_counts().items_written, 0);
}

#[tokio::test]
async fn what_an_answer_and_a_template_cost_is_shown_before_one_is_written() {
    let world = World::with_two_organisations().await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    let cap = json!({
        "per_month": {"minor": 2_500, "currency": "USD"}, "rates": {"AE": 57_600}, "rate_elsewhere": 80_000,
    });
    world.put("admin-a", "/v1/cost/cap", &cap).await;
    let emirates = json!({"millionths": 57_600, "currency": "USD"});
    let price = json!({"answer": {"free_per_month": 1_000, "then": emirates}, "template": emirates});
    let listed = world.get("member-a", "/v1/conversations").await.json();
    assert_eq!(listed["conversations"][0]["price"], price);
    assert_eq!(world.get("member-a", "/v1/conversations/key-c-1/200").await.json()["conversation"]["price"], price);
}
