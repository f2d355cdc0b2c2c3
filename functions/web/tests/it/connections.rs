use jiff::SignedDuration;
use numo_app::{
    job::Work,
    port::ledger::{LedgerError, Limit},
    store::sync::{SyncKind, SyncRun},
    sync_connection::Synced,
};
use numo_domain::{
    connection::{ConnectionStatus, LedgerProvider},
    id::ConnectionId,
};
use serde_json::{Value, json};

use crate::{
    client::{send, signed},
    ledger::skipped,
    seed::{CONNECTION_A, CONNECTION_B, at, org},
    world::{World, now},
};

fn connection_a() -> ConnectionId {
    CONNECTION_A.parse().unwrap()
}

/// What is shown of a run that has read something.
fn shown(run: &SyncRun) -> Value {
    json!({
        "id": run.id, "kind": run.kind, "started_at": run.started_at, "ended_at": null, "calls": 4,
        "contacts_read": 3, "contacts_written": 2, "invoices_read": 5, "invoices_written": 4, "money_read": 7,
        "money_written": 6, "left_out": 0, "skipped": 0, "skipped_rows": [], "failure": null,
    })
}

async fn run(world: &World, number: u32) -> SyncRun {
    let id = format!("018f0000-0000-7000-8000-0000000000{number:02}").parse().unwrap();
    let kind = if number == 1 { SyncKind::First } else { SyncKind::Changes };
    let run = SyncRun {
        calls: 4,
        contacts_read: 3,
        contacts_written: 2,
        invoices_read: 5,
        invoices_written: 4,
        money_read: 7,
        money_written: 6,
        ..SyncRun::begun(id, connection_a(), kind, at("2026-11-24T05:00:00Z"))
    };
    world.store.save_sync_run(&org("org_a"), &run, now()).await.unwrap();
    run
}

#[tokio::test]
async fn connections_are_listed_with_their_latest_run_and_what_can_be_connected() {
    let world = World::with_two_organisations().await;
    let connection = |run: Value| {
        json!({
            "id": CONNECTION_A, "provider": "xero", "name": "Harbour Lane Books", "status": "active", "parked": null,
            "is_demo_company": false, "connected_at": "2026-11-01T08:00:00Z", "consent_ends_at": null,
            "own_reminders": null, "sender": null, "last_payment_on": null, "last_synced_at": "2026-11-24T05:00:00Z",
            "last_run": run,
        })
    };
    let listed = |run: Value| {
        json!({
            "connections": [connection(run)],
            "available": [
                {"provider": "xero", "start_url": "https://numo.example/oauth/xero/start"},
                {"provider": "quickbooks", "start_url": "https://numo.example/oauth/quickbooks/start"},
            ],
        })
    };
    assert_eq!(world.get("member-a", "/v1/connections").await.json(), listed(Value::Null));
    run(&world, 1).await;
    let newest = run(&world, 2).await;
    assert_eq!(world.get("member-a", "/v1/connections").await.json(), listed(shown(&newest)));
    let path = format!("/v1/connections/{CONNECTION_A}");
    assert_eq!(world.get("member-a", &path).await.json(), connection(shown(&newest)));
}

