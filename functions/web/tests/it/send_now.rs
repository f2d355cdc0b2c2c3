use numo_app::{job::Work, store::manual_send::ManualState};
use numo_domain::plan::reason::{Reason, SkipCode};
use numo_domain::{
    contact::{Contact, ContactNumber},
    invoice::Invoice,
};
use serde_json::{Value, json};

use crate::{
    seed::{ATTEMPT_A, CONNECTION_A, at, contact, invoice, org},
    world::{World, now},
};

/// What was asked for in organisation A.
pub(crate) const MANUAL_A: &str = "018f0000-0000-7000-8000-0000000000d1";

/// An id that nobody has used yet.
pub(crate) const MANUAL_B: &str = "018f0000-0000-7000-8000-0000000000d2";

/// A form that asks for what was shown.
pub(crate) fn wanted(id: &str, seen: &str) -> Value {
    json!({"id": id, "currency": "AED", "seen": seen})
}

fn path() -> String {
    format!("/v1/customers/{CONNECTION_A}/c-1/send-now")
}

impl World {
    /// The digest of what would be sent to Acme Trading now.
    async fn seen(&self) -> String {
        let shown = self.get("member-a", &format!("{}?currency=AED", path())).await.json();
        shown["seen"].as_str().unwrap_or_default().to_owned()
    }

    /// An admin of organisation A asks for a reminder to Acme Trading.
    pub(crate) async fn ask_for_a_reminder(&self, id: &str) {
        let form = wanted(id, &self.seen().await);
        assert_eq!(self.post("admin-a", &path(), &form).await.status, 202);
        self.queue.take();
    }
}

#[tokio::test]
async fn what_would_be_sent_now_is_shown_with_its_text_and_nothing_is_written() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    let shown = world.get("member-a", &format!("{}?currency=AED", path())).await.json();
    let planned = world.get("member-a", "/v1/plan").await.json();
    let seen = shown["seen"].clone();
    assert_eq!(seen.as_str().unwrap().len(), 64);
    let expected = json!({
        "decision": planned["decisions"][0], "seen": seen, "is_allowed": true, "next_at": null,
    });
    assert_eq!(shown, expected);
    assert_eq!(shown["decision"]["send"]["occasion"], "S2");
    assert_eq!(world.table.take_counts().items_written, 0);
    let other = world.get("member-a", &format!("{}?currency=EUR", path())).await.json();
    assert_eq!(other, json!({"decision": null, "seen": null, "is_allowed": false, "next_at": null}));
}

#[tokio::test]
async fn a_step_whose_day_has_not_come_may_be_sent_now() {
    let world = World::with_two_organisations().await;
    world.claim(ATTEMPT_A, 2, "2026-11-21T05:00:00Z").await;
    let delivered = numo_domain::reminder::DeliveryStatus::Delivered;
    world.status(ATTEMPT_A.parse().unwrap(), delivered, now()).await;
    let shown = world.get("member-a", &format!("{}?currency=AED", path())).await.json();
    let send = &shown["decision"]["send"];
    assert_eq!((&send["occasion"], &send["tone"], &shown["is_allowed"]), (&json!("S3"), &json!("firm"), &json!(true)));
}

