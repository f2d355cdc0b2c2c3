use std::sync::Arc;

use numo_app::{
    job::Work,
    operator::{OperatorPorts, Order, order_everybody, order_one},
    store::due::Claimed,
};
use numo_domain::id::{OperatorId, OrgId};
use numo_testkit::counting_ids::CountingIds;
use serde_json::{Value, json};

use crate::world::{World, now};

fn harbour_lane(paused: bool) -> Value {
    let mut shown = json!({
        "id": "org_a", "name": "Harbour Lane", "zone": "Asia/Dubai", "country": "AE", "base_currency": "AED",
        "paused": paused, "ramp_per_day": 20, "per_ten_minutes": 100, "language": "en", "attestation": {"version": 1, "at": "2026-11-01T08:00:00Z"},
        "explicit_opt_in_only": false,
    });
    if paused {
        shown["paused_by"] = json!("member");
    }
    shown
}

#[tokio::test]
async fn the_profile_is_shown() {
    let world = World::with_two_organisations().await;
    let answer = world.get("member-a", "/v1/organisation").await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, harbour_lane(false)));
}

#[tokio::test]
async fn a_new_organisation_has_an_empty_profile_that_is_not_stored() {
    let world = World::empty();
    let expected = json!({
        "id": "org_a", "name": "", "zone": "UTC", "country": null, "base_currency": null,
        "paused": false, "ramp_per_day": 20, "per_ten_minutes": 100, "language": "en", "attestation": null,
        "explicit_opt_in_only": false,
    });
    assert_eq!(world.get("admin-a", "/v1/organisation").await.json(), expected);
    assert_eq!(world.table.counts().writes, 0);
}

#[tokio::test]
async fn a_member_pauses_everything_and_lets_it_go_on() {
    let world = World::with_two_organisations().await;
    for paused in [true, false] {
        let answer = world.put("member-a", "/v1/organisation/pause", &json!({"paused": paused})).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, harbour_lane(paused)));
        assert_eq!(world.get("admin-a", "/v1/organisation").await.json(), harbour_lane(paused));
    }
    let line = |action: &str| json!({"at": "2026-11-24T06:00:00Z", "actor": {"user": "user_max"}, "action": action, "detail": {}});
    let expected = json!({"activity": [line("everything.resumed"), line("everything.paused")]});
    assert_eq!(world.get("admin-a", "/v1/activity").await.json(), expected);
}

#[tokio::test]
async fn what_operators_stop_is_shown_as_theirs_and_no_member_lets_it_go_on() {
    let world = World::with_two_organisations().await;
    let ports = OperatorPorts { store: world.store.clone(), ids: Arc::new(CountingIds::new(500)) };
    let (org, by): (OrgId, OperatorId) = ("org_a".parse().unwrap(), "ann".parse().unwrap());
    let stop = Order::Stop { until: None };
    for everybody in [false, true] {
        let order = async |order: &Order| {
            if everybody {
                order_everybody(&ports, (&by, "a drill"), order, now()).await.map(drop).unwrap();
            } else {
                order_one(&ports, &org, (&by, "a drill"), order, now()).await.map(drop).unwrap();
            }
        };
        order(&stop).await;
        let resumed = world.put("admin-a", "/v1/organisation/pause", &json!({"paused": false})).await.json();
        assert_eq!((&resumed["paused"], &resumed["paused_by"]), (&json!(true), &json!("operator")));
        let page = world.page(Some("admin-a")).await;
        assert!(page.text.contains("by Numo's operators. Nothing is sent."), "{}", page.text);
        order(&Order::GoOn).await;
        assert_eq!(world.get("admin-a", "/v1/organisation").await.json(), harbour_lane(false));
    }
}

#[tokio::test]
async fn a_pause_may_end_by_itself_and_its_end_may_be_moved() {
    let world = World::with_two_organisations().await;
    let pause = async |form: Value| world.put("member-a", "/v1/organisation/pause", &form).await;
    for until in ["2026-11-25", "2027-11-25"] {
        let answer = pause(json!({"paused": true, "until": until})).await.json();
        assert_eq!((&answer["paused"], &answer["paused_until"]), (&json!(true), &json!(until)));
    }
    let message = "a day after 2026-11-24 and not after 2027-11-25 is needed, or none at all";
    for (form, message) in [
        (json!({"paused": true, "until": "2026-11-24"}), message),
        (json!({"paused": true, "until": "2027-11-26"}), message),
        (json!({"paused": false, "until": "2026-11-25"}), "only a pause has an end"),
    ] {
        let answer = pause(form).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "until", "message": message})));
    }
    // What was refused left the pause as it was.
    let shown = world.get("admin-a", "/v1/organisation").await.json();
    assert_eq!(shown["paused_until"], "2027-11-25");
    assert_eq!(pause(json!({"paused": false})).await.json(), harbour_lane(false));
    let log = world.get("admin-a", "/v1/activity").await.json();
    let details: Vec<&Value> = log["activity"].as_array().unwrap().iter().map(|line| &line["detail"]).collect();
    assert_eq!(details, [&json!({}), &json!({"until": "2027-11-25"}), &json!({"until": "2026-11-25"})]);
}

#[tokio::test]
async fn an_admin_sets_the_language_whose_texts_are_then_registered() {
    let world = World::with_two_organisations().await;
    let changed = world.put("admin-a", "/v1/organisation/language", &json!({"language": "ar"})).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["language"]), (200, &json!("ar")));
    let work = Work::CheckAccount { waba: "100".parse().unwrap() };
    let claimed = world.store.claim_work(&"org_a".parse().unwrap(), &work, crate::world::now()).await.unwrap();
    assert!(matches!(claimed, Claimed::Claimed { .. }), "{claimed:?}");
    let refused = world.put("admin-a", "/v1/organisation/language", &json!({"language": "it"})).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["field"]), (400, &json!("language")));
    assert_eq!(world.put("member-a", "/v1/organisation/language", &json!({"language": "de"})).await.status, 403);
    assert_eq!(world.get("admin-a", "/v1/organisation").await.json()["language"], "ar");
}

