use numo_app::store::task::TaskAbout;
use numo_domain::{contact::ContactRef, customer_file::CustomerFile, language::Language};
use serde_json::{Value, json};

use crate::{
    seed::{ATTEMPT_A, CONNECTION_A, at, contact_ref, org},
    world::{World, now},
};

fn path() -> String {
    format!("/v1/customers/{CONNECTION_A}/c-1/file")
}

/// The codes that keep the customer silent in a plan made now.
async fn why_silent(world: &World) -> Vec<String> {
    let plan = world.get("admin-a", "/v1/plan").await.json();
    let decision = plan["decisions"].as_array().unwrap().iter().find(|d| d["unit"]["contact"] == "c-1").unwrap();
    let reasons = decision["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_decision_about_a_customer_shows_in_the_plan_and_in_the_activity_until_it_is_lifted() {
    let world = World::with_two_organisations().await;
    let cases: [(Value, &str, Option<Value>, &str); 9] = [
        (
            json!({"edit": "exclude", "reason": "friend"}),
            "excluded",
            Some(json!({"edit": "include"})),
            "customer.excluded",
        ),
        (
            json!({"edit": "snooze", "until": "2026-12-01"}),
            "snoozed",
            Some(json!({"edit": "snooze", "until": null})),
            "customer.snoozed",
        ),
        (
            json!({"edit": "hold", "on": "2026-11-24"}),
            "held_by_hand",
            Some(json!({"edit": "hold", "on": null})),
            "customer.held",
        ),
        (
            json!({"edit": "move", "to": "2026-11-26"}),
            "held_by_hand",
            Some(json!({"edit": "move", "to": null})),
            "reminder.moved",
        ),
        (
            json!({"edit": "promise", "date": "2026-11-27"}),
            "promise_open",
            Some(json!({"edit": "withdraw_promise", "number": 1})),
            "promise.noted",
        ),
        (
            json!({"edit": "open_dispute", "invoice": "i-1", "reason": "wrong goods"}),
            "dispute_open",
            Some(json!({"edit": "close_dispute", "invoice": "i-1"})),
            "dispute.opened",
        ),
        (json!({"edit": "handled"}), "", None, "customer.handled"),
        (json!({"edit": "confirm_number"}), "", None, "customer.number_confirmed"),
        (json!({"edit": "try_again"}), "", None, "customer.tried_again"),
    ];
    for (edit, code, lift, action) in cases {
        let answer = world.post("admin-a", &path(), &edit).await;
        assert_eq!(answer.status.as_u16(), 200, "{edit}: {}", answer.text);
        let expected: Vec<&str> = if code.is_empty() { Vec::new() } else { vec![code] };
        assert_eq!(why_silent(&world).await, expected, "{edit}");
        let activity = world.get("admin-a", "/v1/activity").await.json();
        assert_eq!(activity["activity"][0]["action"], action, "{activity}");
        if let Some(lift) = lift {
            assert_eq!(world.post("admin-a", &path(), &lift).await.status.as_u16(), 200, "{lift}");
            assert_eq!(why_silent(&world).await, Vec::<String>::new(), "{lift}");
        }
    }
}

#[tokio::test]
async fn whoever_handles_what_a_customer_wrote_leaves_nothing_of_it_to_be_read() {
    let world = World::with_two_organisations().await;
    let wrote = |file: &mut CustomerFile| {
        file.waits_to_be_read(at("2026-11-23T05:00:00Z"));
        file.waits_to_be_read(at("2026-11-24T05:00:00Z"));
    };
    let customer = contact_ref(CONNECTION_A, "c-1");
    world.store.change_customer_file(&org("org_a"), &customer, now(), wrote).await.unwrap();
    assert_eq!(why_silent(&world).await, ["inbound_unread"]);
    world.post("admin-a", &path(), &json!({"edit": "handled"})).await;
    let file = world.store.customer_file(&org("org_a"), &customer).await.unwrap();
    assert_eq!(file, CustomerFile { released_at: Some(now()), ..CustomerFile::default() });
}

#[tokio::test]
async fn a_bad_edit_names_its_field_and_changes_nothing() {
    let world = World::with_two_organisations().await;
    for (edit, status, field) in [
        (json!({"edit": "exclude", "reason": " "}), 400, "reason"),
        (json!({"edit": "snooze", "until": "2026-11-24"}), 400, "until"),
        (json!({"edit": "hold", "on": "2026-11-23"}), 400, "on"),
        (json!({"edit": "move", "to": "2026-11-24"}), 400, "to"),
        (json!({"edit": "move", "to": "2026-12-26"}), 400, "to"),
        (json!({"edit": "promise", "date": "2026-11-23"}), 400, "date"),
        (json!({"edit": "promise", "date": "2026-11-27", "invoices": ["i-9"]}), 400, "invoices"),
        (json!({"edit": "open_dispute", "invoice": "i-9", "reason": "x"}), 400, "invoice"),
    ] {
        let answer = world.post("admin-a", &path(), &edit).await;
        let told = (answer.status.as_u16(), answer.json()["error"]["field"].clone());
        assert_eq!(told, (status, json!(field)), "{edit}: {}", answer.text);
    }
    for unknown in
        [json!({"edit": "withdraw_promise", "number": 9}), json!({"edit": "close_dispute", "invoice": "i-1"})]
    {
        assert_eq!(world.post("admin-a", &path(), &unknown).await.status.as_u16(), 404, "{unknown}");
    }
    let file = world.get("member-a", &path()).await.json();
    assert_eq!((&file["exclusion"], &file["promises"], &file["disputes"]), (&Value::Null, &json!([]), &json!({})));
}

#[tokio::test]
async fn the_file_of_an_unknown_customer_is_not_there() {
    let world = World::with_two_organisations().await;
    let unknown = format!("/v1/customers/{CONNECTION_A}/c-99/file");
    assert_eq!(world.get("member-a", &unknown).await.status.as_u16(), 404);
    assert_eq!(world.post("admin-a", &unknown, &json!({"edit": "handled"})).await.status.as_u16(), 404);
}

#[tokio::test]
async fn whoever_has_a_number_tried_again_settles_the_task_about_this_customer_alone() {
    let world = World::with_two_organisations().await;
    let claimed = world.claim(ATTEMPT_A, 2, "2026-11-20T05:00:00Z").await.key.contact;
    let others = ContactRef { contact: "c-99".parse().unwrap(), ..claimed.clone() };
    let (org, now) = (org("org_a"), crate::world::now());
    for customer in [claimed.clone(), others.clone()] {
        world.store.open_task(&org, TaskAbout::UndeliveredTwice(customer.clone()), now).await.unwrap();
        world.store.open_task(&org, TaskAbout::NotOnWhatsapp(customer), now).await.unwrap();
    }
    assert_eq!(world.post("admin-a", &path(), &json!({"edit": "try_again"})).await.status.as_u16(), 200);
    let left: Vec<TaskAbout> = world.store.tasks(&org).await.unwrap().into_iter().map(|task| task.about).collect();
    assert_eq!(left, [TaskAbout::NotOnWhatsapp(others.clone()), TaskAbout::UndeliveredTwice(others)]);
    let file = world.get("member-a", &path()).await.json();
    assert_eq!(file["tried_again_on"], json!("2026-11-24"));
}

#[tokio::test]
async fn a_language_that_a_customer_writes_in_is_suggested_until_somebody_chooses_one() {
    let world = World::with_two_organisations().await;
    let customer = contact_ref(CONNECTION_A, "c-1");
    let suggested = async || world.get("member-a", &path()).await.json().get("suggested_language").cloned();
    for (heard, expected) in [(1, None), (2, Some(json!("es")))] {
        let hears = |file: &mut CustomerFile| file.hears(Language::Spanish);
        world.store.change_customer_file(&org("org_a"), &customer, now(), hears).await.unwrap();
        assert_eq!(suggested().await, expected, "{heard}");
    }
    // The organisation writes in that language by now.
    world.put("admin-a", "/v1/organisation/language", &json!({"language": "es"})).await;
    assert_eq!(suggested().await, None);
    world.put("admin-a", "/v1/organisation/language", &json!({"language": "de"})).await;
    assert_eq!(suggested().await, Some(json!("es")));
    let edited = world.post("admin-a", &path(), &json!({"edit": "write_in", "language": "de"})).await;
    assert_eq!((edited.status.as_u16(), suggested().await), (200, None));
}
