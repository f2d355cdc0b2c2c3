//! Exports by the API: who asks, what is answered, and for how long there is a link.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    export::run::{ExportPorts, Exporting, make_export},
    job::Work,
    port::clock::Clock as _,
    store::due::Claimed,
};
use numo_domain::id::ExportId;
use numo_testkit::fixed_clock::FixedClock;
use serde_json::{Value, json};

use crate::{
    client::{request, send},
    seed::{CONNECTION_A, contact_ref, org},
    world::{World, now},
};

/// The export of organisation A.
pub(crate) const EXPORT_A: &str = "018f0000-0000-7000-8000-0000000000e1";

impl World {
    /// Ann has everything of organisation A exported.
    pub(crate) async fn export(&self) {
        let (id, by) = (EXPORT_A.parse().unwrap(), "user_ann".parse().unwrap());
        numo_app::export::ask_for_export(&self.waker, (&org("org_a"), &by), (id, None), now()).await.unwrap();
        self.queue.take();
        assert_eq!(self.make(id, now() + SignedDuration::from_mins(6)).await, Exporting::Ready);
    }

    /// The worker's turn.
    async fn make(&self, id: ExportId, at: Timestamp) -> Exporting {
        let claimed = self.store.claim_work(&org("org_a"), &Work::Export { id }, at).await.unwrap();
        let Claimed::Claimed { claim, .. } = claimed else { panic!("it is not due") };
        let (waker, clock) = (self.waker.clone(), Arc::new(FixedClock::at(at)));
        let ports = ExportPorts { waker, bucket: self.bucket.clone(), clock };
        make_export(&ports, (&org("org_a"), id), claim, at + SignedDuration::from_mins(5)).await.unwrap()
    }
}

/// Without what differs from export to export.
fn told(mut view: Value) -> Value {
    let view = view.as_object_mut().unwrap();
    view.remove("id");
    view.remove("items");
    json!(view)
}

#[tokio::test]
async fn an_admin_asks_waits_and_gets_a_link_that_lives_for_a_quarter_of_an_hour() {
    let world = World::with_two_organisations().await;
    let answer = world.post("admin-a", "/v1/exports", &json!({})).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let asked = answer.json();
    let expected = json!({
        "customer": null, "asked_by": "user_ann", "asked_at": now(), "state": "asked", "why": null, "ready_at": null,
        "goes_at": null, "archives": [],
    });
    assert_eq!(told(asked.clone()), expected);
    let jobs: Vec<&'static str> = world.queue.take().iter().map(|job| job.work.name()).collect();
    assert_eq!(jobs, ["export.v1"]);
    let id = asked["id"].as_str().unwrap();
    let path = format!("/v1/exports/{id}");
    assert_eq!(world.get("admin-a", &path).await.json(), asked);
    let at = now() + SignedDuration::from_mins(6);
    world.make(id.parse().unwrap(), at).await;
    world.clock.advance(SignedDuration::from_mins(7));
    let ready = world.get("admin-a", &path).await.json();
    let archive = &ready["archives"][0];
    let (size, hash) = (archive["size"].as_u64().unwrap(), archive["sha256"].as_str().unwrap());
    assert_eq!(
        (usize::try_from(size).unwrap(), hash.len()),
        (world.bucket.objects().values().next().unwrap().len(), 64)
    );
    let link = format!(
        "https://bucket.example/exports/org_a/{id}/1.zip?file=numo-export-{id}-1.zip&from={}&seconds=900",
        world.clock.now()
    );
    assert_eq!((&archive["link"], &archive["link_ends_at"]), (&json!(link), &json!("2026-11-24T06:22:00Z")));
    let rest = [&ready["state"], &ready["ready_at"], &ready["goes_at"], &ready["items"]["invoices"]];
    assert_eq!(rest, [&json!("ready"), &json!(at), &json!("2026-12-01T06:06:00Z"), &json!(1)]);
    let actions: Vec<Value> = world.get("admin-a", "/v1/activity?action=export").await.json()["activity"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].clone())
        .collect();
    assert_eq!(actions.len(), 3);
    assert!(["export.asked", "export.made", "export.link_taken"].iter().all(|action| actions.contains(&json!(action))));
    // A listing has no links.
    let listed = world.get("admin-a", "/v1/exports").await.json();
    assert_eq!(listed["exports"][0]["archives"], json!([{"size": size, "sha256": hash}]));
    world.clock.advance(SignedDuration::from_hours(7 * 24));
    let gone = world.get("admin-a", &path).await.json();
    assert_eq!((&gone["state"], &gone["archives"][0]["link"]), (&json!("gone"), &Value::Null));
}

#[tokio::test]
async fn a_second_one_has_to_wait_and_one_of_a_customer_is_asked_for_in_the_same_way() {
    let world = World::with_two_organisations().await;
    world.post("admin-a", "/v1/exports", &json!({})).await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/export");
    let message = "an export is being made: ask for the next one when it is ready";
    let refused = (409, json!({"code": "conflict", "message": message}));
    assert_eq!(world.post("admin-a", &path, &json!({})).await.error(), refused);
    // Another organisation does not wait.
    assert_eq!(world.post("admin-b", "/v1/exports", &json!({})).await.status, 202);
    let other = World::with_two_organisations().await;
    let asked = other.post("admin-a", &path, &json!({})).await.json();
    assert_eq!(asked["customer"], json!(contact_ref(CONNECTION_A, "c-1")));
    let unknown = other.post("admin-a", &format!("/v1/customers/{CONNECTION_A}/c-9/export"), &json!({})).await;
    assert_eq!(unknown.error(), (404, json!({"code": "not_found", "message": "customer not found"})));
}

#[tokio::test]
async fn a_request_with_a_key_asks_once() {
    let world = World::with_two_organisations().await;
    let ask = || {
        let mut asked = crate::client::signed("admin-a", "POST", "/v1/exports", None);
        asked.headers_mut().insert("idempotency-key", "k-1".parse().unwrap());
        asked
    };
    let first = send(&world.router, ask()).await;
    assert_eq!((first.status.as_u16(), send(&world.router, ask()).await.json()), (202, first.json()));
    assert_eq!(world.queue.take().len(), 1);
    assert_eq!(send(&world.router, request("POST", "/v1/exports", None)).await.status, 401);
}

#[tokio::test]
async fn after_ten_of_a_day_the_answer_says_when_the_next_one_may_be_asked_for() {
    let world = World::with_two_organisations().await;
    for _ in 0..10 {
        let asked = world.post("admin-a", "/v1/exports", &json!({})).await.json();
        world.make(asked["id"].as_str().unwrap().parse().unwrap(), now() + SignedDuration::from_mins(6)).await;
    }
    let message = "Ten exports were asked for within a day. The next allowed time is 2026-11-25T06:00:00Z.";
    let refused = (409, json!({"code": "not_now", "message": message}));
    assert_eq!(world.post("admin-a", "/v1/exports", &json!({})).await.error(), refused);
}
