use jiff::SignedDuration;
use numo_app::{
    disconnect_ledger::{Unlinked, disconnect_ledger, unlink_connection},
    job::Work,
    port::ledger::{LedgerError, Limit},
};
use numo_domain::connection::{Connection, ConnectionStatus};

use super::{
    fixture::{fixture, now, org, tenant},
    *,
};

#[tokio::test]
async fn a_finished_consent_connects_the_ledger_and_begins_its_first_sync() {
    let fixture = fixture();
    fixture.grant(&[("tenant-1", "Palm Trading")]);
    let (answer, _) = fixture.consent("admin-a").await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/")));
    assert_eq!(answer.set_cookie.as_deref(), Some(FORGET));
    assert_eq!(fixture.ledger.asked(), ["exchange c at https://numo.example/oauth/xero/callback"]);
    let connections = fixture.connections("org_a").await;
    let jobs: Vec<Work> = fixture.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(jobs, [Work::SyncConnection { connection: connections[0].id }]);
    assert_eq!(connections.len(), 1);
}

#[tokio::test]
async fn a_company_of_quickbooks_is_connected_by_the_realm_of_the_callback() {
    let fixture = fixture();
    fixture.grant(&[("9130", "Gulf Supplies")]);
    let (state, cookie) = fixture.begin("quickbooks", "admin-a").await;
    let query = format!("code=c&state={state}&realmId=9130");
    let answer = fixture.get("/oauth/quickbooks/callback", &query, &[&cookie]).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/")));
    assert_eq!(fixture.ledger.asked(), ["exchange c of 9130 at https://numo.example/oauth/quickbooks/callback"]);
    let connected = fixture.connections("org_a").await.remove(0);
    assert_eq!((connected.provider, connected.tenant), (LedgerProvider::Quickbooks, tenant("9130")));
}

#[tokio::test]
async fn a_callback_of_intuit_without_a_company_is_not_exchanged() {
    let fixture = fixture();
    for realm in ["", "&realmId=", "&realmId=two%20words"] {
        let (state, cookie) = fixture.begin("quickbooks", "admin-a").await;
        let query = format!("code=c&state={state}{realm}");
        let answer = fixture.get("/oauth/quickbooks/callback", &query, &[&cookie]).await;
        assert_eq!(answer.page(), (400, "QuickBooks was not connected"), "{realm}");
    }
    assert_eq!((fixture.stored().len(), fixture.ledger.asked().len()), (0, 0));
}

#[tokio::test]
async fn a_replayed_callback_gets_its_page_and_changes_nothing() {
    let fixture = fixture();
    fixture.grant(&[("tenant-1", "Palm Trading")]);
    let (state, cookie) = fixture.begin("xero", "admin-a").await;
    let query = format!("code=c&state={state}");
    assert_eq!(fixture.come_back(&query, &cookie).await.status, 303);
    let before = fixture.table.items();
    fixture.ledger.asked();
    let answer = fixture.come_back(&query, &cookie).await;
    assert_eq!((answer.page(), answer.set_cookie.as_deref()), (UNKNOWN, Some(FORGET)));
    assert!(answer.body.contains("Nothing was stored."));
    assert_eq!((fixture.table.items(), fixture.ledger.asked().len()), (before, 0));
}

#[tokio::test]
async fn a_foreign_browser_stores_nothing_and_does_not_use_the_consent_up() {
    let fixture = fixture();
    fixture.grant(&[("tenant-1", "Palm Trading")]);
    let (state, cookie) = fixture.begin("xero", "admin-a").await;
    let (_, of_another) = fixture.begin("xero", "admin-b").await;
    let query = format!("code=c&state={state}");
    for foreign in ["", "__Host-numo_oauth=", "__Host-numo_oauth=guessed", &of_another] {
        assert_eq!(fixture.come_back(&query, foreign).await.page(), UNKNOWN, "{foreign}");
    }
    assert_eq!((fixture.stored().len(), fixture.ledger.asked().len()), (0, 0));
    assert_eq!(fixture.come_back(&query, &cookie).await.status, 303);
}

#[tokio::test]
async fn a_state_of_the_other_provider_stores_nothing() {
    let fixture = fixture();
    for (begun, finished) in [("xero", "quickbooks"), ("quickbooks", "xero")] {
        let (state, cookie) = fixture.begin(begun, "admin-a").await;
        let query = format!("code=c&state={state}&realmId=9130");
        let answer = fixture.get(&format!("/oauth/{finished}/callback"), &query, &[&cookie]).await;
        assert_eq!(answer.page(), UNKNOWN, "begun at {begun}");
    }
    assert_eq!((fixture.stored().len(), fixture.ledger.asked().len()), (0, 0));
}