#[tokio::test]
async fn what_is_asked_for_is_stored_logged_and_handed_on_once() {
    let world = World::with_two_organisations().await;
    let form = wanted(MANUAL_A, &world.seen().await);
    for _ in 0..2 {
        let accepted = world.post("admin-a", &path(), &form).await;
        assert_eq!((accepted.status.as_u16(), accepted.json()), (202, json!({"id": MANUAL_A})));
    }
    let jobs: Vec<Work> = world.queue.jobs().iter().map(|job| job.work.clone()).collect();
    assert_eq!(jobs, [Work::ManualSend { id: MANUAL_A.parse().unwrap() }]);
    let log = world.get("admin-a", "/v1/activity").await.json();
    let expected = json!({
        "at": "2026-11-24T06:00:00Z", "actor": {"user": "user_ann"}, "action": "reminder.sent_now",
        "detail": {
            "id": MANUAL_A, "connection": CONNECTION_A, "contact": "c-1", "currency": "AED", "occasion": "S2",
        },
    });
    assert_eq!(log["activity"], json!([expected]));
    let shown = world.get("member-a", &format!("/v1/manual-sends/{MANUAL_A}")).await.json();
    let expected = json!({
        "id": MANUAL_A, "unit": {"connection": CONNECTION_A, "contact": "c-1", "currency": "AED"}, "by": "user_ann",
        "asked_at": "2026-11-24T06:00:00Z", "date": "2026-11-24", "state": "waiting", "reasons": [], "evidence": null,
        "reminder": null,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn over_a_cap_it_is_refused_with_the_next_allowed_time_and_nothing_is_kept() {
    let world = World::with_two_organisations().await;
    world.claim(ATTEMPT_A, 1, "2026-11-23T05:00:00Z").await;
    let delivered = numo_domain::reminder::DeliveryStatus::Delivered;
    world.status(ATTEMPT_A.parse().unwrap(), delivered, now()).await;
    world.table.take_counts();
    let answer = world.post("admin-a", &path(), &wanted(MANUAL_A, "x")).await;
    let message = "The last message is too recent. The next allowed time is 2026-11-25T05:00:00Z.";
    assert_eq!(answer.error(), (409, json!({"code": "not_now", "message": message})));
    let shown = world.get("member-a", &format!("{}?currency=AED", path())).await.json();
    assert_eq!((&shown["is_allowed"], &shown["next_at"]), (&json!(false), &json!("2026-11-25T05:00:00Z")));
    let none = json!({"id": MANUAL_A, "currency": "EUR", "seen": "x"});
    let answer = world.post("admin-a", &path(), &none).await;
    assert_eq!(answer.error(), (409, json!({"code": "not_now", "message": "Everything is paid."})));
    assert_eq!(world.table.take_counts().items_written, 0);
}

#[tokio::test]
async fn a_form_that_says_less_than_is_needed_names_the_field() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    for (form, field) in [
        (json!({"id": "mine", "currency": "AED", "seen": "x"}), "id"),
        (json!({"id": MANUAL_A, "currency": "dirham", "seen": "x"}), "currency"),
        (json!({"id": MANUAL_A, "currency": "AED", "seen": 1}), "seen"),
    ] {
        let (status, error) = world.post("admin-a", &path(), &form).await.error();
        assert_eq!((status, &error["code"], &error["field"]), (400, &json!("invalid"), &json!(field)), "{form}");
    }
    for (query, field) in [
        ("", "currency"),
        ("?currency=AED&currency=EUR", "currency"),
        ("?currency=dirham", "currency"),
        ("?unit=AED", "unit"),
    ] {
        let (status, error) = world.get("member-a", &format!("{}{query}", path())).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{query}");
    }
    let message = "the message is not the one that you looked at any more; look again";
    let answer = world.post("admin-a", &path(), &wanted(MANUAL_A, "x")).await;
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
    assert_eq!(world.table.take_counts().items_written, 0);
}

#[tokio::test]
async fn whatever_changes_about_the_message_has_to_be_looked_at_again() {
    let world = World::with_two_organisations().await;
    let seen = world.seen().await;
    let (org, id) = (org("org_a"), CONNECTION_A.parse().unwrap());
    let known = world.store.invoices_by_id(&org, id, &["i-1".parse().unwrap()]).await.unwrap().remove(0);
    let mut less = known.value.invoice.clone();
    (less.remaining.minor, less.updated_at) = (less.remaining.minor - 1, now());
    world.store.upsert_invoice(&org, Some(&known), &less, now(), now()).await.unwrap();
    let message = "the message is not the one that you looked at any more; look again";
    let answer = world.post("admin-a", &path(), &wanted(MANUAL_A, &seen)).await;
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
    world.ask_for_a_reminder(MANUAL_A).await;
}

#[tokio::test]
async fn a_customer_whose_invoices_somebody_else_owes_is_not_told_to_have_paid() {
    let world = World::with_two_organisations().await;
    let merged = Contact { payer: Some("c-1".parse().unwrap()), ..contact(CONNECTION_A, "c-9", "Joined Ltd") };
    world.store.upsert_contact(&org("org_a"), None, &merged, now()).await.unwrap();
    let path = format!("/v1/customers/{CONNECTION_A}/c-9/send-now");
    let message = "another customer owes the invoices of this one: ask for that customer";
    let expected = (409, json!({"code": "conflict", "message": message}));
    assert_eq!(world.get("member-a", &format!("{path}?currency=AED")).await.error(), expected);
    assert_eq!(world.post("admin-a", &path, &wanted(MANUAL_A, "x")).await.error(), expected);
}

#[tokio::test]
async fn what_the_plan_has_still_to_send_leaves_less_room_for_what_is_asked_for() {
    let world = World::with_two_organisations().await;
    let other = Contact {
        number: ContactNumber::usable("+971509876543".parse().unwrap(), "key-c-8".parse().unwrap()),
        ..contact(CONNECTION_A, "c-8", "Other Ltd")
    };
    world.store.upsert_contact(&org("org_a"), None, &other, now()).await.unwrap();
    let known_since = at("2026-10-01T08:00:00Z");
    let owed = Invoice { id: "i-8".parse().unwrap(), ..invoice(&other) };
    world.store.upsert_invoice(&org("org_a"), None, &owed, now(), known_since).await.unwrap();
    world.store.change_organisation(&org("org_a"), now(), |profile| profile.ramp_per_day = Some(1)).await.unwrap();
    let allowed =
        async || world.get("member-a", &format!("{}?currency=AED", path())).await.json()["is_allowed"] == json!(true);
    assert!(allowed().await);
    world.save_plan("org_a").await;
    // One of the two has the day's only place for a first message.
    let shown = async |contact: &str| {
        let path = format!("/v1/customers/{CONNECTION_A}/{contact}/send-now?currency=AED");
        let shown = world.get("member-a", &path).await.json();
        shown["decision"]["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!([shown("c-1").await, shown("c-8").await], [vec![], vec![json!("ramp")]]);
}

#[tokio::test]
async fn what_became_of_it_is_shown_with_the_reminder_or_the_reasons() {
    let world = World::with_two_organisations().await;
    world.ask_for_a_reminder(MANUAL_A).await;
    let (org, id) = (org("org_a"), MANUAL_A.parse().unwrap());
    let end = async |state: ManualState| {
        let seen = world.store.manual_send(&org, id).await.unwrap().unwrap();
        world.store.end_manual_send(&org, &seen, state, now()).await.unwrap();
        world.get("member-a", &format!("/v1/manual-sends/{MANUAL_A}")).await.json()
    };
    let reasons = vec![Reason::of(SkipCode::Settled)];
    let refused = end(ManualState::Refused { reasons, evidence: None }).await;
    let settled = json!([{"code": "settled", "sentence": "Everything is paid.", "lifted_by": "itself", "until": null}]);
    assert_eq!((&refused["state"], &refused["reasons"]), (&json!("refused"), &settled));
    world.claim(ATTEMPT_A, 2, "2026-11-24T06:00:00Z").await;
    let claimed = end(ManualState::Claimed).await;
    assert_eq!((&claimed["state"], &claimed["reminder"]["attempt"]), (&json!("claimed"), &json!(ATTEMPT_A)));
    assert_eq!(end(ManualState::Lapsed).await["state"], "lapsed");
    let absent = world.get("member-a", &format!("/v1/manual-sends/{MANUAL_B}")).await;
    assert_eq!(absent.error(), (404, json!({"code": "not_found", "message": "manual send not found"})));
}
