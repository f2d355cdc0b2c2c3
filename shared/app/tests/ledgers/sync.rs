//! First syncs, and those that follow.

use jiff::{SignedDuration, civil::date};
use numo_app::{
    job::Work,
    port::{
        clock::Clock,
        ledger::record::{DeletedRecord, RecordKind},
    },
    store::sync::SyncKind,
    sync_connection::{Synced, sync_connection},
};
use numo_domain::{connection::LedgerProvider, contact::ContactStatus, credit::CreditKind, invoice::InvoiceStatus};

use crate::world::{World, bill, complete, connection_id, contact, contact_ref, credit, invoice, org, payment, start};

#[tokio::test]
async fn a_first_sync_keeps_customers_invoices_and_money_of_both_ledgers() {
    for provider in LedgerProvider::ALL {
        let world = World::connected(provider).await;
        {
            let mut held = world.ledger.held();
            held.contacts = vec![contact("c1", "+971501234567")];
            held.invoices = vec![invoice("i1", "c1", "AED 400")];
            held.credits = vec![credit("n1", CreditKind::CreditNote, "c1", "AED 30")];
            held.bills = vec![bill("b1", "c1", "AED 70")];
            held.payments = vec![payment("p1", "c1", 20), payment("p2", "c1", 24)];
        }
        let run = complete(world.sync().await);
        assert_eq!((run.kind, run.calls, run.failure), (SyncKind::First, 2, None));
        assert_eq!((run.contacts_written, run.invoices_written, run.money_written), (1, 1, 4));
        assert_eq!(world.invoices(&["i1"]).await, ["i1 Open AED 400.00"]);
        let credits = world.store.open_credits_of(&org(), &contact_ref("c1")).await.unwrap();
        let bills = world.store.open_bills_of(&org(), &contact_ref("c1")).await.unwrap();
        assert_eq!((credits[0].remaining.minor, bills[0].remaining.minor), (3_000, 7_000));
        assert_eq!(world.store.payments(&org(), connection_id()).await.unwrap().len(), 2);
        let connection = world.connection().await;
        assert_eq!(connection.last_payment_on, Some(date(2026, 11, 24)));
        assert_eq!(connection.last_synced_at, Some(start()));
        let woken: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
        assert_eq!(woken, [Work::PlanDay {}]);
        assert_eq!(
            world.ledger.asked(),
            ["organisation", "everything since 2024-11-26, page 1, with token-1"],
            "{provider:?}"
        );
    }
}

