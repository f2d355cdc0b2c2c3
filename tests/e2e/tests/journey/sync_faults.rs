//! Xero says "later".

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use numo_e2e::journey::{self, Provider};
use serde::Deserialize;
use serde_json::json;

use crate::world::World;

const RETRY_AFTER_S: i64 = 900;

#[derive(Deserialize)]
struct DueItem {
    at: Timestamp,
    issues: u32,
}

pub(crate) async fn a_rate_limit_postpones_a_sync(world: &mut World) {
    let (owner, connection) = (world.owner(), world.harbour.connection.clone());
    let fault = json!({
        "service": "xero", "path_contains": "/api.xro/2.0/", "kind": "status", "status": 429,
        "retry_after_s": RETRY_AFTER_S, "times": 100,
    });
    world.simulator.add_fault(&fault).await.unwrap();
    let limited = journey::sync_again(&owner, &connection).await.unwrap();
    assert_eq!(limited.failure.as_deref(), Some("minute"), "the limit that was met");
    assert_eq!((limited.invoices_written, limited.contacts_written), (0, 0));
    world.queues.idle().await;
    let due: Vec<DueItem> = world.table.of_org("org_harbour", &format!("DUE#SYNC#{connection}")).await;
    let ended: Timestamp = limited.ended_at.unwrap().parse().unwrap();
    let waits = due[0].at.duration_since(ended);
    assert_eq!((due.len(), due[0].issues, waits), (1, 0, SignedDuration::from_secs(RETRY_AFTER_S)));

    world.simulator.clear_faults().await.unwrap();
    world.simulator.reset_ledger_calls(Provider::Xero).await.unwrap();
    owner.sync(&connection).await.unwrap();
    world.queues.idle().await;
    assert_eq!(world.simulator.ledger_calls(Provider::Xero).await.unwrap(), 0, "a parked ledger is left alone");
    let shown = owner.connections().await.unwrap().remove(0);
    assert_eq!(shown.parked.unwrap()["limit"], "minute", "the owner sees why");

    world.table.set("ORG#org_harbour#", &format!("GATE#{connection}"), "parked_until", "2020-01-01T00:00:00Z").await;
    let again = journey::sync_again(&owner, &connection).await.unwrap();
    assert_eq!(again.failure, None);
    assert!(world.simulator.settle(Duration::from_secs(10)).await.is_ok());
}
