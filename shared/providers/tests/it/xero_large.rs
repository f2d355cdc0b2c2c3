//! A large organisation is read in few calls.

use std::collections::BTreeSet;

use jiff::civil::date;
use numo_app::port::ledger::reader::{LedgerReader, Pull};
use numo_domain::id::ExternalId;
use serde_json::json;

use crate::bench::{Bench, pulled};

#[tokio::test]
async fn ten_thousand_invoices_are_read_in_eighteen_calls_and_an_unchanged_ledger_in_seven() {
    let bench = Bench::start().await;
    let size = json!({
        "key": "large", "invoices": 10_000, "contacts": 2_000,
        "credit_notes": 200, "prepayments": 50, "overpayments": 50, "bills": 300,
    });
    bench.control("xero/large", size).await;
    bench.sim.handle.advance_seconds(60);
    let access = bench.ledger("large").await;
    let reader = bench.xero_reader();
    // The eighteenth call is that for the organisation.
    reader.organisation(&access).await.unwrap();
    let everything = Pull::Everything { dated_since: date(2000, 1, 1) };
    let (first, n_calls) = pulled(&reader, &access, &everything).await;
    assert!(n_calls <= 17, "{n_calls}");
    let ids: BTreeSet<&ExternalId> = first.invoices.iter().map(|invoice| &invoice.id).collect();
    assert_eq!((ids.len(), first.invoices.len(), first.contacts.len()), (10_000, 10_000, 2_000));
    // Of the bills only those that are open.
    assert_eq!((first.credits.len(), first.bills.len()), (300, 90));
    let (changed, n_calls) = pulled(&reader, &access, &Pull::Changes { since: first.read_at }).await;
    assert!(n_calls <= 7, "{n_calls}");
    assert!(changed.invoices.is_empty() && changed.contacts.is_empty() && changed.credits.is_empty());
}
