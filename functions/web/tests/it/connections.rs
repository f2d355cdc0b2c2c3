use numo_app::{
    job::Work,
    store::sync::{SkippedRecord, SyncRun},
};
use serde_json::{Value, json};

use crate::{
    client::{send, signed},
    seed::{CONNECTION_A, at, org},
    world::{World, now},
};

#[tokio::test]
async fn connections_are_listed_with_their_latest_run_and_what_can_be_connected() {
    let world = World::with_two_organisations().await;
    let listed = |run: Value| {
        json!({
            "connections": [{
                "id": CONNECTION_A, "provider": "xero", "name": "Harbour Lane Books", "status": "active",
                "is_demo_company": false, "connected_at": "2026-11-01T08:00:00Z",
                "last_synced_at": "2026-11-24T05:00:00Z", "last_run": run,
            }],
            "available": [{"provider": "xero", "start_url": "https://numo.example/oauth/xero/start"}],
        })
    };
    assert_eq!(world.get("member-a", "/v1/connections").await.json(), listed(Value::Null));
    let run = |second: u32| SyncRun {
        id: format!("018f0000-0000-7000-8000-00000000000{second}").parse().unwrap(),
        connection: CONNECTION_A.parse().unwrap(),
        started_at: at(&format!("2026-11-24T05:00:0{second}Z")),
        ended_at: None,
        first: second == 1,
        contacts_read: 3,
        contacts_written: 2,
        invoices_read: 5,
        invoices_written: 4,
        skipped: 1,
        skipped_rows: vec![SkippedRecord { entity: "invoice".to_owned(), id: None, reason: "no currency".to_owned() }],
        failure: None,
    };
    for second in [1, 2] {
        world.store.save_sync_run(&org("org_a"), &run(second), now()).await.unwrap();
    }
    let newest = json!({
        "started_at": "2026-11-24T05:00:02Z", "ended_at": null, "first": false, "contacts_read": 3,
        "contacts_written": 2, "invoices_read": 5, "invoices_written": 4, "skipped": 1,
        "skipped_rows": [{"entity": "invoice", "id": null, "reason": "no currency"}], "failure": null,
    });
    assert_eq!(world.get("member-a", "/v1/connections").await.json(), listed(newest));
}

#[tokio::test]
async fn a_sync_is_queued_for_the_connection() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/connections/{CONNECTION_A}/sync");
    let answer = send(&world.router, signed("admin-a", "POST", &path, None)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({"status": "queued"})));
    let jobs: Vec<_> = world.queue.take().into_iter().map(|job| (job.org, job.work)).collect();
    assert_eq!(jobs, [(org("org_a"), Work::SyncConnection { connection: CONNECTION_A.parse().unwrap() })]);
}

#[tokio::test]
async fn a_failing_queue_is_an_outage_of_ours() {
    let world = World::with_two_organisations().await;
    world.queue.fail();
    let path = format!("/v1/connections/{CONNECTION_A}/sync");
    let answer = send(&world.router, signed("admin-a", "POST", &path, None)).await;
    assert_eq!(answer.error(), (503, json!({"code": "aws_unavailable", "message": "the platform is unavailable"})));
}
