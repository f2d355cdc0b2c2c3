use numo_app::{
    job::Work,
    store::plan::{CancelEvidence, Cancelled},
};
use numo_domain::plan::{
    decision::Unit,
    reason::{Reason, SkipCode},
};
use serde_json::{Value, json};

use crate::{
    client::{send, signed},
    seed::{CONNECTION_A, contact_ref, org},
    world::{World, now},
};

fn acme_unit() -> Value {
    json!({"connection": CONNECTION_A, "contact": "c-1", "currency": "AED"})
}

/// What is decided for Acme Trading on 24 November.
fn acme_send() -> Value {
    let money = json!({"minor": 137_622, "currency": "AED", "text": "AED 1,376.22"});
    json!({
        "unit": acme_unit(), "customer": "Acme Trading", "policy": "default", "policy_version": 2,
        "sentence": "Step 2 (gentle) goes out: INV-1 is 3 days overdue. It takes the place of 1 earlier step.",
        "send": {
            "anchor": "i-1", "occasion": "S2", "tone": "gentle", "overdue": true, "pdf": false,
            "lines": [{"invoice": "i-1", "number": "INV-1", "remaining": money, "due": "2026-11-21"}],
            "more": 0, "total": money, "at": "2026-11-24T06:00:00Z",
            "text": "Hello Acme Trading, this is Harbour Lane. According to our books the following is past its due \
                     date: INV-1 AED 1,376.22 due 21 Nov 2026. The total is AED 1,376.22. If it is already paid, \
                     please tell us and accept our thanks. Please choose an answer below, or write to us.",
            "buttons": ["Paid already", "Pay on a date", "Question"],
        },
        "reasons": [],
    })
}

