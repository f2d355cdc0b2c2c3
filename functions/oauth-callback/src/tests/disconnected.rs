use jiff::SignedDuration;
use numo_app::{
    job::Work,
    store::due::{Claimed, sync_work},
};
use numo_domain::{connection::ConnectionStatus, id::ConnectionId};

use super::fixture::{Fixture, fixture, now, org};

/// A connected company whose first sync is done and whose next one is far away.
async fn connected(fixture: &Fixture) -> ConnectionId {
    fixture.grant(&[("9130", "Gulf Supplies")]);
    let (state, cookie) = fixture.begin("quickbooks", "admin-a").await;
    let query = format!("code=c&state={state}&realmId=9130");
    fixture.get("/oauth/quickbooks/callback", &query, &[&cookie]).await;
    let job = fixture.queue.take().remove(0);
    let Work::SyncConnection { connection } = job.work else { panic!("{:?}", job.work) };
    let tomorrow = now() + SignedDuration::from_hours(24);
    let claim = job.claim.unwrap();
    fixture.store.finish_due(&job.org, &job.work, claim, Some(tomorrow), now()).await.unwrap();
    fixture.ledger.asked();
    connection
}

#[tokio::test]
async fn the_page_ends_nothing_by_itself_and_brings_the_next_look_at_the_ledger_forward() {
    let fixture = fixture();
    let connection = connected(&fixture).await;
    let (before, work) = (fixture.connections("org_a").await, sync_work(connection));
    assert_eq!(fixture.store.claim_work(&org("org_a"), &work, now()).await.unwrap(), Claimed::Lost);
    let answer = fixture.get("/oauth/quickbooks/disconnect", "realmId=9130", &[]).await;
    assert_eq!(answer.page(), (200, "Disconnected inside QuickBooks"));
    assert!(answer.body.contains("<a href=\"/oauth/quickbooks/reconnect\">Connect QuickBooks again</a>"));
    assert_eq!(fixture.connections("org_a").await, before);
    assert_eq!(before[0].status, ConnectionStatus::Active);
    assert_eq!((fixture.ledger.asked().len(), fixture.queue.take()), (0, Vec::new()));
    // As after any other news of a ledger, once the burst is over.
    let soon = now().checked_add(jiff::SignedDuration::from_secs(20)).unwrap();
    let claimed = fixture.store.claim_work(&org("org_a"), &work, soon).await.unwrap();
    assert!(matches!(claimed, Claimed::Claimed { .. }), "{claimed:?}");
}

#[tokio::test]
async fn the_page_of_an_unknown_company_is_the_same_and_stores_nothing() {
    let fixture = fixture();
    connected(&fixture).await;
    let known = fixture.get("/oauth/quickbooks/disconnect", "realmId=9130", &[]).await;
    let before = fixture.table.items();
    for query in ["realmId=1", "realmId=", "realmId=two%20words", ""] {
        assert_eq!(fixture.get("/oauth/quickbooks/disconnect", query, &[]).await, known, "{query}");
    }
    let of_xero = fixture.get("/oauth/xero/disconnect", "realmId=9130", &[]).await;
    assert_eq!(of_xero.page(), (200, "Disconnected inside Xero"));
    assert_eq!(fixture.table.items(), before);
}
