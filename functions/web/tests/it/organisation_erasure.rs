//! Ending the account.

use std::sync::Arc;

use jiff::SignedDuration;
use numo_app::{
    erase_organisation::{
        begin,
        run::{Erasing, ErasurePorts, erase_organisation},
    },
    export::run::ExportPorts,
    job::Work,
    store::due::Claimed,
};
use numo_testkit::{fixed_clock::FixedClock, memory_signup::MemorySignup};
use serde_json::{Value, json};

use crate::{
    client::{request, send},
    seed::{CONNECTION_A, CONNECTION_B, org},
    world::{World, now, number_keys},
};

const PATH: &str = "/v1/organisation/erasure";

/// The worker's turn, some minutes from now.
pub(crate) async fn work(world: &World, minutes: i64) -> Erasing {
    let (at, org) = (now() + SignedDuration::from_mins(minutes), org("org_a"));
    let claimed = world.store.claim_work(&org, &Work::EraseOrganisation {}, at).await.unwrap();
    let claim = match claimed {
        Claimed::Claimed { claim, .. } => claim,
        Claimed::Lost => panic!("it is not due"),
    };
    let (waker, clock) = (world.waker.clone(), Arc::new(FixedClock::at(at)));
    let ports = ErasurePorts {
        exports: ExportPorts { waker: waker.clone(), bucket: world.bucket.clone(), clock: clock.clone() },
        waker,
        vault: world.vault.clone(),
        signup: MemorySignup::new(),
        organisations: world.people.clone(),
        number_keys: number_keys(),
        clock,
    };
    erase_organisation(&ports, &org, claim, at + SignedDuration::from_mins(5)).await.unwrap()
}

#[tokio::test]
async fn an_admin_who_types_the_name_ends_the_account_and_may_take_it_back_for_a_week() {
    let world = World::with_two_organisations().await;
    let before = world.get("member-a", PATH).await.json();
    assert_eq!((&before["state"], &before["begins_at"]), (&json!("none"), &Value::Null));
    let answer = world.post("admin-a", PATH, &json!({"confirm": "Harbour Lane"})).await.json();
    let told = [&answer["state"], &answer["asked_at"], &answer["asked_by"], &answer["begins_at"]];
    let now_is = now().to_string();
    assert_eq!(told, [&json!("asked"), &json!(now_is), &json!("user_ann"), &json!("2026-12-01T06:00:00Z")]);
    assert_eq!(world.get("member-a", PATH).await.json(), answer);
    // Nothing goes out, and nobody lifts that.
    let organisation = world.get("member-a", "/v1/organisation").await.json();
    assert_eq!((&organisation["paused"], &organisation["paused_by"]), (&json!(true), &json!("member")));
    let go_on = json!({"paused": false});
    let message = "everything of the organisation is to be erased; an admin may withdraw that";
    let refused = (409, json!({"code": "conflict", "message": message}));
    assert_eq!(world.put("admin-a", "/v1/organisation/pause", &go_on).await.error(), refused);
    assert!(
        world
            .store
            .holds_claim(&org("org_a"), &Work::EraseOrganisation {}, "2026-12-01T06:00:00Z".parse().unwrap())
            .await
            .unwrap()
    );
    // Taken back, it stays paused until somebody goes on.
    assert_eq!(world.delete("admin-a", PATH).await.json(), before);
    assert_eq!(world.get("member-a", "/v1/organisation").await.json()["paused"], json!(true));
    assert_eq!(world.put("admin-a", "/v1/organisation/pause", &go_on).await.json()["paused"], json!(false));
    let log = world.store.activity(&org("org_a"), 3).await.unwrap();
    let actions: Vec<&str> = log.iter().map(|line| line.activity.action.as_str()).collect();
    assert_eq!(actions, ["everything.resumed", "organisation.erasure_withdrawn", "organisation.erasure_asked"]);
}

#[tokio::test]
async fn who_does_not_name_the_organisation_ends_nothing() {
    let world = World::with_two_organisations().await;
    let before = world.table.items();
    let message = "type the organisation's name as it is shown, or its id";
    for confirm in ["", "harbour lane", "org_b", "Borealis"] {
        let answer = world.post("admin-a", PATH, &json!({"confirm": confirm})).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "confirm", "message": message})));
    }
    for form in [json!({}), json!({"confirm": 1}), json!({"confirm": "Harbour Lane", "at": "once"})] {
        assert_eq!(world.post("admin-a", PATH, &form).await.status, 400, "{form}");
    }
    assert!(world.table.items() == before);
}

#[tokio::test]
async fn once_it_has_begun_nothing_is_written_any_more_and_it_cannot_be_taken_back() {
    let world = World::with_calls(600);
    world.seed("org_a", CONNECTION_A, "Acme Trading").await;
    world.seed("org_b", CONNECTION_B, "Borealis").await;
    world.post("admin-a", PATH, &json!({"confirm": "org_a"})).await;
    let seen = world.store.organisation_erasure(&org("org_a")).await.unwrap().unwrap();
    assert!(!seen.value.has_begun());
    begin(&world.store, &org("org_a"), now()).await.unwrap();
    // Its time has come, and the worker may begin in this moment.
    let begun = (409, json!({"code": "conflict", "message": "the erasure has begun and cannot be withdrawn any more"}));
    assert_eq!(world.delete("admin-a", PATH).await.error(), begun);
    assert_eq!(work(&world, 0).await, Erasing::Waits);
    // Calls that were taken before are made.
    world.clock.advance(SignedDuration::from_mins(1));
    let refused = (409, json!({"code": "conflict", "message": "this organisation is being erased"}));
    let before = world.table.items();
    for (path, body) in [("/v1/organisation/ramp", json!({"per_day": 9})), ("/v1/me/digest", json!({"digest": false}))]
    {
        assert_eq!(world.put("admin-a", path, &body).await.error(), refused, "{path}");
    }
    assert_eq!(world.get("admin-a", PATH).await.json()["state"], "under_way");
    assert_eq!(world.get("admin-a", "/v1/customers").await.status, 200);
    assert!(world.table.items() == before);
    assert_eq!(world.put("admin-b", "/v1/organisation/pause", &json!({"paused": true})).await.status, 200);
}

#[tokio::test]
async fn whoever_has_the_code_sees_the_certificate_and_no_name_in_it() {
    let world = World::with_two_organisations().await;
    let answer = world.post("admin-a", PATH, &json!({"confirm": "org_a"})).await.json();
    let path = answer["certificate"].as_str().unwrap().split_once("/data-deletion/").unwrap().1.to_owned();
    let path = format!("/data-deletion/{path}");
    assert_eq!(send(&world.router, request("GET", &path, None)).await.status, 404, "it is not done yet");
    begin(&world.store, &org("org_a"), now()).await.unwrap();
    let turns = [work(&world, 0).await, work(&world, 20).await, work(&world, 40).await];
    assert_eq!(turns, [Erasing::Waits, Erasing::Waits, Erasing::Done]);
    let page = send(&world.router, request("GET", &path, None)).await;
    assert_eq!(page.status, 200);
    for said in ["An organisation was erased", "2026-11-24T06:40:00Z", "invoice (", "Every provider was told"] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    assert!(!page.text.contains("org_a") && !page.text.contains("Harbour"), "{}", page.text);
    assert_eq!(world.get("admin-a", PATH).await.json()["state"], "done");
    assert!(
        world
            .table
            .items()
            .iter()
            .all(|item| !item.key.pk.contains("ORG#org_a#") || item.key.pk.starts_with("FORGET#"))
    );
}