#[tokio::test]
async fn a_look_at_the_plan_shows_the_exact_text_and_writes_nothing() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    let expected = json!({"date": "2026-11-24", "sends": 1, "skips": 0, "decisions": [acme_send()]});
    for path in ["/v1/plan", "/v1/plan?at=2026-11-24T06:00:00Z"] {
        let answer = world.get("member-a", path).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
    }
    let counts = world.table.counts();
    assert_eq!((counts.writes, counts.transacts, counts.items_written), (0, 0, 0));
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn a_look_at_another_day_tells_the_reasons_for_silence() {
    let world = World::with_two_organisations().await;
    let answer = world.get("member-a", "/v1/plan?at=2026-11-28T06:00:00Z").await;
    let expected = json!({
        "date": "2026-11-28", "sends": 0, "skips": 1,
        "decisions": [{
            "unit": acme_unit(), "customer": "Acme Trading", "policy": "default", "policy_version": 2, "send": null,
            "sentence": "No step of the policy falls on this day. Not before 30 November 2026.",
            "reasons": [{
                "code": "no_step_today", "sentence": "No step of the policy falls on this day.",
                "lifted_by": "itself", "until": "2026-11-30",
            }],
        }],
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn thanks_for_a_payment_show_what_was_paid_and_what_is_still_owed() {
    let world = World::with_two_organisations().await;
    world.thank_and_pay(37_622, "2026-11-23").await;
    let shown = world.get("member-a", "/v1/plan").await.json();
    let (paid, left) = (json!({"minor": 37_622, "currency": "AED", "text": "AED 376.22"}), "AED 1,000.00");
    let left = json!({"minor": 100_000, "currency": "AED", "text": left});
    let expected = json!({
        "unit": acme_unit(), "customer": "Acme Trading", "policy": "default", "policy_version": 3,
        "sentence": "Thanks for a payment go out with what is still overdue: INV-1 is 3 days overdue.",
        "send": {
            "anchor": "i-1", "occasion": "PP2026-11-23", "tone": "friendly", "overdue": true, "pdf": false,
            "lines": [{"invoice": "i-1", "number": "INV-1", "remaining": left, "due": "2026-11-21"}],
            "more": 0, "total": left, "paid": paid, "at": "2026-11-24T06:00:00Z",
            "text": "Hello Acme Trading, Harbour Lane has received your payment of AED 376.22. Thank you. Still open \
                     and past its due date: INV-1 AED 1,000.00 due 21 Nov 2026. The total is AED 1,000.00. If it is \
                     already paid, please tell us. Please choose an answer below, or write to us.",
            "buttons": ["Paid already", "Pay on a date", "Question"],
        },
        "reasons": [],
    });
    assert_eq!(shown["decisions"], json!([expected]));
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_named() {
    let world = World::with_two_organisations().await;
    for (query, field) in [("at=tomorrow", "at"), ("at=9999-01-01T00:00:00Z", "at"), ("when=now", "when")] {
        let (status, error) = world.get("member-a", &format!("/v1/plan?{query}")).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn planning_anew_is_queued() {
    let world = World::with_two_organisations().await;
    let answer = send(&world.router, signed("admin-a", "POST", "/v1/plan", None)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({"status": "queued"})));
    let work: Vec<_> = world.queue.take().into_iter().map(|job| (job.org, job.work)).collect();
    assert_eq!(work, [(org("org_a"), Work::PlanDay {})]);
}

#[tokio::test]
async fn a_saved_plan_is_shown_with_what_was_cancelled() {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    let unit = Unit { contact: contact_ref(CONNECTION_A, "c-1"), currency: "AED".parse().unwrap() };
    let evidence = Some(CancelEvidence { read_at: now(), request_ids: vec!["r-1".to_owned()] });
    let cancelled = Cancelled { unit, at: now(), reasons: vec![Reason::of(SkipCode::Settled)], evidence };
    let date = "2026-11-24".parse().unwrap();
    world.store.cancel_planned(&org("org_a"), date, &cancelled).await.unwrap();
    let expected = json!({
        "header": {
            "date": "2026-11-24", "generation": 1, "planned_at": "2026-11-24T06:00:00Z", "sends": 1, "skips": 0,
            "first_at": "2026-11-24T06:00:00Z", "approval": "awaited", "questions": [],
            "ledgers_read_at": {(CONNECTION_A): "2026-11-24T05:00:00Z"},
        },
        "decisions": [acme_send()],
        "cancelled": [{
            "unit": acme_unit(), "at": "2026-11-24T06:00:00Z",
            "reasons": [
                {"code": "settled", "sentence": "Everything is paid.", "lifted_by": "itself", "until": null},
            ],
            "evidence": {"read_at": "2026-11-24T06:00:00Z", "request_ids": ["r-1"]},
        }],
    });
    assert_eq!(world.get("member-a", "/v1/plans/2026-11-24").await.json(), expected);
}

#[tokio::test]
async fn a_day_without_a_plan_is_not_found_and_a_day_that_is_none_is_invalid() {
    let world = World::with_two_organisations().await;
    let answer = world.get("member-a", "/v1/plans/2026-11-24").await;
    assert_eq!(answer.error(), (404, json!({"code": "not_found", "message": "plan not found"})));
    let message = "a date such as 2026-11-24 is needed";
    let answer = world.get("member-a", "/v1/plans/today").await;
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "date", "message": message})));
}

#[tokio::test]
async fn an_approval_names_the_generation_that_was_looked_at_and_starts_sending() {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    let path = "/v1/plans/2026-11-24/approve";
    let late = world.post("admin-a", path, &json!({"generation": 2})).await;
    let message = "the plan was made anew since you looked at it; load it again";
    assert_eq!(late.error(), (409, json!({"code": "conflict", "message": message})));
    let answer = world.post("admin-a", path, &json!({"generation": 1})).await;
    let expected = json!({
        "date": "2026-11-24", "generation": 1, "planned_at": "2026-11-24T06:00:00Z", "sends": 1, "skips": 0,
        "first_at": "2026-11-24T06:00:00Z",
        "approval": {"approved": {"by": "user_ann", "at": "2026-11-24T06:00:00Z"}}, "questions": [],
        "ledgers_read_at": {(CONNECTION_A): "2026-11-24T05:00:00Z"},
    });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::DispatchRun { date: "2026-11-24".parse().unwrap() }]);
}