#[tokio::test]
async fn a_first_sync_that_runs_out_of_time_goes_on_at_its_next_page() {
    let world = World::connected(LedgerProvider::Xero).await;
    {
        let mut held = world.ledger.held();
        held.rows_per_page = 1;
        held.invoices = (1..=3).map(|n| invoice(&format!("i{n}"), "c1", "AED 10")).collect();
    }
    assert_eq!(world.sync_within(SignedDuration::from_secs(30)).await, Synced::Continued);
    let shown = world.store.sync_runs(&org(), connection_id(), 1).await.unwrap();
    assert_eq!((shown[0].invoices_read, shown[0].ended_at), (1, None), "progress is shown while it runs");
    assert_eq!(world.connection().await.last_synced_at, None, "half a ledger is not believed");
    assert_eq!(world.sync_within(SignedDuration::from_secs(30)).await, Synced::Continued);
    let run = complete(world.sync().await);
    assert_eq!((run.id, run.invoices_written, run.calls), (shown[0].id, 3, 4));
    let pages = ["page 1", "page 2", "page 3"].map(|page| format!("everything since 2024-11-26, {page}, with token-1"));
    assert_eq!(world.ledger.asked()[1..], pages);
    assert_eq!(world.store.sync_runs(&org(), connection_id(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_sync_that_rested_for_a_day_begins_again() {
    let world = World::connected(LedgerProvider::Xero).await;
    world.ledger.held().rows_per_page = 1;
    world.ledger.held().invoices = vec![invoice("i1", "c1", "AED 10"), invoice("i2", "c1", "AED 10")];
    world.ledger.held().refreshes.push_back(Ok(crate::world::tokens("token-2", start())));
    world.sync_within(SignedDuration::from_secs(30)).await;
    world.pass(SignedDuration::from_hours(25));
    world.ledger.held().refreshes = [Ok(crate::world::tokens("token-2", world.clock.now()))].into();
    world.ledger.asked();
    complete(world.sync().await);
    assert_eq!(world.ledger.asked()[2], "everything since 2024-11-27, page 1, with token-2");
}

#[tokio::test]
async fn a_sync_whose_claim_was_lost_stops_at_its_next_page() {
    let world = World::connected(LedgerProvider::Xero).await;
    world.ledger.held().rows_per_page = 1;
    world.ledger.held().invoices = vec![invoice("i1", "c1", "AED 10"), invoice("i2", "c1", "AED 10")];
    let job = world.job().await;
    let deadline = start().checked_add(SignedDuration::from_mins(10)).unwrap();
    // Somebody asks again while it runs: the work is claimed anew.
    world.clock.advance(SignedDuration::from_mins(6));
    let later = world.job().await;
    let synced = sync_connection(&world.ports, &org(), connection_id(), job.claim.unwrap(), deadline).await.unwrap();
    assert_eq!((synced, world.ledger.asked()), (Synced::Stale, Vec::<String>::new()));
    assert_ne!(job.claim, later.claim);
}

#[tokio::test]
async fn later_syncs_read_what_changed_and_write_nothing_twice() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.pass(SignedDuration::from_mins(20));
    world.ledger.held().invoices[0].remaining.minor = 10_000;
    world.ledger.held().invoices[0].updated_at = world.clock.now();
    let run = complete(world.sync().await);
    assert_eq!((run.kind, run.calls), (SyncKind::Changes, 1));
    assert_eq!(world.invoices(&["i1", "i2"]).await, ["i1 Open AED 100.00", "i2 Open AED 90.00"]);
    assert_eq!(world.ledger.asked(), ["changes since 2026-11-26T05:55:00Z, page 1, with token-1"]);
    let again = complete(world.sync().await);
    assert_eq!((again.contacts_written, again.invoices_written, again.money_written), (0, 0, 0));
    assert_eq!(world.ledger.asked(), ["changes since 2026-11-26T06:15:00Z, page 1, with token-1"]);
}

#[tokio::test]
async fn after_a_longer_silence_than_the_ledger_remembers_everything_is_read_again() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().remembers_for = Some(SignedDuration::from_hours(24 * 29));
    world.pass(SignedDuration::from_hours(24 * 40));
    world.ledger.held().refreshes.push_back(Ok(crate::world::tokens("token-2", world.clock.now())));
    assert_eq!(complete(world.sync().await).kind, SyncKind::First);
}

#[tokio::test]
async fn what_a_ledger_tells_as_deleted_is_closed_here() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().credits =
        vec![credit("7", CreditKind::Payment, "c1", "AED 30"), credit("8", CreditKind::CreditNote, "c1", "AED 40")];
    world.ledger.held().payments = vec![payment("7", "c1", 20)];
    complete(world.sync().await);
    {
        let mut held = world.ledger.held();
        let updated_at = held.read_at;
        let gone = |kind, id: &str| DeletedRecord { kind, id: id.parse().unwrap(), updated_at };
        held.deleted = vec![
            gone(RecordKind::Invoice, "i1"),
            gone(RecordKind::Invoice, "never-known"),
            gone(RecordKind::Payment, "7"),
            gone(RecordKind::CreditNote, "8"),
            gone(RecordKind::Contact, "c2"),
        ];
        held.invoices.remove(0);
        held.contacts.remove(1);
        held.credits.clear();
        held.payments.clear();
    }
    complete(world.sync().await);
    assert_eq!(world.invoices(&["i1", "never-known"]).await, ["i1 Deleted AED 0.00"]);
    assert_eq!(world.store.open_credits(&org()).await.unwrap(), []);
    assert!(world.store.payments(&org(), connection_id()).await.unwrap()[0].is_reversed);
    let contacts = world.store.contacts_by_ref(&org(), &[contact_ref("c2")]).await.unwrap();
    assert_eq!(contacts[0].value.status, ContactStatus::Archived);
}

#[tokio::test]
async fn an_invoice_that_is_settled_is_told_to_outsiders_once() {
    let world = World::synced(LedgerProvider::Xero).await;
    let paid_at = world.clock.now();
    {
        let mut held = world.ledger.held();
        held.invoices[0].status = InvoiceStatus::Paid;
        held.invoices[0].remaining.minor = 0;
        held.invoices[0].updated_at = paid_at;
    }
    complete(world.sync().await);
    complete(world.sync().await);
    assert_eq!(world.events.published().len(), 1);
}