#[tokio::test]
async fn an_expired_or_invented_state_stores_nothing() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("xero", "admin-a").await;
    for query in ["", "code=c", "code=c&state=", "code=c&state=invented"] {
        assert_eq!(fixture.come_back(query, &cookie).await.page(), UNKNOWN, "{query}");
    }
    fixture.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(fixture.come_back(&format!("code=c&state={state}"), &cookie).await.page(), UNKNOWN);
    assert_eq!((fixture.stored().len(), fixture.ledger.asked().len()), (0, 0));
}

#[tokio::test]
async fn a_declined_or_empty_consent_gets_its_page_and_stores_nothing() {
    let fixture = fixture();
    fixture.grant(&[]);
    let answers = ["code=of-no-organisation", "error=access_denied", "error=access_denied&code=c", "error=other", ""];
    for answer in answers {
        let (state, cookie) = fixture.begin("xero", "admin-a").await;
        let page = fixture.come_back(&format!("state={state}&{answer}"), &cookie).await;
        assert_eq!(page.page(), (400, "Xero was not connected"), "{answer}");
    }
    assert_eq!(fixture.ledger.asked().len(), 1);
    assert_eq!(fixture.stored(), [""; 0]);
}

#[tokio::test]
async fn a_cap_of_connections_has_a_page_of_its_own() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("xero", "admin-a").await;
    let told = "error=access_denied&error_description=the+app+has+reached+its+limit+of+connections";
    let answer = fixture.come_back(&format!("{told}&state={state}"), &cookie).await;
    assert_eq!(answer.page(), (503, "Xero lets Numo connect no more organisations"));
    assert!(answer.body.contains("Nothing was stored.") && answer.body.contains("Write to Numo's support"));
    assert_eq!((fixture.stored().len(), fixture.ledger.asked().len()), (0, 0));
}

#[tokio::test]
async fn what_the_provider_says_about_the_code_has_its_page_and_stores_nothing() {
    let fixture = fixture();
    let refused = (400, "Xero did not accept the consent");
    let unfinished = (503, "Not finished");
    let cases = [
        (LedgerError::ReauthRequired, refused),
        (LedgerError::Rejected(400), refused),
        (LedgerError::TenantRefused, refused),
        (LedgerError::Suspended, refused),
        (LedgerError::Unavailable("down".into()), unfinished),
        (LedgerError::Malformed("no access_token".to_owned()), unfinished),
        (LedgerError::RateLimited { limit: Limit::App, retry_after: None }, unfinished),
    ];
    for (refusal, page) in cases {
        fixture.refuse(refusal);
        assert_eq!(fixture.consent("admin-a").await.0.page(), page);
    }
    assert_eq!(fixture.stored(), [""; 0]);
}

#[tokio::test]
async fn a_ledger_of_another_organisation_is_not_taken_over() {
    let fixture = fixture();
    for session in ["admin-a", "admin-b"] {
        fixture.grant(&[("tenant-1", "Palm Trading")]);
        let before = fixture.stored();
        let (answer, _) = fixture.consent(session).await;
        if session == "admin-b" {
            assert_eq!(answer.page(), (409, "Already connected elsewhere"));
            assert_eq!(fixture.stored(), before);
        }
    }
    assert_eq!(fixture.connections("org_b").await, []);
}

#[tokio::test]
async fn a_ledger_that_was_disconnected_is_connected_again_under_its_old_id() {
    let fixture = fixture();
    fixture.grant(&[("tenant-1", "Palm Trading")]);
    fixture.consent("admin-a").await;
    let before = fixture.connections("org_a").await.remove(0);
    let (waker, org) = (&fixture.ports.connect.waker, org("org_a"));
    disconnect_ledger(waker, &org, &"user_1".parse().unwrap(), before.id, now()).await.unwrap();
    let claim = fixture.queue.take().pop().unwrap().claim.unwrap();
    let vault = &fixture.ports.connect.vault;
    assert_eq!(unlink_connection(waker, vault, &org, before.id, claim, now()).await.unwrap(), Unlinked::Done);
    assert_eq!(fixture.connections("org_a").await[0].status, ConnectionStatus::Disconnected);
    fixture.grant(&[("tenant-1", "Palm Trading LLC")]);
    fixture.consent("admin-a").await;
    let after = fixture.connections("org_a").await;
    assert_eq!(after, [Connection { name: "Palm Trading LLC".to_owned(), ..before }]);
}

#[tokio::test]
async fn a_key_service_that_is_down_connects_nothing() {
    let fixture = fixture();
    fixture.grant(&[("tenant-1", "Palm Trading")]);
    fixture.keys.fail();
    assert_eq!(fixture.consent("admin-a").await.0.page(), (503, "Not finished"));
    assert_eq!(fixture.connections("org_a").await, []);
    assert_eq!(fixture.queue.take(), []);
}
