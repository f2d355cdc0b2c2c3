//! Two organisations side by side: neither sees or touches the other.

use serde_json::{Value, json};

use crate::{
    access::routes,
    client::{send, signed},
    exports::EXPORT_A,
    library::PLACE,
    seed::{ATTEMPT_A, CONNECTION_A},
    send_now::{MANUAL_A, MANUAL_B},
    test_messages::TEST_A,
    world::World,
};

async fn interleaved() -> World {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    world.ask_for_a_reminder(MANUAL_A).await;
    world.ask_for_a_test(TEST_A).await;
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    world.tell("org_a").await;
    world.choose_library_text().await;
    world.export().await;
    world.table.take_counts();
    world
}

#[tokio::test]
async fn case_57_an_id_of_another_organisation_is_answered_like_one_that_does_not_exist() {
    let world = interleaved().await;
    let nowhere = "018f0000-0000-7000-8000-00000000ffff";
    let consent = json!({"state": "opted_out", "reason": "by phone"});
    let confirmed = json!({"confirm": "Acme Trading"});
    let wanted = crate::send_now::wanted(MANUAL_B, "x");
    let resolution = json!({"went_out": true});
    let number = json!({"number": "050 765 4321"});
    let answer = json!({"id": ATTEMPT_A, "text": "Hello"});
    let notice = crate::notices::seen("100");
    let probes: [(&str, [String; 2], Option<&Value>); 27] = [
        ("GET", ["key-c-1", "key-9"].map(|number| format!("/v1/conversations/{number}/200")), None),
        ("POST", ["key-c-1", "key-9"].map(|number| format!("/v1/conversations/{number}/200/answers")), Some(&answer)),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/send-now?currency=AED")), None),
        ("POST", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/send-now")), Some(&wanted)),
        ("GET", [MANUAL_A, nowhere].map(|id| format!("/v1/manual-sends/{id}")), None),
        ("GET", [TEST_A, nowhere].map(|id| format!("/v1/test-messages/{id}")), None),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/connections/{id}")), None),
        ("DELETE", [CONNECTION_A, nowhere].map(|id| format!("/v1/connections/{id}")), None),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/connections/{id}/syncs")), None),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/connections/{id}/unreadable")), None),
        ("POST", [CONNECTION_A, nowhere].map(|id| format!("/v1/connections/{id}/sync")), None),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/number")), None),
        ("PUT", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/number")), Some(&number)),
        ("DELETE", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/number")), None),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/consent")), None),
        ("POST", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/consent")), Some(&consent)),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/erasure")), None),
        ("POST", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/erasure")), Some(&confirmed)),
        ("GET", [CONNECTION_A, nowhere].map(|id| format!("/v1/invoices/{id}/i-1")), None),
        ("GET", [EXPORT_A, nowhere].map(|id| format!("/v1/exports/{id}")), None),
        ("POST", [CONNECTION_A, nowhere].map(|id| format!("/v1/customers/{id}/c-1/export")), None),
        ("GET", ["2026-11-24", "2026-11-25"].map(|date| format!("/v1/plans/{date}")), None),
        (
            "POST",
            ["2026-11-24", "2026-11-25"].map(|date| format!("/v1/plans/{date}/approve")),
            Some(&json!({"generation": 1})),
        ),
        ("GET", [ATTEMPT_A, nowhere].map(|id| format!("/v1/reminders/{id}")), None),
        ("POST", [ATTEMPT_A, nowhere].map(|id| format!("/v1/reminders/{id}/resolve")), Some(&resolution)),
        ("DELETE", [PLACE.to_owned(), PLACE.replace("/en", "/de")], None),
        ("POST", ["/v1/tasks/seen"; 2].map(str::to_owned), Some(&notice)),
    ];
    for (method, [foreign, absent], body) in probes {
        let foreign = send(&world.router, signed("admin-b", method, &foreign, body)).await.error();
        let absent = send(&world.router, signed("admin-b", method, &absent, body)).await.error();
        assert_eq!(foreign.0, 404, "{method} {foreign:?}");
        assert_eq!(foreign, absent);
    }
    assert_eq!(world.table.counts().items_written, 0);
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn case_57_an_imported_opt_in_of_another_organisations_customer_is_that_of_an_unknown_one() {
    let world = interleaved().await;
    for connection in [CONNECTION_A, "018f0000-0000-7000-8000-00000000ffff"] {
        let mut row = crate::opt_ins::opt_in();
        row["connection"] = json!(connection);
        let answer = world.post("admin-b", "/v1/consent/opt-ins", &json!({"opt_ins": [row]})).await;
        let message = "there is no customer c-1 in this connection";
        let refused = json!({"row": 0, "outcome": "refused", "field": "contact", "message": message});
        assert_eq!(answer.json()["rows"], json!([refused]));
    }
    assert_eq!(world.table.counts().items_written, 0);
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn case_57_an_imported_number_of_another_organisations_customer_is_that_of_an_unknown_one() {
    let world = interleaved().await;
    for connection in [CONNECTION_A, "018f0000-0000-7000-8000-00000000ffff"] {
        let mut row = crate::numbers::row("c-1", "050 765 4321");
        row["connection"] = json!(connection);
        let answer = world.post("admin-b", "/v1/customers/numbers", &json!({"numbers": [row]})).await;
        let message = "there is no customer c-1 in this connection";
        let refused = json!({"row": 0, "outcome": "refused", "field": "contact", "message": message});
        assert_eq!(answer.json()["rows"], json!([refused]));
    }
    assert_eq!(world.table.counts().items_written, 0);
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn no_listing_shows_anything_of_the_other_organisation() {
    let world = interleaved().await;
    for (method, path, _) in routes().into_iter().filter(|(method, ..)| *method == "GET") {
        let answer = send(&world.router, signed("admin-b", method, &path, None)).await;
        for foreign in ["Acme", CONNECTION_A, ATTEMPT_A, "org_a", "+971•••••33", "numo_library"] {
            assert!(!answer.text.contains(foreign), "{path} shows {foreign}");
        }
    }
    let ahead = world.part_at("/plan/ahead", "admin-b").await;
    assert!(ahead.text.contains("Borealis") && !ahead.text.contains("Acme"));
}

#[tokio::test]
async fn what_one_organisation_changes_stays_as_it_was_in_the_other() {
    let world = interleaved().await;
    let before = world.get("admin-b", "/v1/organisation").await.json();
    let plan = world.get("admin-b", "/v1/plan").await.json();
    world.put("admin-a", "/v1/organisation/pause", &json!({"paused": true})).await;
    let only = json!({"explicit_opt_in_only": true});
    world.put("admin-a", "/v1/organisation/explicit-opt-in-only", &only).await;
    world.put("admin-a", "/v1/policies/default", &crate::policies::edit()).await;
    assert_eq!(world.get("admin-b", "/v1/organisation").await.json(), before);
    assert_eq!(world.get("admin-b", "/v1/plan").await.json(), plan);
    let jobs: Vec<String> = world.queue.jobs().iter().map(|job| job.org.to_string()).collect();
    assert_eq!(jobs, ["org_a", "org_a"]);
}