#[tokio::test]
async fn an_admin_lets_only_an_explicit_opt_in_count_and_takes_it_back() {
    let world = World::with_two_organisations().await;
    let reasons = async || world.get("admin-a", "/v1/plan").await.json()["decisions"][0]["reasons"].take();
    assert_eq!(reasons().await, json!([]));
    for (only, codes) in [(true, vec!["no_consent_basis"]), (true, vec!["no_consent_basis"]), (false, Vec::new())] {
        let form = json!({"explicit_opt_in_only": only});
        let answer = world.put("admin-a", "/v1/organisation/explicit-opt-in-only", &form).await;
        let mut expected = harbour_lane(false);
        expected["explicit_opt_in_only"] = json!(only);
        assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
        assert_eq!(world.get("member-a", "/v1/organisation").await.json(), expected);
        let told: Vec<Value> =
            reasons().await.as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect();
        assert_eq!(told, codes);
    }
    // What was on already is not switched on again.
    let line = |before: bool, after: bool| {
        json!({
            "at": "2026-11-24T06:00:00Z", "actor": {"user": "user_ann"}, "action": "explicit_opt_in_only.changed",
            "detail": {"before": before, "after": after},
        })
    };
    let expected = json!({"activity": [line(true, false), line(false, true)]});
    assert_eq!(world.get("admin-a", "/v1/activity").await.json(), expected);
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::PlanDay {}, Work::PlanDay {}]);
}

#[tokio::test]
async fn whether_only_an_explicit_opt_in_counts_is_a_yes_or_no() {
    let world = World::with_two_organisations().await;
    for (form, field, message) in [
        (json!({}), "explicit_opt_in_only", "missing field `explicit_opt_in_only`"),
        (
            json!({"explicit_opt_in_only": "yes"}),
            "explicit_opt_in_only",
            "invalid type: string \"yes\", expected a boolean",
        ),
        (json!({"explicit_opt_in_only": null}), "explicit_opt_in_only", "invalid type: null, expected a boolean"),
    ] {
        let answer = world.put("admin-a", "/v1/organisation/explicit-opt-in-only", &form).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})));
    }
    assert_eq!(world.get("admin-a", "/v1/organisation").await.json(), harbour_lane(false));
}

#[tokio::test]
async fn tasks_are_listed_by_kind_and_subject() {
    let world = World::with_two_organisations().await;
    let about = numo_app::store::task::TaskAbout::SenderBlocked("200".parse().unwrap());
    world.store.open_task(&"org_a".parse().unwrap(), about, crate::world::now()).await.unwrap();
    let mut expected = json!({"tasks": [{
        "kind": "sender_blocked", "subject": "200", "since": "2026-11-24T06:00:00Z",
        "sentence": "WhatsApp does not let a number send; look at it in Meta's manager.",
    }]});
    assert_eq!(world.get("member-a", "/v1/tasks").await.json(), expected);
    // With Meta's code the task says why, and what to do; the number says the same.
    let stop = |sender: &mut numo_domain::sender::Sender| {
        (sender.status, sender.stopped_for) = (numo_domain::sender::SenderStatus::Blocked, Some(131_042));
    };
    let (org, phone) = ("org_a".parse().unwrap(), "200".parse().unwrap());
    world.store.change_sender(&org, &phone, crate::world::now(), stop).await.unwrap();
    expected["tasks"][0]["cause"] = json!("Meta has no working way to be paid for messages.");
    expected["tasks"][0]["remedy"] = json!("Add a payment method in Meta's WhatsApp manager.");
    assert_eq!(world.get("member-a", "/v1/tasks").await.json(), expected);
    let senders = world.get("member-a", "/v1/senders").await.json();
    assert_eq!(senders["senders"][0]["cause"], expected["tasks"][0]["cause"]);
    assert_eq!(world.get("admin-b", "/v1/tasks").await.json(), json!({"tasks": []}));
}

#[tokio::test]
async fn the_statement_is_shown_given_and_kept() {
    let world = World::empty();
    let statement =
        |given: Value| json!({"text": numo_domain::organisation::ATTESTATION_TEXT, "version": 2, "given": given});
    let given = json!({"version": 2, "by": "user_ann", "at": "2026-11-24T06:00:00Z", "authorised_by": "Olivia Owner"});
    assert_eq!(world.get("member-a", "/v1/consent/attestation").await.json(), statement(Value::Null));
    let form = json!({"version": 2, "authorised_by": "Olivia Owner"});
    let answer = world.post("admin-a", "/v1/consent/attestation", &form).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (201, statement(given.clone())));
    assert_eq!(world.get("member-a", "/v1/consent/attestation").await.json(), statement(given));
}

#[tokio::test]
async fn another_version_of_the_statement_cannot_be_agreed_to() {
    let world = World::empty();
    let answer = world.post("admin-a", "/v1/consent/attestation", &json!({"version": 3})).await;
    let message = "the statement in force is version 2";
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "version", "message": message})));
    let form = json!({"version": 2, "authorised_by": "x".repeat(201)});
    let answer = world.post("admin-a", "/v1/consent/attestation", &form).await;
    assert_eq!(answer.error().1["field"], "authorised_by");
}
