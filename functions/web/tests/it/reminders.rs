use std::collections::BTreeSet;

use numo_app::store::{reminder::outcome::SendOutcome, task::TaskAbout};
use numo_domain::{
    delivery_report::{DeliveryReport, pricing::Pricing, status_error::StatusError},
    reminder::DeliveryStatus,
};
use serde_json::{Value, json};

use crate::{
    seed::{ATTEMPT_A, CONNECTION_A, at, org},
    world::World,
};

const EARLIER: &str = "018f0000-0000-7000-8000-0000000000a8";

fn reminder(attempt: &str, date: &str, occasion: &str, claimed_at: &str) -> Value {
    let money = json!({"minor": 137_622, "currency": "AED", "text": "AED 1,376.22"});
    json!({
        "attempt": attempt, "date": date, "customer": "Acme Trading",
        "unit": {"connection": CONNECTION_A, "contact": "c-1", "currency": "AED"},
        "occasion": occasion, "tone": "gentle", "total": money, "text": "Hello Acme Trading, please pay.",
        "template": {"name": "numo_overdue_gentle_v1", "language": "en"}, "claimed_at": claimed_at,
        "attempt_number": 1,
        "evidence": {
            "read_at": claimed_at, "anchor_remaining": money, "anchor_updated_at": "2026-11-20T00:00:00Z",
        },
    })
}

fn with(mut reminder: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    reminder.as_object_mut().unwrap().extend(more);
    reminder
}

const CAUSE: &str = "The number is not on WhatsApp, or cannot get such messages.";
const REMEDY: &str = "Check the number with the customer, or reach them another way.";

#[tokio::test]
async fn reminders_are_listed_newest_first_with_every_state_they_had() {
    let world = World::with_two_organisations().await;
    let earlier = world.claim(EARLIER, 1, "2026-11-18T06:00:00Z").await;
    let outcome = SendOutcome::NotSent { code: 131_026 };
    let failed_at = at("2026-11-18T06:00:01Z");
    world.store.record_outcome(&org("org_a"), &earlier.key, earlier.attempt, &outcome, failed_at).await.unwrap();
    let later = world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let read_at = at("2026-11-24T05:02:00Z");
    world.status(later.attempt, DeliveryStatus::Read, read_at).await;
    let newest = with(
        reminder(ATTEMPT_A, "2026-11-24", "S2", "2026-11-24T05:00:00Z"),
        json!({"state": "read", "history": [
            {"state": "sending", "at": "2026-11-24T05:00:00Z"}, {"state": "read", "at": "2026-11-24T05:02:00Z"},
        ]}),
    );
    let oldest = with(
        reminder(EARLIER, "2026-11-18", "S1", "2026-11-18T06:00:00Z"),
        json!({"state": "not_sent", "code": 131_026, "cause": CAUSE, "remedy": REMEDY, "history": [
            {"state": "sending", "at": "2026-11-18T06:00:00Z"},
            {"state": "not_sent", "code": 131_026, "cause": CAUSE, "remedy": REMEDY, "at": "2026-11-18T06:00:01Z"},
        ]}),
    );
    let listed = world.get("member-a", "/v1/reminders").await.json();
    assert_eq!(listed, json!({"reminders": [newest, oldest]}));
    let one = world.get("member-a", &format!("/v1/reminders/{EARLIER}")).await.json();
    assert_eq!(one, oldest);
}

#[tokio::test]
async fn a_failure_shows_every_error_of_metas_and_a_message_what_it_costs() {
    let world = World::with_two_organisations().await;
    let claimed = world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let (told_at, undelivered) = (at("2026-11-24T05:01:00Z"), DeliveryStatus::Failed { code: 131_026 });
    let sent = DeliveryReport::new(BTreeSet::new(), Pricing::try_from("regular utility".to_owned()).ok());
    world.told(claimed.attempt, DeliveryStatus::Sent, &sent, told_at).await;
    let errors = [(131_026, Some("Message undeliverable.")), (130_472, None)].map(|(c, d)| StatusError::new(c, d));
    world.told(claimed.attempt, undelivered, &DeliveryReport::new(errors.into(), None), told_at).await;
    let shown = world.get("member-a", &format!("/v1/reminders/{ATTEMPT_A}")).await.json();
    assert_eq!(shown["pricing"], json!({"billed": "regular", "category": "utility"}));
    let errors = json!([{"code": 130_472}, {"code": 131_026, "details": "Message undeliverable."}]);
    assert_eq!(
        shown["history"],
        json!([
            {"state": "sending", "at": "2026-11-24T05:00:00Z"},
            {"state": "sent", "at": "2026-11-24T05:01:00Z"},
            {
                "state": "failed", "code": 131_026, "cause": CAUSE, "remedy": REMEDY, "at": "2026-11-24T05:01:00Z",
                "errors": errors,
            },
        ])
    );
}

#[tokio::test]
async fn an_attempt_that_was_never_made_is_not_found() {
    let world = World::with_two_organisations().await;
    let answer = world.get("member-a", &format!("/v1/reminders/{ATTEMPT_A}")).await;
    assert_eq!(answer.error(), (404, json!({"code": "not_found", "message": "reminder not found"})));
    let answer = world.get("member-a", "/v1/reminders/nonsense").await;
    assert_eq!(answer.error().0, 404);
}

#[tokio::test]
async fn an_admin_settles_what_nobody_knows_once_and_closes_the_task() {
    let world = World::with_two_organisations().await;
    let claimed = world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let asked = json!({"went_out": false});
    let path = format!("/v1/reminders/{ATTEMPT_A}/resolve");
    assert_eq!(world.post("admin-a", &path, &asked).await.error().0, 409);
    let at_once = at("2026-11-24T05:00:20Z");
    world
        .store
        .record_outcome(&org("org_a"), &claimed.key, claimed.attempt, &SendOutcome::Unknown, at_once)
        .await
        .unwrap();
    world.store.open_task(&org("org_a"), TaskAbout::OutcomeUnknown(claimed.attempt), at_once).await.unwrap();
    let settled = world.post("admin-a", &path, &asked).await.json();
    assert_eq!((&settled["state"], &settled["code"]), (&json!("not_sent"), &json!(0)));
    assert_eq!(world.get("admin-a", "/v1/tasks").await.json(), json!({"tasks": []}));
    assert_eq!(world.post("admin-a", &path, &asked).await.error().0, 409);
}
