//! Going through everything open, because ledgers do not tell every change.

use jiff::{SignedDuration, civil::date};
use numo_app::{
    port::{
        clock::Clock,
        ledger::record::{RecordKind, SkippedRow},
    },
    store::sync::SyncKind,
};
use numo_domain::{connection::LedgerProvider, credit::CreditKind, invoice::InvoiceStatus};

use crate::world::{World, bill, complete, credit, org, tokens};

async fn kind_of_next(world: &World) -> SyncKind {
    complete(world.sync().await).kind
}

/// A world whose next sync is a sweep.
async fn before_sweep() -> World {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().credits = vec![credit("n1", CreditKind::Overpayment, "c1", "AED 30")];
    world.ledger.held().bills = vec![bill("b1", "c1", "AED 70")];
    assert_eq!(kind_of_next(&world).await, SyncKind::Changes);
    world.pass(SignedDuration::from_mins(61));
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    world.ledger.asked();
    world
}

#[tokio::test]
async fn a_sweep_follows_an_hour_after_the_first_sync_and_then_every_day() {
    let world = before_sweep().await;
    assert_eq!(kind_of_next(&world).await, SyncKind::Sweep);
    assert_eq!(kind_of_next(&world).await, SyncKind::Changes);
    world.pass(SignedDuration::from_hours(24));
    world.ledger.held().refreshes.push_back(Ok(tokens("token-3", world.clock.now())));
    assert_eq!(kind_of_next(&world).await, SyncKind::Sweep);
}

#[tokio::test]
async fn a_sweep_sees_an_edit_that_the_ledger_does_not_tell() {
    let world = before_sweep().await;
    world.ledger.held().invoices[0].due = Some(date(2026, 12, 24));
    world.ledger.held().own_reminders = Some(true);
    assert_eq!(kind_of_next(&world).await, SyncKind::Sweep);
    let open = world.store.open_invoices(&org()).await.unwrap();
    assert_eq!(open[0].due, Some(date(2026, 12, 24)));
    assert_eq!(world.connection().await.own_reminders, Some(true));
    assert_eq!(
        world.ledger.asked(),
        ["refresh refresh of token-1", "organisation", "own_reminders", "open, page 1, with token-2"]
    );
}

#[tokio::test]
async fn an_open_invoice_that_a_sweep_does_not_meet_is_asked_for_and_brought_up_to_date() {
    let world = before_sweep().await;
    {
        let mut held = world.ledger.held();
        held.invoices.remove(0);
        held.invoices[0].status = InvoiceStatus::Paid;
        held.invoices[0].remaining.minor = 0;
        held.credits.clear();
        held.bills.clear();
    }
    assert_eq!(kind_of_next(&world).await, SyncKind::Sweep);
    assert_eq!(world.ledger.asked().last().unwrap(), "invoices i1,i2");
    assert_eq!(world.invoices(&["i1", "i2"]).await, ["i1 Deleted AED 0.00", "i2 Paid AED 0.00"]);
    assert_eq!(world.store.open_credits(&org()).await.unwrap(), []);
    assert_eq!(world.store.open_bills(&org()).await.unwrap(), []);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_not_taken_for_gone() {
    let world = before_sweep().await;
    {
        let mut held = world.ledger.held();
        held.invoices.remove(0);
        held.credits.clear();
        held.bills.clear();
        let skipped = |kind, id: &str| SkippedRow {
            kind,
            id: id.parse().ok(),
            number: Some("INV-1".to_owned()),
            contact: None,
            reason: "Total: wrong type".to_owned(),
        };
        held.skipped = vec![
            skipped(RecordKind::Invoice, "i1"),
            skipped(RecordKind::Overpayment, "n1"),
            skipped(RecordKind::Bill, "b1"),
        ];
    }
    assert_eq!(kind_of_next(&world).await, SyncKind::Sweep);
    assert_eq!(world.invoices(&["i1"]).await, ["i1 Open AED 400.00"]);
    assert_eq!(world.store.open_credits(&org()).await.unwrap().len(), 1);
    assert_eq!(world.store.open_bills(&org()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_ledger_that_may_have_hidden_deletions_is_swept_at_once() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().may_miss_deletions = true;
    assert_eq!(kind_of_next(&world).await, SyncKind::Changes);
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::ZERO));
    assert_eq!(kind_of_next(&world).await, SyncKind::Sweep);
}