#[tokio::test]
async fn a_connection_of_quickbooks_shows_its_consents_end_and_the_ledgers_own_reminders() {
    let world = World::with_two_organisations().await;
    world
        .store
        .change_connection(&org("org_a"), connection_a(), now(), |connection| {
            connection.provider = LedgerProvider::Quickbooks;
            connection.status = ConnectionStatus::Suspended;
            connection.consent_ends_at = Some(at("2031-11-01T08:00:00Z"));
            connection.own_reminders = Some(true);
            connection.last_payment_on = "2026-11-19".parse().ok();
        })
        .await
        .unwrap();
    let shown = world.get("member-a", &format!("/v1/connections/{CONNECTION_A}")).await.json();
    let expected = json!({
        "id": CONNECTION_A, "provider": "quickbooks", "name": "Harbour Lane Books", "status": "suspended",
        "parked": null, "is_demo_company": false, "connected_at": "2026-11-01T08:00:00Z",
        "consent_ends_at": "2031-11-01T08:00:00Z", "own_reminders": true, "sender": null,
        "own_reminders_warning": "The ledger sends reminders of its own as well, so customers may get both.",
        "last_payment_on": "2026-11-19", "last_synced_at": "2026-11-24T05:00:00Z", "last_run": null,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_parked_connection_says_until_when_and_which_limit_was_reached() {
    let world = World::with_two_organisations().await;
    let retry_after = Some(SignedDuration::from_hours(3));
    let limited = LedgerError::RateLimited { limit: Limit::Day, retry_after };
    assert_eq!(world.sync(|held| held.refusals.push_back(limited)).await, Synced::Postponed);
    let shown = world.get("member-a", &format!("/v1/connections/{CONNECTION_A}")).await.json();
    assert_eq!(shown["parked"], json!({"until": "2026-11-24T09:00:00Z", "limit": "day"}));
    assert_eq!((&shown["status"], &shown["last_run"]["failure"]), (&json!("active"), &json!("day")));
}

#[tokio::test]
async fn a_connection_held_back_by_numos_own_limit_says_so_although_its_own_calls_are_not_used_up() {
    let world = World::with_two_organisations().await;
    let limited = LedgerError::RateLimited { limit: Limit::App, retry_after: Some(SignedDuration::from_secs(40)) };
    assert_eq!(world.sync(|held| held.refusals.push_back(limited)).await, Synced::Postponed);
    let parked = json!({"until": "2026-11-24T06:00:40Z", "limit": "app"});
    let shown = world.get("member-a", &format!("/v1/connections/{CONNECTION_A}")).await.json();
    assert_eq!(shown["parked"], parked);
    let others = world.get("admin-b", "/v1/connections").await.json();
    assert_eq!(others["connections"][0]["parked"], parked, "the limit is everybody's");
    let page = world.page_at("/connections", Some("member-a")).await.text;
    assert!(page.contains("because Numo&#39;s calls to this accounting system are used up"), "{page}");
}

#[tokio::test]
async fn runs_are_listed_newest_first() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/connections/{CONNECTION_A}/syncs");
    assert_eq!(world.get("member-a", &path).await.json(), json!({"syncs": []}));
    let mut runs = Vec::new();
    for number in 1..=21 {
        runs.push(run(&world, number).await);
    }
    let newest: Vec<Value> = runs.iter().rev().map(shown).collect();
    assert_eq!(world.get("member-a", &path).await.json(), json!({ "syncs": newest }));
}

#[tokio::test]
async fn records_that_cannot_be_read_are_listed_until_they_can() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/connections/{CONNECTION_A}/unreadable");
    assert_eq!(world.get("member-a", &path).await.json(), json!({"unreadable": []}));
    world.sync(|held| held.skipped = vec![skipped("i-7", Some("INV-7")), skipped("i-8", None)]).await;
    let record = |id: &str, number: Value| {
        let reason = "CurrencyCode: missing";
        json!({"kind": "invoice", "id": id, "number": number, "reason": reason})
    };
    let expected = json!({"unreadable": [record("i-7", json!("INV-7")), record("i-8", Value::Null)]});
    assert_eq!(world.get("member-a", &path).await.json(), expected);
    let other = format!("/v1/connections/{CONNECTION_B}/unreadable");
    assert_eq!(world.get("admin-b", &other).await.json(), json!({"unreadable": []}));
}

#[tokio::test]
async fn a_sync_is_queued_for_the_connection() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/connections/{CONNECTION_A}/sync");
    let answer = send(&world.router, signed("admin-a", "POST", &path, None)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({"status": "queued"})));
    let jobs: Vec<_> = world.queue.take().into_iter().map(|job| (job.org, job.work)).collect();
    assert_eq!(jobs, [(org("org_a"), Work::SyncConnection { connection: connection_a() })]);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_not_queued() {
    let world = World::with_two_organisations().await;
    let cases = [
        (ConnectionStatus::ReauthRequired, "reauth_required", "the connection has to be renewed"),
        (ConnectionStatus::Disconnected, "conflict", "the ledger is disconnected"),
    ];
    for (status, code, message) in cases {
        let change = |connection: &mut numo_domain::connection::Connection| connection.status = status;
        world.store.change_connection(&org("org_a"), connection_a(), now(), change).await.unwrap();
        let path = format!("/v1/connections/{CONNECTION_A}/sync");
        let answer = send(&world.router, signed("admin-a", "POST", &path, None)).await;
        assert_eq!(answer.error(), (409, json!({"code": code, "message": message})));
    }
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn a_failing_queue_is_an_outage_of_ours() {
    let world = World::with_two_organisations().await;
    world.queue.fail();
    let path = format!("/v1/connections/{CONNECTION_A}/sync");
    let answer = send(&world.router, signed("admin-a", "POST", &path, None)).await;
    assert_eq!(answer.error(), (503, json!({"code": "aws_unavailable", "message": "the platform is unavailable"})));
}

#[tokio::test]
async fn a_disconnected_ledger_stays_in_the_list_and_the_provider_is_told_by_a_job() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/connections/{CONNECTION_A}");
    let answer = world.delete("admin-a", &path).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({"status": "disconnected"})));
    let jobs: Vec<_> = world.queue.take().into_iter().map(|job| (job.org, job.work)).collect();
    assert_eq!(jobs, [(org("org_a"), Work::UnlinkConnection { connection: connection_a() })]);
    assert_eq!(world.get("member-a", &path).await.json()["status"], "disconnected");
    assert_eq!(world.delete("admin-a", &path).await.status, 202, "doing it again changes nothing");
    assert!(world.queue.jobs().is_empty());
    let activity = world.get("member-a", "/v1/activity").await.json();
    assert_eq!(activity["activity"][0]["action"], "connection.ended");
}

#[tokio::test]
async fn an_admin_says_which_number_writes_to_a_ledgers_customers() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/connections/{CONNECTION_A}/sender");
    for (before, phone_number_id) in [(Value::Null, json!("200")), (json!("200"), Value::Null)] {
        let answer = world.put("admin-a", &path, &json!({"phone_number_id": phone_number_id})).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["sender"]), (200, &phone_number_id));
        let latest = &world.get("admin-a", "/v1/activity").await.json()["activity"][0];
        let detail = json!({"connection": CONNECTION_A, "before": before, "after": phone_number_id});
        assert_eq!((&latest["action"], &latest["detail"]), (&json!("connection.sender_changed"), &detail));
    }
    let form = json!({"phone_number_id": "201"});
    let unknown = json!({"code": "invalid", "field": "phone_number_id", "message": "this number is not connected"});
    assert_eq!(world.put("admin-a", &path, &form).await.error(), (400, unknown));
    assert_eq!(world.put("admin-a", &path, &json!({})).await.status.as_u16(), 400);
    assert_eq!(world.put("member-a", &path, &form).await.status.as_u16(), 403);
    assert_eq!(world.put("admin-b", &path, &form).await.status.as_u16(), 404);
}
